"""The plan that takes back what a run, or a saved plan, has done: an ordinary plan, approved and applied as any."""

from collections.abc import Collection, Iterator, Mapping

from ecsplan.engine.knowing import known_here
from ecsplan.engine.options import PlanOptions
from ecsplan.engine.planning import compare, make_plan
from ecsplan.model.address import Address
from ecsplan.model.call import Api
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Refused, Severity
from ecsplan.model.history import Run
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan
from ecsplan.model.stack import Stack
from ecsplan.planner.diff import diff
from ecsplan.planner.kept import kept_by
from ecsplan.planner.planfile import digest_of
from ecsplan.planner.recovering import recoveries
from ecsplan.planner.way_back import LOOKS, LOST, NEW, WayBack, way_back, without_blocked


def touched_by(run: Run) -> frozenset[Address]:
    """What a run has changed, or may have: a step that failed counts, as some of its calls may have been answered."""
    steps = (step for step in run.steps if step.status != "skipped" and step.operations)
    return frozenset(
        Address.parse(text) for step in steps if step.step.partition(" ")[0] not in LOOKS for text in step.addresses
    )


def refuse_by_hand(run: Run) -> None:
    """Raises Refused for an operation by hand: it changed no value that could be set again."""
    named = " ".join(sorted(map(str, touched_by(run)))) or "ADDRESS"
    hints = {
        "start": f"ecsplan stop {named}",
        "stop": f"ecsplan start {named}",
        "reboot": "nothing is left of a reboot that could be taken back",
        "reinit": "what was on the disks is gone; from a snapshot: ecsplan reinit ADDRESS --snapshot SNAPSHOT",
    }
    if run.operation in hints:
        raise Refused([Diagnostic(f"run {run.id} is a {run.operation} by hand", hints[run.operation])])


def changed_by(plan: Plan) -> frozenset[Address]:
    """All that a plan changes."""
    return frozenset(change.address for change in plan.changes if change.action is not Action.NOOP)


def rollback(plan: Plan, touched: Collection[Address], api: Api, kinds: Kinds, options: PlanOptions) -> Plan:
    """The plan of the way back; its recoveries and warnings say what is lossy or impossible, and why. Of a plan that
    has not been applied there is nothing to do yet, and the recoveries are what is asked for.

    Raises Refused where nothing can be taken back.
    """
    if plan.definition is None or plan.region != api.region:
        raise Refused([Diagnostic("the plan holds no stack of this region", "name a run or a plan of this region")])
    way = way_back(plan, touched)
    known = known_here(options.state_dir, plan.stack, api, options.store)
    found = compare(way.stack, api, kinds, options, known=known)
    judged = recoveries(plan, touched, kinds, kept_by(plan.steps, plan.stack, found.inventory.objects, kinds))
    if not way.targets:
        why = "; ".join(f"{one.address}: {one.why}" for one in judged)
        raise Refused([Diagnostic("there is nothing that can be taken back", why)])

    def judge(stack: Stack) -> Mapping[Address, Change]:
        return {change.address: change for change in diff(stack, found.inventory, kinds)}

    way = without_blocked(replace(way, stack=found.stack), plan.definition, judge)
    there = {change.address for change in found.changes}
    targets = tuple(str(address) for address in way.targets if address in there)  # what was never made is not there
    options = replace(options, targets=targets) if targets else replace(options, excludes=tuple(map(str, there)))
    made = make_plan(way.stack, api, kinds, options, known=known)
    told = replace(
        made,
        warnings=(*made.warnings, *_said(way), *_lossy(made)),
        recoveries=judged,
    )
    return replace(told, digest=digest_of(told))


def _said(way: WayBack) -> Iterator[Diagnostic]:
    for address, found in sorted(way.impossible.items()):
        for name, why in found.items():
            summary = f"{name} cannot be taken back: {why}" if name else f"it cannot be taken back: {why}"
            yield Diagnostic(summary, address=address, severity=Severity.WARNING)


def _lossy(plan: Plan) -> Iterator[Diagnostic]:
    for change in plan.changes:
        if change.action is Action.REPLACE or (change.action is Action.UPDATE and change.impacts.intersection(LOST)):
            why = NEW if change.action is Action.REPLACE else ", ".join(i.text for i in sorted(change.impacts))
            yield Diagnostic(f"the way back is lossy: {why}", address=change.address, severity=Severity.WARNING)
