"""Effects of a plan on objects that another service manages too: said with each change, asked before the worst.
Pure.
"""

from collections.abc import Sequence

from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.keepers import SERVICES, claimed
from ecsplan.model.plan import Guard
from ecsplan.planner.guard import THEIRS

_QUIET = (Action.NOOP, Action.CREATE, Action.RELEASE)
_GRAVE = (Action.ADOPT, Action.REPLACE, Action.DELETE)


def told_of_keepers(changes: Sequence[Change], account: str) -> tuple[tuple[Change, ...], list[Guard]]:
    """The changes, with a note on those of which another service would know nothing; and a guard for what is taken
    over, replaced or deleted."""
    found = [(change, _keeper(change, account)) for change in changes]
    grave = tuple(change.address for change, note in found if note and (change.action in _GRAVE or _is_taken(change)))
    guard = Guard(
        THEIRS,
        "what another service keeps would be taken over, replaced or deleted",
        "that service may undo it, or miss it: approve it at the prompt, or say "
        + " ".join(f"--allow {address}" for address in grave[:3])
        + (" …" if len(grave) > 3 else ""),
        grave,
    )
    noted = (replace(change, notes=(*change.notes, note)) if note else change for change, note in found)
    return tuple(noted), [guard] if grave else []


def _is_taken(change: Change) -> bool:
    """An adoption that changes something at once is an update."""
    return change.before is not None and change.before.owner is None


def _keeper(change: Change, account: str) -> str:
    if change.before is None or change.action in _QUIET or change.blocked:
        return ""
    keeper, because = claimed(change.before, account)
    return f"{keeper} keeps {change.before.id}, too: {because}" if keeper in SERVICES else ""
