"""Whether a plan made now is the saved one, in whole or in part done; else what has moved. Pure.

An attribute may hold its recorded before or its after; a thing to be made may be absent or there; one to be deleted
may be gone. What the saved plan does not touch may be as it likes, unless what it touches refers to it.
"""

from collections.abc import Iterator, Mapping, Sequence

from ecsplan.model.address import Address
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.composites import refs_in
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Kinds

_QUIET = (Action.NOOP,)


def moved(saved: Sequence[Change], fresh: Sequence[Change], kinds: Kinds) -> Iterator[Diagnostic]:
    """What makes the saved plan stale, by object and attribute; nothing when it may be applied."""
    planned = {_key(change): change for change in saved if change.action not in _QUIET}
    recorded = {change.address: change for change in saved}
    touched = {change.address for change in planned.values()}
    needed = {
        ref.address
        for change in planned.values()
        if change.after is not None
        for value in change.after.attributes.values()
        for ref in refs_in(value)
    }
    for change in fresh:
        before = planned.get(_key(change)) or _other_half(change, saved)
        if before is not None:
            yield from _differences(before, change, kinds)
        elif change.action is Action.CREATE and change.address in touched | needed:
            yield _moved(change.address, "it is gone; the plan counts on it")
        elif change.action is Action.REPLACE and change.address in needed:
            yield _moved(change.address, "it would have to be replaced now; the plan counts on it")
    yield from _vanished(planned, fresh, recorded)


def _key(change: Change) -> tuple[Address, bool]:
    return (change.address, change.action is Action.DELETE)


def _other_half(change: Change, saved: Sequence[Change]) -> Change | None:
    """A deletion that is the rest of a planned replacement: the retired object of the same id."""
    if change.action is not Action.DELETE or change.before is None:
        return None
    return next(
        (c for c in saved if c.action is Action.REPLACE and c.before is not None and c.before.id == change.before.id),
        None,
    )


def _moved(address: Address, what: str) -> Diagnostic:
    return Diagnostic(f"the cloud has moved since the plan was made: {what}", "plan again", address=address)


def _differences(saved: Change, fresh: Change, kinds: Kinds) -> Iterator[Diagnostic]:
    """How the fresh change of an address goes beyond the saved one."""
    if fresh.action in (Action.NOOP, Action.RELEASE):
        return
    if fresh.action is Action.CREATE:
        if saved.action not in (Action.CREATE, Action.REPLACE):
            yield _moved(fresh.address, f"{saved.before.id if saved.before else 'it'} is gone")
        return
    assert fresh.before is not None
    same = saved.before is not None and saved.before.id == fresh.before.id
    if fresh.action is Action.DELETE:
        if not same:
            yield _moved(
                fresh.address, f"{fresh.before.id} stands where {saved.before.id if saved.before else '-'} was"
            )
        return
    if fresh.action is Action.REPLACE and (saved.action is not Action.REPLACE or not same):
        yield _moved(fresh.address, "it would have to be replaced now")
        return
    if saved.action in (Action.UPDATE, Action.ADOPT, Action.MOVE) and not same:
        yield _moved(fresh.address, f"it is another object now, {fresh.before.id}")
        return
    born = saved.action in (Action.CREATE, Action.REPLACE) and not same
    later = kinds[fresh.kind].create.of(fresh.after).later if born and fresh.after is not None else ()
    for line in fresh.attributes:
        if line.before is None and line.name in kinds[fresh.kind].delete.release:
            continue  # an association that is to move is let go in between
        yield from _line_moved(saved, fresh.address, line, later)


def _line_moved(saved: Change, address: Address, line: AttributeChange, later: Sequence[str]) -> Iterator[Diagnostic]:
    planned = saved.attributes_by_name.get(line.name)
    if line.name in later:
        return  # it is set by a step of its own after the create
    if planned is None:
        yield _moved(address, f"{line.name} is {line.before!r} now")
    elif line.before not in (planned.before, planned.after) and repr(line.before) != repr(planned.before):
        yield _moved(address, f"{line.name} is {line.before!r} now; it was {planned.before!r}")


def _vanished(
    planned: Mapping[tuple[Address, bool], Change], fresh: Sequence[Change], recorded: Mapping[Address, Change]
) -> Iterator[Diagnostic]:
    """A planned update whose object is declared no longer, or a planned change that the fresh plan does not know."""
    seen = {change.address for change in fresh}
    for (address, _), change in planned.items():
        gone_is_done = change.action in (Action.DELETE, Action.RELEASE)
        if address not in seen and not gone_is_done and address in recorded:
            yield _moved(address, "nothing is known of it any more")


def untouched(saved: Sequence[Change]) -> set[Address]:
    """Addresses that the saved plan leaves alone; what a fresh plan would do there is not done."""
    return {change.address for change in saved if change.action in _QUIET}
