"""`on_failure: roll_back`: the members of a wave that failed get the values back that they had before, in the same run.

Only what can be changed in place without a loss is taken back by itself. A machine that was made or replaced stays as
it is, and the report says so: `ecsplan rollback` plans its way back, for a person to approve.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec import Struct

from ecsplan.engine.options import PlanOptions
from ecsplan.engine.planning import Compared, compare, steps_of
from ecsplan.engine.select import apart_from
from ecsplan.model.address import Address
from ecsplan.model.call import Api, ApiError
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.identity import Known
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Outcome, Plan, Report, Result, Status
from ecsplan.model.stack import Stack
from ecsplan.planner.planfile import digest_of
from ecsplan.planner.way_back import LOST, members_to_take_back, way_back

GATE = "gate"


class Taking(Struct, frozen=True):
    """What a way back is planned with, and `run`, which carries a plan out in the run that is under way.

    `may_write` says why nothing may be written any more, where that is so.
    """

    api: Api
    kinds: Kinds
    made: Mapping[str, str]
    known: Known
    run: Callable[[Plan], Report]
    may_write: Callable[[], str | None]
    tell: Callable[[Mapping[str, object]], None]


def take_back(plan: Plan, report: Report, taking: Taking) -> Report:
    """The report, with what became of the members of waves that failed; unchanged where none is to be rolled back."""
    members = members_to_take_back(plan, report)
    if not members or report.interrupted:
        return report
    named = ", ".join(map(str, members[:3])) + (f" and {len(members) - 3} more" if len(members) > 3 else "")
    taking.tell({"type": "diagnostic", "severity": "warning", "message": f"rolling back {named}: the wave failed"})
    try:
        if refusal := taking.may_write():
            return replace(report, taken_back=dict.fromkeys(members, refusal))
        back, told = _planned(plan, members, taking)
    except (ApiError, Rejected) as error:
        why = f"the way back could not be planned: {error}"
        return replace(report, taken_back=dict.fromkeys(members, why))
    done = taking.run(back) if back.steps else Report(())
    going = {change.address for change in back.changes if change.action is not Action.NOOP}
    told |= _told(going, done.outcomes)
    results = {**report.results, **{one: Result.ROLLED_BACK for one, why in told.items() if not why}}
    off = (*done.off, *(one for one in report.off if one.address not in going))
    return replace(
        report,
        results=results,
        taken_back=dict(sorted(told.items())),
        off=off,
        interrupted=done.interrupted,
        seconds=report.seconds + done.seconds,
    )


def _planned(plan: Plan, members: Collection[Address], taking: Taking) -> tuple[Plan, dict[Address, str]]:
    """The plan for those that can go back; and of each member why it cannot, or nothing where it is as before."""
    way = way_back(plan, members)
    told = {address: "; ".join(filter(None, found.values())) for address, found in way.impossible.items()}
    stack = _all_at_once(way.stack, members)
    options = PlanOptions(preflight="off", price=False)
    found = compare(stack, taking.api, taking.kinds, options, taking.made, taking.known)
    going = set[Address]()
    for change in found.changes:
        if change.address in members and change.action is not Action.NOOP and not told.get(change.address):
            told[change.address] = _hindrance(change)
            if not told[change.address]:
                going.add(change.address)
    for address in members:
        told.setdefault(address, "")
    return _of(plan, found, going, taking.kinds), told


def _hindrance(change: Change) -> str:
    """Why a change is not made by itself; empty where it is."""
    if change.blocked:
        return "; ".join(change.blocked)
    lost = ", ".join(impact.text for impact in sorted(change.impacts.intersection(LOST)))
    if change.action is not Action.UPDATE or lost:
        return f"the way back is lossy ({lost or change.action.value}): ecsplan rollback last plans it"
    return ""


def _all_at_once(stack: Stack, members: Collection[Address]) -> Stack:
    """The members were away together: they go back together, whatever becomes of one of them."""
    groups = {resource.rolls_with for resource in stack.resources if resource.address in members}
    resources = tuple(
        replace(one, lifecycle=replace(one.lifecycle, max_unavailable="all", canary=(), pause=0, on_failure="continue"))
        if one.rolls_with in groups
        else one
        for one in stack.resources
    )
    return replace(stack, resources=resources)


def _of(plan: Plan, found: Compared, going: Collection[Address], kinds: Kinds) -> Plan:
    changes = apart_from(found.changes, {change.address for change in found.changes} - set(going))
    steps, _ = steps_of(changes, found.stack, kinds)
    back = Plan(plan.stack, plan.region, plan.account, changes, steps, definition=found.stack, kinds=kinds)
    back = replace(back, ecsplan_version=plan.ecsplan_version)
    return replace(back, digest=digest_of(back))


def _told(going: Iterable[Address], outcomes: Iterable[Outcome]) -> dict[Address, str]:
    told = dict.fromkeys(going, "")
    for outcome in outcomes:
        if outcome.status is Status.FAILED:
            why = ": ".join(filter(None, (outcome.code, outcome.message)))
            word = "it has its values again, and does not pass" if outcome.step.verb == GATE else "it failed"
            told |= {address: f"{word}: {why}" for address in outcome.addresses if address in told}
    left = {a for o in outcomes if o.status is Status.SKIPPED and o.step.verb != GATE for a in o.addresses}
    return told | {address: "the run ended before" for address in left if address in told and not told[address]}
