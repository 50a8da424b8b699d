"""The plan that takes back what a run, or a saved plan, has done: an ordinary plan, approved and applied as any."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from ecsplan.engine.knowing import known_here
from ecsplan.engine.options import PlanOptions
from ecsplan.engine.planning import compare, make_plan
from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Api
from ecsplan.model.change import Action, Change
from ecsplan.model.diagnostic import Diagnostic, Refused, Severity
from ecsplan.model.history import Run
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan
from ecsplan.model.stack import Stack
from ecsplan.plan.diff import diff
from ecsplan.plan.planfile import digest_of
from ecsplan.plan.way_back import NEW, WayBack, way_back, without_blocked

_LOOKS = ("check", "gate", "pause", "tag", "record", "number", "mark", "unmark")
_LOST = (Impact.DATA_LOSS, Impact.NEW_IDENTITY, Impact.NEW_ADDRESS)


def touched_by(run: Run) -> frozenset[Address]:
    """What a run has changed, or may have: a step that failed counts, as some of its calls may have been answered."""
    steps = (step for step in run.steps if step.status != "skipped" and step.operations)
    return frozenset(
        Address.parse(text) for step in steps if step.step.partition(" ")[0] not in _LOOKS for text in step.addresses
    )


def changed_by(plan: Plan) -> frozenset[Address]:
    """All that a plan changes."""
    return frozenset(change.address for change in plan.changes if change.action is not Action.NOOP)


def rollback(plan: Plan, touched: Collection[Address], api: Api, kinds: Kinds, options: PlanOptions) -> Plan:
    """The plan of the way back; its warnings say what is lossy or impossible, and why.

    Raises Refused where nothing can be taken back.
    """
    if plan.definition is None or plan.region != api.region:
        raise Refused([Diagnostic("the plan holds no stack of this region", "name a run or a plan of this region")])
    way = way_back(plan, touched)
    if not way.targets:
        raise Refused([Diagnostic("there is nothing that can be taken back", "; ".join(_lines(way)))])
    options = replace(options, targets=tuple(map(str, way.targets)))
    known = known_here(options.state_dir, plan.stack, api, options.store)
    found = compare(way.stack, api, kinds, replace(options, targets=()), known=known)

    def judge(stack: Stack) -> Mapping[Address, Change]:
        return {change.address: change for change in diff(stack, found.inventory, kinds)}

    way = without_blocked(replace(way, stack=found.stack), plan.definition, judge)
    made = make_plan(way.stack, api, kinds, options, known=known)
    told = replace(made, warnings=(*made.warnings, *_said(way), *_lossy(made)))
    return replace(told, digest=digest_of(told))


def _said(way: WayBack) -> Iterator[Diagnostic]:
    for address, found in sorted(way.impossible.items()):
        for name, why in found.items():
            summary = f"{name} cannot be taken back: {why}" if name else f"it cannot be taken back: {why}"
            yield Diagnostic(summary, address=address, severity=Severity.WARNING)


def _lossy(plan: Plan) -> Iterator[Diagnostic]:
    for change in plan.changes:
        if change.action is Action.REPLACE or (change.action is Action.UPDATE and change.impacts.intersection(_LOST)):
            why = NEW if change.action is Action.REPLACE else ", ".join(i.text for i in sorted(change.impacts))
            yield Diagnostic(f"the way back is lossy: {why}", address=change.address, severity=Severity.WARNING)


def _lines(way: WayBack) -> list[str]:
    return [f"{address}: {why}" for address, found in sorted(way.impossible.items()) for why in found.values()]
