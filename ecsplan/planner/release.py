"""The links that an object releases before it is deleted, as Changes of its own attributes. Used by steps.py; pure."""

from collections.abc import Collection, Iterator

from ecsplan.model.algebra import texts
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.composites import ListOf, MapOf
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind


def release_changes(kind: Kind, change: Change, doomed: Collection[str]) -> Iterator[Change]:
    """A single thing that is held (an association) is always let go; of a list, what refers to others of the doomed."""
    assert change.before is not None
    for name in kind.delete.release:
        live = change.before.attributes.get(name)
        if live is None:
            continue
        left = None
        if isinstance(live, tuple):
            kept = () if name in kind.delete.empties else live
            left = tuple(item for item in kept if not mentions(item, doomed, change.before.id))
        if left == live:
            continue
        line = AttributeChange(name, live, left)
        yield replace(change, action=Action.UPDATE, attributes=(line,))


def mentions(value: object, ids: Collection[str], but: str) -> bool:
    """Whether a canonical value names one of the ids, and not this one."""
    return any(text in ids and text != but for text in texts(value))


def is_let_go_early(kind: Kind, name: str) -> bool:
    """Whether an old object lets go of it before its new one takes it up: an association, which only one can have."""
    is_single = not isinstance(kind.attribute(name).type, (ListOf, MapOf))
    return is_single and name in kind.delete.release and name in kind.create.later
