"""Notes on a machine that is off, for good or by the hour: savings and risks."""

from ecsplan.model.hours import Hours
from ecsplan.model.resource import Resource

ECONOMY = "StopCharging"
WEEK = 168


def power_note(resource: Resource) -> str:
    """Of a change of power."""
    if resource.lifecycle.schedule:
        return by_schedule(resource)
    return how_it_is_off(resource) if resource.attributes.get("state") == "stopped" else ""


def how_it_is_off(resource: Resource) -> str:
    """What a reader of the plan should know of a stop for good."""
    if resource.attributes.get("stopped_mode") == ECONOMY:
        return "economical mode (StopCharging): vCPUs and memory are given back, a later start may find none"
    return "vCPUs, memory and public address are kept, and paid for (KeepCharging)"


def by_schedule(resource: Resource) -> str:
    """`by its schedule it runs 60 of 168 hours a week (…); …`."""
    hours = Hours.parse(resource.lifecycle.schedule)
    runs = f"by its schedule it runs {hours.per_week:g} of {WEEK} hours a week ({hours.text})"
    if resource.attributes.get("stopped_mode") != ECONOMY:
        return f"{runs}; nothing is saved in the others, as vCPUs and memory are kept and paid for (KeepCharging)"
    saved = f"in the other {WEEK - hours.per_week:g} hours vCPUs and memory cost nothing (StopCharging, pay as you go)"
    return f"{runs}; {saved}, and a start may find none left"
