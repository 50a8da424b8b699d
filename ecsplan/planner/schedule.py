"""Schedules of power: whether a machine is to run is told by the clock. Pure; the time is passed in."""

from collections.abc import Iterable

from ecsplan.model.capabilities.power import Power
from ecsplan.model.copying import replace
from ecsplan.model.hours import Hours
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import Resource
from ecsplan.model.stack import Stack

RUNNING, STOPPED = "running", "stopped"


def at_the_hour(stack: Stack, kinds: Kinds, now: float) -> Stack:
    """The stack with the power states that its schedules ask for at `now` (seconds since 1970)."""
    if not any(resource.lifecycle.schedule for resource in stack.resources):
        return stack
    return replace(stack, resources=tuple(_scheduled(stack.resources, kinds, now)))


def _scheduled(resources: Iterable[Resource], kinds: Kinds, now: float) -> Iterable[Resource]:
    for resource in resources:
        power = kinds[resource.address.kind].capability(Power)
        if not resource.lifecycle.schedule or power is None:
            yield resource
            continue
        state = RUNNING if Hours.parse(resource.lifecycle.schedule).holds(now) else STOPPED
        attributes, lifecycle = {**resource.attributes, power.attribute: state}, resource.lifecycle
        if state == RUNNING:  # how it is off is no difference now
            lifecycle = replace(lifecycle, ignore_changes=tuple(sorted({*lifecycle.ignore_changes, *power.when_off})))
        yield replace(resource, attributes=attributes, lifecycle=lifecycle)
