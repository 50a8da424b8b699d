"""Operations by hand laid out as plans: which machines and disks are meant, and the steps. Nothing is written here.

`stop --out FILE` saves such a plan, and `apply FILE` carries it out. It is not made of a difference between file and
cloud, so it is not planned again as a stack is: the same order is laid out anew on what is live, and has to come to
what was saved.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from ecsplan import __version__
from ecsplan.engine.disks import read_plan
from ecsplan.engine.in_service import in_service, owned_of
from ecsplan.engine.options import ApplyOptions
from ecsplan.kinds import _reinit, load_kinds
from ecsplan.model.call import Api, Call
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Refused
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.plan import Operation, Plan, Step
from ecsplan.model.power import Order, PowerPlan, Verb
from ecsplan.model.reinit import SYSTEM_DISK, Disk, ReinitPlan
from ecsplan.model.stack import Stack
from ecsplan.planner.guard import guards
from ecsplan.planner.operations import power_steps, reinit_steps
from ecsplan.planner.planfile import digest_of
from ecsplan.planner.within import serving_from
from ecsplan.power.choose import chosen, laid_out
from ecsplan.power.reinit import protected
from ecsplan.provider.alibaba import account_of, opened

REINIT = "reinit"


def power_plan(
    stack: Stack, api: Api, kinds: Kinds, order: Order, patterns: Iterable[str], options: ApplyOptions
) -> tuple[PowerPlan, Plan]:
    """What a power operation would do, to be shown and to be saved."""
    patterns = tuple(patterns)
    asked, changes, steps = laid_power(stack, api, kinds, order, patterns, options)
    operation = Operation(order.verb.value, patterns, order.force, order.stop_charging, drains=order.drains)
    return asked, _with(plan_of(api, stack, changes, steps), operation)


def reinit_plan(
    stack: Stack,
    api: Api,
    kinds: Kinds,
    patterns: Iterable[str],
    snapshot: str | None,
    options: ApplyOptions,
    now: float,
) -> tuple[ReinitPlan, Plan]:
    """What a reinit would do, to be shown and to be saved."""
    patterns = tuple(patterns)
    with opened(api, kinds, options.parallelism) as source:
        asked = read_plan(stack, source, kinds, patterns, snapshot, now, drains=options.drains)
    changes, steps = laid_disks(asked, stack, kinds)
    operation = Operation(REINIT, patterns, snapshot=snapshot or "", drains=options.drains)
    return asked, _with(plan_of(api, stack, changes, steps), operation)


def laid_out_again(saved: Plan, api: Api, kinds: Kinds, options: ApplyOptions, now: Callable[[], float]) -> Plan:
    """The plan as it is on what is live now. Refused where that is another one than was saved.

    A power operation is gone on with: machines that are where they should be by now need no more. Disks are not: which
    of them were put back, and so would lose what has been written since, nothing live tells.
    """
    operation, stack = saved.asked.operation, saved.definition
    if operation is None or stack is None:
        raise Refused([Diagnostic("the plan holds no stack", "plan again with this version of ecsplan")])
    if operation.name == REINIT:
        snapshot = operation.snapshot or None
        options = replace(options, drains=operation.drains)
        fresh = reinit_plan(stack, api, kinds, operation.addresses, snapshot, options, now())[1]
        is_same = _done_by(fresh.steps) == _done_by(saved.steps)
    else:
        order = Order(Verb(operation.name), operation.force, operation.stop_charging, operation.drains)
        fresh = power_plan(stack, api, kinds, order, operation.addresses, options)[1]
        is_same = _machines(fresh) <= _machines(saved)
    if not is_same:
        raise Refused([Diagnostic("what is live has moved since the plan was saved", "save it again, and look at it")])
    return fresh


def laid_power(
    stack: Stack, api: Api, kinds: Kinds, order: Order, patterns: Iterable[str], options: ApplyOptions
) -> tuple[PowerPlan, tuple[Change, ...], tuple[Step, ...]]:
    """Which machines are meant, and the steps that carry the order out."""
    kind, power = machines_of(kinds)
    with opened(api, kinds, options.parallelism) as source:
        owned = owned_of(stack, source, kinds, kind)
        machines = chosen(patterns, owned)
        public = {address: obj.attributes.get("public_ip") for address, obj in machines.items()}
        addresses = {address: str(value) for address, value in public.items() if value is not None}
        asked = laid_out(order, stack, machines, power.target(order.verb), addresses)
        served = in_service(stack, source, kinds, asked.machines.items()) if order.drains else {}
    beside = serving_from(kinds, served)
    in_turn = tuple(address for address, obj in asked.machines.items() if obj.id in served or obj.id in beside)
    asked = replace(asked, in_service=in_turn, beside=beside)
    return (asked, *power_steps(asked, kinds, stack.by_address(), served))


def machines_of(kinds: Kinds) -> tuple[Kind, Power]:
    """The kind that can be stopped and started."""
    return next((kind, power) for kind in kinds.values() if (power := kind.capability(Power)) is not None)


def laid_disks(asked: ReinitPlan, stack: Stack, kinds: Kinds) -> tuple[tuple[Change, ...], tuple[Step, ...]]:
    """The steps of a reinit. Refused where a disk is protected."""
    refuse(protected(asked, stack))
    return reinit_steps(asked, kinds, stack.by_address(), _calls(asked, stack))


def plan_of(api: Api, stack: Stack, changes: tuple[Change, ...], steps: tuple[Step, ...]) -> Plan:
    plan = Plan(stack.name, stack.region, account_of(api), changes, steps, definition=stack, kinds=load_kinds())
    plan = replace(plan, ecsplan_version=__version__)
    return replace(plan, digest=digest_of(plan))


def _with(plan: Plan, operation: Operation) -> Plan:
    """Fit to be saved: with its guards, and without the outputs of the stack, of which it reads nothing."""
    assert plan.definition is not None
    found = guards(plan.changes, stack=plan.stack, is_destroy=False, is_empty=not plan.definition.resources)
    definition = replace(plan.definition, outputs={})
    plan = replace(
        plan,
        asked=replace(plan.asked, operation=operation),
        guards=found,
        definition=definition,
        live=len(plan.changes),
    )
    return replace(plan, digest=digest_of(plan))


def _machines(plan: Plan) -> set[tuple[str, str]]:
    return {(str(change.address), change.id_text) for change in plan.changes}


def _done_by(steps: Iterable[Step]) -> list[tuple[str, tuple[tuple[str, tuple[object, ...]], ...]]]:
    return sorted((str(step.id), tuple((call.operation, call.targets) for call in step.calls)) for step in steps)


def refuse(found: Sequence[Diagnostic]) -> None:
    if found:
        raise Refused(found)


def _calls(plan: ReinitPlan, stack: Stack) -> Mapping[str, Sequence[Call]]:
    """What puts each disk back, by id."""
    return {disk.id: _reinit.put_back(disk, plan.snapshot, _login(disk, plan, stack)) for disk in plan.disks}


def _login(disk: Disk, plan: ReinitPlan, stack: Stack) -> Mapping[str, object]:
    """How one logs in on a system disk that starts from its image again."""
    if disk.part != SYSTEM_DISK or plan.snapshot is not None:
        return {}
    declared = stack.by_address().get(disk.address)
    return _reinit.login(plan.machines.get(disk.machine), declared.attributes if declared else {})
