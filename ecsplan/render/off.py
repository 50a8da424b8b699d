"""Machines that are off without being meant to be: the first lines of a report, in every format."""

from collections.abc import Iterator, Sequence

from ecsplan.model.plan import Off
from ecsplan.render.values import clean

NAMED = 20  # in one line; the lines that follow, and JSON, have all


def off_headlines(machines: Sequence[Off]) -> Iterator[str]:
    """At most two lines: what a run left off, and what it found off and leaves so."""
    ours = [one for one in machines if one.by_us]
    found = [one for one in machines if not one.by_us]
    if ours:
        yield f"OFF: {_names(ours)} {_is(ours)} stopped for a change and not running again"
    if found:
        yield f"Off, as found: {_names(found)} {_is(found)} not running, and the stack file does not say so"


def off_details(machines: Sequence[Off]) -> Iterator[str]:
    """Why each is off, and how to start what a run left off."""
    ours = [one for one in machines if one.by_us]
    yield from (f"{one.address}: {clean(one.why)}" for one in ours)
    if ours:
        addresses = " ".join(f"'{one.address}'" for one in ours[:NAMED])
        yield f"the next apply starts what is off; or now: ecsplan start {addresses}"


def _names(machines: Sequence[Off]) -> str:
    named = ", ".join(f"{one.address} ({one.id})" for one in machines[:NAMED])
    return named + (f" and {len(machines) - NAMED:,} more" if len(machines) > NAMED else "")


def _is(machines: Sequence[Off]) -> str:
    return "is" if len(machines) == 1 else "are"
