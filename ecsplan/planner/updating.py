"""The steps of updates of one object, each with what puts back what it took away. Used by window.py and draining.py."""

from collections.abc import Iterable, Iterator

from ecsplan.model.change import AttributeChange, Change
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Update
from ecsplan.planner.calls import update_calls
from ecsplan.planner.drafts import Draft, Work


def steps_of(
    work: Work, kind: Kind, change: Change, verb: str, updates: Iterable[tuple[Update, list[AttributeChange]]]
) -> list[Draft]:
    """The steps of updates, each with those that put back what it took away where the rest does not come through."""
    found: list[Draft] = []
    for update, lines in updates:
        names = [line.name for line in lines]
        drafts = [
            work.add(change, verb, call, update, sets=names) for call in update_calls(kind, change, update, lines)
        ]
        found += [*drafts, *_undone(work, kind, change, drafts)]
    return found


def _undone(work: Work, kind: Kind, change: Change, drafts: list[Draft]) -> Iterator[Draft]:
    # The last call takes nothing away that another would have to give: only those before it are put back.
    for place, draft in enumerate(drafts[:-1], 1):
        undo = draft.calls[0].undo
        if undo is not None:
            rest = [later.id for later in drafts[place:]]
            rescue = work.add(change, "restore", replace(undo, kind=undo.kind or kind.name))
            work.close(rescue, after=rest, opened_by=[draft.id], unless=rest[-1:])
            yield rescue
