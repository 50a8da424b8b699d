"""Limits that a person sets on a plan: `--only`, `--deny`, `--allow` by class of change, and `--on-drift`. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from ecsplan.engine.facts import CLOSED, NO_ACCESS, OPENED, Access, access_of, classes_of
from ecsplan.engine.options import PlanOptions
from ecsplan.engine.select import without
from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Cause, Change
from ecsplan.model.drift import DriftFinding, Moved
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Guard
from ecsplan.model.stack import Stack
from ecsplan.planner.drift import Traces, drift
from ecsplan.planner.guard import DENIED, DRIFT

_OUTSIDE = (Cause.DRIFT, Cause.BOTH)
_LIFTED_BY = {
    "loss": ("data_loss", "address_loss"),
    "purchase": ("purchase",),
    "restarts": ("reboot", "stop_start", "stop"),
}
"""Which classes of a guard's changes `--allow CLASS` has to name."""


def in_mode(
    changes: Sequence[Change], stack: Stack, inventory: Inventory, kinds: Kinds, options: PlanOptions
) -> tuple[tuple[Change, ...], Callable[[Sequence[Change]], list[Guard]]]:
    """Without what `--only` does not name, what drifted where that is kept, and what depends on any of them.

    And a function that tells the guards, once the changes are worked out. Nobody asks what drifted where it is
    simply reverted.
    """
    born = {address: id_ for id_, address in inventory.known.ids.items() if isinstance(address, Address)}
    traces = Traces(stack, inventory, born, kinds)
    drifted = () if options.on_drift == "revert" else tuple(moved_outside(changes, traces))
    going = set(drifted) if options.on_drift == "keep" else set()
    if options.only:
        access = _access(changes)
        going |= {change.address for change in changes if not _in_only(change, kinds, access) <= set(options.only)}
    kept = without(changes, stack, going) if going else tuple(changes)
    return kept, lambda found: list(mode_guards(found, kinds, options, drifted))


def _access(changes: Sequence[Change]) -> Access:
    from ecsplan.engine.reaching import reach_of  # late: few plans are asked for classes of changes

    return access_of(reach_of(changes))


def moved_outside(changes: Iterable[Change], traces: Traces) -> Iterator[Address]:
    """What somebody changed or deleted since the last apply."""
    findings, _ = drift(changes, traces)
    return (finding.address for finding in findings if _is_certain(finding))


def _is_certain(finding: DriftFinding) -> bool:
    """What may as well be a change of the file is none."""
    if finding.moved is not Moved.CHANGED or finding.change is None:
        return finding.moved is Moved.DELETED
    return any(line.cause in _OUTSIDE for line in finding.change.attributes)


def mode_guards(
    changes: Sequence[Change], kinds: Kinds, options: PlanOptions, drifted: Sequence[Address]
) -> Iterator[Guard]:
    """What none of the other options lifts."""
    if drifted and options.on_drift == "refuse":
        yield Guard(
            DRIFT,
            "somebody changed the cloud since the last apply, and --on-drift refuse was given",
            "look at ecsplan drift; then say --on-drift revert or keep, or write the change into the stack file",
            tuple(drifted),
        )
    access = _access(changes) if options.deny or options.only else NO_ACCESS
    yield from denied(changes, kinds, options.deny, access)
    for class_, addresses in _by_class(changes, lambda change: _in_only(change, kinds, access)).items():
        if options.only and class_ not in options.only:
            yield Guard(DENIED, f"--only does not name {class_}, which would happen too", "name it", addresses)


def _in_only(change: Change, kinds: Kinds, access: Access) -> set[str]:
    """The classes that `--only` has to name: that a new machine can be reached comes with `create`."""
    classes = set(classes_of(change, kinds, access))
    return classes if Impact.ACCESS in change.impacts else classes - {OPENED, CLOSED}


def denied(changes: Iterable[Change], kinds: Kinds, classes: Collection[str], access: Access) -> Iterator[Guard]:
    """A guard for each class of change that `--deny` names and the plan has; `access` is what it opens and closes."""
    for class_, addresses in _by_class(changes, lambda change: classes_of(change, kinds, access)).items():
        if class_ in classes:
            yield Guard(DENIED, f"--deny {class_} was given", "leave the change out, or the option", addresses)


def _by_class(changes: Iterable[Change], classes: Callable[[Change], Iterable[str]]) -> dict[str, tuple[Address, ...]]:
    found: dict[str, list[Address]] = {}
    for change in changes:
        for class_ in dict.fromkeys(classes(change)):
            found.setdefault(class_, []).append(change.address)
    return {class_: tuple(addresses) for class_, addresses in sorted(found.items())}


def is_lifted_by_class(guard: Guard, changes: Iterable[Change], kinds: Kinds, allowed: Collection[str]) -> bool:
    """Whether `--allow CLASS` names all that the guard is about."""
    classes = _LIFTED_BY.get(guard.name, ())
    at = set(guard.addresses)
    found = {class_ for change in changes if change.address in at for class_ in classes_of(change, kinds)} & set(
        classes
    )
    return bool(found) and found <= set(allowed)
