"""Limits that a plan must respect. They never hide a plan: `plan` shows what is blocked, `apply` refuses. Pure."""

from collections.abc import Collection, Iterator, Sequence

from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, Change
from ecsplan.model.plan import Guard

SHARE = 0.3
FEW = 3
RETIRED = "replaced by a newer one"


def guards(changes: Sequence[Change], *, is_destroy: bool, is_empty: bool) -> tuple[Guard, ...]:
    """`blocked` cannot be lifted by an option; `share`, `loss` and `empty` can, as their details say."""
    return tuple(_guards(changes, is_destroy, is_empty))


def _guards(changes: Sequence[Change], is_destroy: bool, is_empty: bool) -> Iterator[Guard]:
    for change in changes:
        for reason in change.blocked:
            yield Guard("blocked", reason, "", (change.address,))
    if is_destroy:
        return
    if is_empty:
        yield Guard(
            "empty",
            "the stack declares no resources; applying it would delete everything",
            "to remove a stack, run ecsplan destroy",
        )
    going = tuple(
        change.address
        for change in changes
        if change.action in (Action.DELETE, Action.REPLACE) and not change.reason.startswith(RETIRED)
    )
    live = sum(1 for change in changes if change.before is not None)
    if len(going) > FEW and len(going) > SHARE * live:
        yield Guard(
            "share",
            f"{len(going)} of {live} live resources would be destroyed or replaced",
            f"if that is meant, say --allow-destroy {len(going)}",
            going,
        )
    losing = tuple(change.address for change in changes if _loses(change))
    if losing:
        yield Guard(
            "loss",
            "data or a public address would be lost",
            "approve it at the prompt, apply a saved plan, or say --allow ADDRESS for each "
            f"(or --allow-destroy {len(going) or len(losing)})",
            losing,
        )


def _loses(change: Change) -> bool:
    """Whether data or a public address goes for good."""
    if change.action is Action.NOOP or change.reason.startswith(RETIRED):
        return False
    if change.impact is Impact.DATA_LOSS:
        return True
    return change.impact is Impact.NEW_IDENTITY and bool(change.loses)


def lifted(guard: Guard, *, approved: bool, allow: Collection[Address], allow_destroy: int | None) -> bool:
    """Whether the person has said yes to this guard."""
    count = len(guard.addresses)
    enough = allow_destroy is not None and allow_destroy >= count
    if guard.name == "share":
        return enough
    if guard.name == "loss":
        return approved or enough or all(a in allow or a.group in allow for a in guard.addresses)
    return False
