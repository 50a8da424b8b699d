"""What a person lets a plan do: `--only`, `--deny`, `--allow` by class of change, and `--on-drift`. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from ecsplan.engine.facts import classes_of
from ecsplan.engine.options import PlanOptions
from ecsplan.engine.select import without
from ecsplan.model.address import Address
from ecsplan.model.change import Cause, Change
from ecsplan.model.drift import Finding, Moved
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Guard
from ecsplan.model.stack import Stack
from ecsplan.plan.drift import Traces, drift
from ecsplan.plan.guard import DENIED, DRIFT

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
        going |= {change.address for change in changes if not set(classes_of(change, kinds)) <= set(options.only)}
    kept = without(changes, stack, going) if going else tuple(changes)
    return kept, lambda found: list(mode_guards(found, kinds, options, drifted))


def moved_outside(changes: Iterable[Change], traces: Traces) -> Iterator[Address]:
    """What somebody changed or deleted since the last apply."""
    findings, _ = drift(changes, traces)
    return (finding.address for finding in findings if _is_certain(finding))


def _is_certain(finding: Finding) -> bool:
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
    yield from denied(changes, kinds, options.deny)
    for class_, addresses in _by_class(changes, kinds).items():
        if options.only and class_ not in options.only:
            yield Guard(DENIED, f"--only does not name {class_}, which would happen too", "name it", addresses)


def denied(changes: Iterable[Change], kinds: Kinds, classes: Collection[str]) -> Iterator[Guard]:
    """A guard for each class of change that `--deny` names and the plan has."""
    for class_, addresses in _by_class(changes, kinds).items():
        if class_ in classes:
            yield Guard(DENIED, f"--deny {class_} was given", "leave the change out, or the option", addresses)


def _by_class(changes: Iterable[Change], kinds: Kinds) -> dict[str, tuple[Address, ...]]:
    found: dict[str, list[Address]] = {}
    for change in changes:
        for class_ in dict.fromkeys(classes_of(change, kinds)):
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
