"""Limits that a plan must respect. They never hide a plan: `plan` shows what is blocked, `apply` refuses. Pure."""

from collections.abc import Collection, Iterator, Sequence

from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, Change, Going
from ecsplan.model.plan import Guard
from ecsplan.model.preflight import Level, PreflightReport

SHARE = 0.3
FEW = 3
A_YEAR = 12  # months
MANY = 10  # machines that one yes for everything may restart
_RESTARTS = frozenset({Impact.REBOOT, Impact.STOP_START, Impact.STOP})
PREFLIGHT = "preflight"  # what the service would refuse, as it said itself
SECOND = "second"  # the guard that knows what else the folder was for; see engine/knowing.py
DENIED, DRIFT = "denied", "drift"  # what was asked for beside the stack; see engine/modes.py
THEIRS = "theirs"  # what another service keeps; see engine/keepers.py
BY_CIRCUMSTANCE = (SECOND, DENIED, DRIFT, THEIRS)  # not told by the changes alone


def guards(changes: Sequence[Change], *, stack: str, is_destroy: bool, is_empty: bool) -> tuple[Guard, ...]:
    """`blocked` cannot be lifted by an option; the others can, as their details say.

    `is_empty`: the file declares nothing.
    """
    return tuple(_guards(changes, stack, is_destroy, is_empty))


def guards_of_preflight(found: PreflightReport) -> tuple[Guard, ...]:
    """One for each failure; none can be lifted but by planning without a look ahead."""
    off = "or plan with --preflight off"
    return tuple(
        Guard(PREFLIGHT, one.summary, f"{one.advice}; {off}" if one.advice else off.removeprefix("or "), one.addresses)
        for one in found.of(Level.FAIL)
    )


def _guards(changes: Sequence[Change], stack: str, is_destroy: bool, is_empty: bool) -> Iterator[Guard]:
    yield from _blocked(changes)
    yield from _doubts(changes)
    yield from _purchases(changes)
    yield from _restarts(changes)
    if is_destroy:
        return
    yield from _twins(changes)
    yield from _gone(changes, stack, is_empty)
    going = tuple(
        change.address
        for change in changes
        if change.action in (Action.DELETE, Action.REPLACE) and change.going is not Going.RETIRED
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


def _blocked(changes: Sequence[Change]) -> Iterator[Guard]:
    """What the members of a group are blocked by alike is one guard."""
    found: dict[tuple[Address, str], list[Address]] = {}
    for change in changes:
        for reason in change.blocked:
            found.setdefault((change.address.group, reason), []).append(change.address)
    for (_, reason), addresses in found.items():
        yield Guard("blocked", reason, "", tuple(addresses))


def _purchases(changes: Sequence[Change]) -> Iterator[Guard]:
    """Nobody buys a year by a pipeline that says yes to everything."""
    buying = tuple(c.address for c in changes if c.buys is not None and c.buys.months >= A_YEAR)
    if buying:
        yield Guard(
            "purchase",
            "a subscription of a year or more would be bought",
            f"approve it at the prompt, apply a saved plan, or say {_allow(buying)}",
            buying,
        )


def _restarts(changes: Sequence[Change]) -> Iterator[Guard]:
    """A change of one line may take a fleet down, wave by wave."""
    restarted = tuple(c.address for c in changes if c.action is not Action.NOOP and c.impacts & _RESTARTS)
    if len(restarted) > MANY:
        yield Guard(
            "restarts",
            f"{len(restarted)} machines would be stopped or restarted",
            "approve it at the prompt, apply a saved plan, or say --allow reboot,stop_start,stop",
            restarted,
        )


def _doubts(changes: Sequence[Change]) -> Iterator[Guard]:
    """Tags are claims: anybody who may tag can write them."""
    doubtful = tuple(change.address for change in changes if change.is_doubtful)
    if doubtful:
        yield Guard(
            "doubt",
            "what would be deleted, replaced or taken up is known by its tags only",
            f"look at the ids; if they are ours, approve it at the prompt, or say {_allow(doubtful)}",
            doubtful,
        )


def _twins(changes: Sequence[Change]) -> Iterator[Guard]:
    made = tuple(change.address for change in changes if change.twins)
    if made:
        yield Guard(
            "twin",
            "there is something that looks like what would be made, and has lost its tags",
            f"adopt it, or fix its tags; if a second one is meant, approve it at the prompt, or say {_allow(made)}",
            made,
        )


def _gone(changes: Sequence[Change], stack: str, is_empty: bool) -> Iterator[Guard]:
    """Nothing that is live survives, and nobody asked for that."""
    going = tuple(change.address for change in changes if change.action is Action.DELETE)
    stays = any(c.action is not Action.DELETE and c.before is not None and c.before.owner is not None for c in changes)
    if not going or stays:
        return
    if is_empty:
        yield Guard(
            "empty",
            "the stack declares no resources; applying it would delete everything",
            "to remove a stack, run ecsplan destroy; to let go of it, write released",
        )
    yield Guard(
        "gone",
        f"nothing of stack {stack} is in this file: is it the wrong folder, or is the name used twice?",
        f"if all of it is to be deleted, say --allow-destroy {len(going)}",
        going,
    )


def _allow(addresses: Sequence[Address]) -> str:
    return " ".join(f"--allow {address}" for address in addresses[:3]) + (" …" if len(addresses) > 3 else "")


def _loses(change: Change) -> bool:
    """Whether data or a public address goes for good."""
    if change.action is Action.NOOP or change.going is Going.RETIRED:
        return False
    return Impact.DATA_LOSS in change.impacts or (Impact.NEW_ADDRESS in change.impacts and bool(change.loses))


def lifted(guard: Guard, *, approved: bool, allow: Collection[Address], allow_destroy: int | None) -> bool:
    """Whether the person has said yes to this guard."""
    count = len(guard.addresses)
    enough = allow_destroy is not None and allow_destroy >= count
    if guard.name in ("share", "gone"):
        return enough
    named = all(address in allow or address.group in allow for address in guard.addresses)
    if guard.name == "loss":
        return approved or enough or named
    if guard.name in ("doubt", "twin", SECOND, THEIRS, "purchase", "restarts"):
        return approved or named
    return False
