"""What an object lets go of before it is deleted, as Changes of its own attributes. Used by steps.py; pure."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.kind import Kind


def release_changes(kind: Kind, change: Change, doomed: Collection[str]) -> Iterator[Change]:
    """A single thing that is held (an association) is always let go; of a list, what refers to the doomed."""
    assert change.before is not None
    for name in kind.delete.release:
        live = change.before.attributes.get(name)
        if live is None:
            continue
        left = tuple(item for item in live if not mentions(item, doomed)) if isinstance(live, tuple) else None
        if left == live:
            continue
        line = AttributeChange(name, live, left)
        yield replace(change, action=Action.UPDATE, attributes=(line,))


def mentions(value: Any, ids: Collection[str]) -> bool:
    """Whether a canonical value names one of the ids."""
    if isinstance(value, tuple):
        return any(mentions(item, ids) for item in value)
    return isinstance(value, str) and value in ids
