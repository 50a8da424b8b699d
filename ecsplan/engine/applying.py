"""Applying: lock, mend what a dead run left, plan or check the plan, ask, run. Used by the engine's functions."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from ecsplan.engine import ApplyOptions, Event, PlanOptions, Stop
from ecsplan.engine.by_hand import laid_out_again
from ecsplan.engine.facts import access_of
from ecsplan.engine.filling import filler_for, hidden_of, secrets_of
from ecsplan.engine.fitting import Fitting, Seen, born, fitting, is_untouched, refuse_other_calls
from ecsplan.engine.gating import watching
from ecsplan.engine.knowing import known_of
from ecsplan.engine.locking import locked, user_name
from ecsplan.engine.mending import Mending, mend, tagged
from ecsplan.engine.modes import denied, is_lifted_by_class
from ecsplan.engine.planning import compare, make_plan, steps_of
from ecsplan.engine.preflighting import looked_ahead
from ecsplan.engine.pricing import refuse_dearer
from ecsplan.engine.provenance import refuse_out_of_bounds
from ecsplan.engine.reaching import group_types, other_reach, reach_of
from ecsplan.engine.recording import Subject, recorded
from ecsplan.engine.shelves import journals
from ecsplan.engine.showing import wait_until_shown
from ecsplan.engine.taking_back import Taking, take_back
from ecsplan.executor.fill import Filler, Unfilled
from ecsplan.executor.history import History, read_history
from ecsplan.executor.journal import SHOWN, Journal
from ecsplan.executor.lock import StackLock
from ecsplan.executor.means import Means
from ecsplan.executor.run import run
from ecsplan.inventory.conversions import search
from ecsplan.inventory.decode import attributes
from ecsplan.model.address import Address
from ecsplan.model.call import Api
from ecsplan.model.change import Action, Change
from ecsplan.model.clock import Clock
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Refused, Rejected
from ecsplan.model.identity import Known
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Guard, Plan, Report
from ecsplan.model.stack import Stack
from ecsplan.planner.conform import still_planned
from ecsplan.planner.guard import guards, lifted
from ecsplan.policy.classes import CLASSES
from ecsplan.provider.alibaba import account_of, opened
from ecsplan.provider.cloud import cloud_of

ROLLBACK = "rollback"
LONG_PAUSE = 300.0  # seconds at the prompt; after that the cloud is read again before anything is written


class Run(Struct, frozen=True):
    """One apply: where the journal goes, what earlier ones say, whom we tell."""

    api: Api
    kinds: Kinds
    options: ApplyOptions
    clock: Clock
    tell: Callable[[Event], None]
    is_stopped: Callable[[], bool]
    lock: StackLock | None
    journal: Journal
    history: History
    known: Known
    operation: str
    holder: str


def apply_stack(
    stack: Stack,
    api: Api,
    kinds: Kinds,
    plan_options: PlanOptions,
    options: ApplyOptions,
    approve: Callable[[Plan], bool],
    events: Callable[[Event], None] | None,
    stop: Stop | None,
) -> tuple[Plan, Report | None]:
    """See `engine.session`."""
    operation = "destroy" if plan_options.destroy else "apply"
    with running(stack, stack.name, api, kinds, options, operation, events, stop) as work:
        plan = make_plan(stack, api, kinds, plan_options, work.history.made, work.known)
        shown_at = work.clock.now()
        if not approve(plan):
            return plan, None
        _refuse_guarded(plan, kinds, options)  # a question leaves no steps, and is no reason to say that all is well
        if not plan.steps:
            return plan, None
        if work.clock.now() - shown_at > LONG_PAUSE:
            return plan, carry_out(work, _still_fits(work, plan).plan)
        return plan, carry_out(work, plan)


def apply_saved(
    plan: Plan,
    api: Api,
    kinds: Kinds,
    options: ApplyOptions,
    events: Callable[[Event], None] | None,
    stop: Stop | None,
) -> Report:
    """See `engine.apply`."""
    refuse_out_of_bounds(plan, Path.cwd(), cloud_of(api).server_now())
    _refuse_guarded(plan, kinds, options)
    if plan.region != api.region:
        raise Refused(
            [Diagnostic(f"the plan is for region {plan.region}, this is {api.region}", f"connect to {plan.region}")]
        )
    account = account_of(api)
    if plan.account != account:
        made_for = f"is for account {plan.account}" if plan.account else "names no account"
        raise Refused(
            [Diagnostic(f"the plan {made_for}, the key is of account {account}", "use another key, or plan again")]
        )
    by_hand = plan.asked.operation
    operation = by_hand.name if by_hand is not None else "destroy" if plan.is_destroy else "apply"
    with running(plan.definition, plan.stack, api, kinds, options, operation, events, stop) as work:
        if by_hand is not None:
            return carry_out(work, laid_out_again(plan, api, kinds, options, work.clock.now))
        fit = _still_fits(work, plan, options.skip_stale)
        for address, why in fit.left_out.items():
            work.tell({"type": "apply_skipped", "address": str(address), "message": f"{address}: left out: {why}"})
        return fit.told(carry_out(work, fit.plan))


def standing_guards(plan: Plan, kinds: Kinds, options: ApplyOptions) -> tuple[Guard, ...]:
    """See `engine.blocked`."""
    classes = set(options.allow) & CLASSES.keys()
    allow = {Address.parse(text) for text in options.allow if text not in classes}
    standing = (
        guard
        for guard in plan.guards
        if not lifted(guard, approved=options.approved, allow=allow, allow_destroy=options.allow_destroy)
    )
    left = (guard for guard in standing if not is_lifted_by_class(guard, plan.changes, kinds, classes))
    return tuple(dict.fromkeys((*left, *denied(plan.changes, kinds, options.deny, access_of(plan.reach)))))


def _refuse_guarded(plan: Plan, kinds: Kinds, options: ApplyOptions) -> None:
    standing = standing_guards(plan, kinds, options)
    if standing:
        raise Refused(guard.diagnostic for guard in standing)


@contextmanager
def running(
    stack: Stack | None,
    name: str,
    api: Api,
    kinds: Kinds,
    options: ApplyOptions,
    operation: str,
    events: Callable[[Event], None] | None,
    stop: Stop | None,
) -> Iterator[Run]:
    """Holds the lock while the block runs, after what a dead run left has been mended."""
    with locked(name, api, options, operation, stack.overlays if stack is not None else None) as held:
        tell = events or (lambda event: None)
        shelf = journals(options.state_dir, options.store)
        history = read_history(shelf, name, api.region, held.key)
        history = mend(Mending(stack, api, kinds, options, held, history, tell))
        yield Run(
            api,
            kinds,
            options,
            held.clock,
            tell,
            (lambda: bool(stop.requested.is_set())) if stop is not None else (lambda: False),
            held.lock,
            held.journal,
            history,
            known_of(history, shelf, held.key),
            operation,
            held.holder,
        )


def _still_fits(work: Run, plan: Plan, skip: bool = False) -> Fitting:
    """The part of the plan that is still to be done, planned again on what is live now; Refused where that moved,
    unless what moved may be left out (`skip`)."""
    if plan.definition is None:
        raise Refused([Diagnostic("the plan holds no stack", "plan again with this version of ecsplan")])
    # What was left out is compared too: a target may be gone by now, and that is no reason to stop.
    options = PlanOptions(destroy=plan.asked.destroy, refresh_full=plan.asked.refresh_full)
    made, known = work.history.made, work.known
    fresh = compare(plan.definition, work.api, work.kinds, options, made, known)
    again = _still_to_replace(plan, fresh.changes) if plan.asked.replaces else ()
    while again:  # what was replaced already must not be replaced again; it may have come to light since the last look
        fresh = compare(plan.definition, work.api, work.kinds, replace(options, replaces=again), made, known)
        still = _still_to_replace(plan, fresh.changes)
        if still == again:
            break
        again = still
        if not again:
            fresh = compare(plan.definition, work.api, work.kinds, options, made, known)
    seen = Seen(fresh.stack, fresh.changes, group_types(work.kinds, fresh.inventory.objects), work.options.watched_tags)
    fit = fitting(plan, seen, work.kinds, skip)
    planned, plan = plan, fit.plan
    changes = still_planned(plan.changes, fresh.changes)
    steps, reasons = steps_of(changes, fresh.stack, work.kinds)
    if reasons:
        raise Refused([Diagnostic(reason, address=address) for address, why in reasons.items() for reason in why])
    is_whole = is_untouched(plan, changes, work.kinds)
    if is_whole:
        refuse_other_calls(fit, planned.steps, changes, steps)
    reach = reach_of(changes, group_types(work.kinds, fresh.inventory.objects))
    if other := list(other_reach(plan.reach, reach, is_whole, born(plan))):
        raise Refused(other[:1])
    found = guards(changes, stack=plan.stack, is_destroy=plan.is_destroy, is_empty=not fresh.stack.resources)
    left = replace(plan, changes=changes, steps=steps, definition=fresh.stack, guards=(*found, *fresh.guards))
    refuse_dearer(left, work.api, work.kinds)
    left = looked_ahead(left, fresh.inventory, work.api, work.kinds, plan.preflight.mode)
    _refuse_guarded(left, work.kinds, work.options)
    return replace(fit, plan=left)


def _still_to_replace(plan: Plan, fresh: Sequence[Change]) -> tuple[str, ...]:
    """What `--replace` named, as far as it is still the old object."""
    old = {c.address: c.before.id for c in plan.changes if c.action is Action.REPLACE and c.before is not None}
    return tuple(
        str(change.address)
        for change in fresh
        if change.action is not Action.DELETE
        and change.before is not None
        and change.before.id == old.get(change.address)
    )


def carry_out(work: Run, plan: Plan) -> Report:
    """Runs the steps with a journal, and takes back what is to be rolled back."""
    secrets_of(plan.definition, work.options).check(plan.steps)
    calls = int(getattr(work.api, "calls", 0))
    report = _run_steps(work, plan, work.operation)

    def run_back(back: Plan) -> Report:
        return _run_steps(work, back, ROLLBACK)

    may_write = work.lock.lost if work.lock else lambda: None
    if not work.is_stopped():
        made, known = work.history.made, work.known
        report = take_back(plan, report, Taking(work.api, work.kinds, made, known, run_back, may_write, work.tell))
    with suppress(Rejected):  # a journal that cannot be closed must not hide how the run went
        end = "complete" if report.is_complete else "in part"
        work.journal.end(SHOWN if report.is_complete and report.is_shown else end, work.clock.now())
    return replace(report, calls=int(getattr(work.api, "calls", 0)) - calls)


def _run_steps(work: Run, plan: Plan, operation: str) -> Report:
    """Fills the outputs from what is known at the end."""
    work.journal.plan(plan.digest)
    suffix = "-back" if operation == ROLLBACK else ""
    subject = Subject(plan, operation, work.holder, user_name(), work.lock is not None, suffix)
    with (
        recorded(subject, work.options, work.clock.now, work.tell) as record,
        opened(work.api, work.kinds, work.options.parallelism) as source,
        ThreadPoolExecutor(work.options.parallelism + 4) as executor,
    ):
        record({"type": "run_begin", "steps": _names(plan), "message": f"{operation}: {len(plan.steps)} steps"})
        filler = filler_for(plan.definition, plan.changes, source, work.kinds, work.options)
        report = run(
            plan,
            Means(
                cloud=source,
                decode=lambda kind, raw: attributes(work.kinds[kind], raw, {}),
                name_field=lambda kind: work.kinds[kind].listing.name,
                clock=work.clock,
                executor=executor,
                parallelism=work.options.parallelism,
                journal=work.journal,
                filler=filler,
                is_stopped=work.is_stopped,
                tell=record,
                may_write=work.lock.lost if work.lock else lambda: None,
                tagged=lambda kind: tagged(source, work.kinds, kind),
                salt=work.history.last_finished,
                search=lambda kind, find: search(source, work.kinds[kind], find),
                watch=watching(plan, source, work.kinds, filler, work.options),
                hidden=lambda: hidden_of(plan.definition, work.options),
            ),
        )
        if report.is_complete:
            is_shown = wait_until_shown(
                source, work.kinds, plan.changes, report, work.clock, work.tell, work.is_stopped
            )
            report = replace(report, is_shown=is_shown)
        record.end(report)
    return replace(report, outputs=_outputs(plan, filler))


def _names(plan: Plan) -> list[str]:
    return [str(step.id) for step in plan.steps if not step.is_barrier and not step.is_rescue]


def _outputs(plan: Plan, filler: Filler) -> dict[str, Any]:
    """The stack's outputs, None where a step that they need did not end well."""
    found: dict[str, Any] = {}
    for name, value in (plan.definition.outputs if plan.definition else plan.outputs).items():
        try:
            found[name] = filler.fill(value, reveal=False)
        except Unfilled:
            found[name] = None
    return found
