"""Whether a saved plan shows what its own stack says: nobody may be shown one thing and get another.

A plan file is as trustworthy as whoever could write it, and its digest is anybody's to compute. Its lines, guards and
places are held against the definition in it, as far as that can be told without the cloud; the rest is told by
conform.py, which holds the file against what is live. Pure.
"""

from collections.abc import Iterator, Mapping

from ecsplan.model.address import Address, ForeignRef, Lookup, Ref, Secret, Template
from ecsplan.model.algebra import leaves, special
from ecsplan.model.canonical import mistake_in_attribute
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan
from ecsplan.model.stack import Stack
from ecsplan.planner.guard import BY_CIRCUMSTANCE, PREFLIGHT, guards, guards_of_preflight
from ecsplan.planner.marks import OURS

_GOING = (Action.DELETE, Action.RELEASE)
_DETAIL = "plan again: what a file shows must be what its stack says"


def inconsistencies(plan: Plan, kinds: Kinds) -> Iterator[Diagnostic]:
    """What a plan shows, or leaves out, against its own definition; nothing for one that ecsplan has saved."""
    stack = plan.definition
    if stack is None:
        yield Diagnostic("the plan holds no stack", "plan again with this version of ecsplan")
        return
    declared = {"stack": stack.name, "region": stack.region, "account": stack.account or plan.account}
    for name, value in declared.items():
        if getattr(plan, name) != value:
            yield _doubt(f"the plan is for {name} {getattr(plan, name)}, and the stack in it for {value}")
    problems = list(_of_definition(stack, kinds))
    yield from problems
    if problems:
        return
    yield from _left_out(plan, stack)
    for change in plan.changes:
        yield from _of_change(change, kinds, is_by_hand=plan.asked.operation is not None)
    found = guards(plan.changes, stack=plan.stack, is_destroy=plan.is_destroy, is_empty=not stack.resources)
    foreseen = tuple(guard for guard in plan.guards if guard.name == PREFLIGHT)
    if foreseen != guards_of_preflight(plan.preflight) or found != tuple(
        guard for guard in plan.guards if guard.name not in (*BY_CIRCUMSTANCE, PREFLIGHT)
    ):
        yield _doubt("the guards of the plan are not those of its changes")
    if set(plan.outputs) != set(stack.outputs):
        yield _doubt("the outputs of the plan are not those of the stack in it")


def _doubt(what: str, address: Address | None = None) -> Diagnostic:
    return Diagnostic(what, _DETAIL, address=address)


def _of_definition(stack: Stack, kinds: Kinds) -> Iterator[Diagnostic]:
    """Whether its values are those that a stack file can come to: planning relies on that."""
    seen: set[Address] = set()
    for resource in stack.resources:
        address = resource.address
        kind = kinds.get(address.kind)
        if address in seen or kind is None:
            yield _doubt("the stack in the plan declares it twice" if kind else "there is no such kind", address)
            continue
        seen.add(address)
        known = {attribute.name: attribute for attribute in kind.attributes}
        for name, value in resource.attributes.items():
            mistake = mistake_in_attribute(known[name], value) if name in known else "there is no such attribute"
            if mistake:
                yield _doubt(f"{name}: {mistake}", address)
    for resource in stack.resources:
        for unknown in sorted((resource.named | set(resource.depends_on)) - seen):
            if unknown.group not in {address.group for address in seen}:
                yield _doubt(f"it refers to {unknown}, which the stack in the plan does not declare", resource.address)


def _left_out(plan: Plan, stack: Stack) -> Iterator[Diagnostic]:
    """Resources of the stack without a word in the plan, where nobody asked for a part of it."""
    if plan.is_destroy or plan.asked.is_part:
        return
    told = {change.address for change in plan.changes if change.action not in _GOING}
    for resource in stack.resources:
        if resource.address not in told:
            yield _doubt("the stack in the plan declares it, and the plan does not mention it", resource.address)


def _of_change(change: Change, kinds: Kinds, *, is_by_hand: bool = False) -> Iterator[Diagnostic]:
    """What is operated by hand need not be declared any more."""
    if change.kind not in kinds:
        yield _doubt("there is no such kind", change.address)
        return
    if change.action in _GOING:
        if change.before is None:
            yield _doubt("it is to go, and the plan does not say which one", change.address)
        return
    if change.after is None:
        if not is_by_hand:
            yield _doubt("the stack in the plan does not declare it", change.address)
    elif (change.action is Action.CREATE) != (change.before is None) and not _is_question(change):
        yield _doubt(f"the plan is to {change.action.name.lower()} it, and has an id for it or none", change.address)
    elif change.attributes and change.action in (Action.CREATE, Action.NOOP):
        yield _doubt("the plan shows values beside those of the stack in it", change.address)
    else:
        power = kinds[change.kind].capability(Power)
        relations = [a for a in kinds[change.kind].attributes if a.is_relation]
        let_go = {a.name: () if a.is_shared else None for a in relations} | {"tags": ()}
        own = {*OURS, *([power.attribute] if power else ())}
        for line in change.attributes:
            problem = _of_line(line, {**let_go, "name": change.after.name, **change.after.attributes}, own)
            if problem:
                yield _doubt(f"{line.name}: {problem}", change.address)


def _is_question(change: Change) -> bool:
    """Nothing is done, as nobody can tell which live object it is."""
    return change.action is Action.NOOP and change.before is None and bool(change.blocked)


def _of_line(line: AttributeChange, declared: Mapping[str, object], own: set[str]) -> str:
    """What a line shows that the stack does not say; a value that depends on live ones cannot be told here."""
    if line.name not in declared:
        return "" if line.name in own else "the stack in the plan does not declare it"
    wanted = declared[line.name]
    if isinstance(wanted, (Secret, Template, Ref)) or depends(wanted):
        return "" if isinstance(wanted, Secret) == isinstance(line.after, Secret) else "a secret is shown as none"
    if not isinstance(wanted, tuple):
        return "" if line.after == wanted else "the plan shows another value than the stack in it"
    return "the plan shows more than the stack in it" if unshown(line.after, wanted, line.before) else ""


def depends(value: object) -> bool:
    """Whether a value is filled in from live objects."""
    return any(isinstance(leaf, (Ref, Template, ForeignRef, Lookup)) for leaf in special(value))


def unshown(value: object, *known: object) -> set[object]:
    """The plain values in one that are in none of the others."""
    return _leaves(value) - {leaf for one in known for leaf in _leaves(one)}


def _leaves(value: object) -> set[object]:
    return {(type(leaf).__name__, leaf) for leaf in leaves(value) if isinstance(leaf, (str, int, float, bool))}
