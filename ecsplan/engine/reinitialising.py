"""Puts disks back: lock, look, ask, stop, ReInitDisk or ResetDisk, start again. See `engine.reinit`.

A machine that ran carries the mark `ecsplan:restart` from before its stop until it runs again: wherever a run is cut
off, the next apply or reinit starts it. What goes wrong with a disk does not keep its machine off, and neither does a
Ctrl-C: no further disk is put back then, and what was stopped is started. A run that was cut off is not gone on with:
the next reinit asks anew.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from ecsplan.api.classify import classify
from ecsplan.apply.blind import VISIBILITY_LAG
from ecsplan.apply.fill import Filler
from ecsplan.engine import ApplyOptions, Event, Stop
from ecsplan.engine.applying import LONG_PAUSE
from ecsplan.engine.disks import INSTANCE, read_plan
from ecsplan.engine.filling import secrets_of
from ecsplan.engine.locking import locked
from ecsplan.engine.putting_back import Work, put_back_disks
from ecsplan.kinds import _reinit
from ecsplan.model.call import Api, ApiError, ErrorClass, Params, until
from ecsplan.model.diagnostic import Diagnostic, Refused
from ecsplan.model.kind import Kinds
from ecsplan.model.marks import RESTART, key_of
from ecsplan.model.power import Became, Powered, Verb
from ecsplan.model.reinit import SYSTEM_DISK, Host, ReinitPlan, ReinitReport
from ecsplan.model.stack import Stack
from ecsplan.power.batches import Answered, answers
from ecsplan.power.reinit import mark, power, protected, unconsented, unmark
from ecsplan.provider.alibaba import opened

TIMEOUT = 600.0  # seconds until a machine is off, or runs
PAUSES = (2.0, 5.0, 10.0)  # seconds before a busy machine is asked again
# verb → operation, and the statuses that show that it was heard
_WAYS = {Verb.STOP: ("StopInstances", ("Stopping", "Stopped")), Verb.START: ("StartInstances", ("Starting", "Running"))}
_BUSY = (ErrorClass.CONFLICT, ErrorClass.THROTTLE, ErrorClass.TRANSIENT)


def put_back(
    stack: Stack,
    api: Api,
    kinds: Kinds,
    patterns: Iterable[str],
    snapshot: str | None,
    options: ApplyOptions,
    approve: Callable[[ReinitPlan], bool],
    events: Callable[[Event], None] | None,
    stop: Stop | None,
) -> ReinitReport | None:
    """See `engine.reinit`."""
    started, calls, patterns = time.monotonic(), int(getattr(api, "calls", 0)), tuple(patterns)
    with locked(stack.name, api, options, "reinit") as held, opened(api, kinds, options.parallelism) as source:

        def look() -> ReinitPlan:
            return read_plan(stack, source, kinds, patterns, snapshot, held.clock.now())

        if held.taken_from:  # what a dead run sent last may not be in the lists yet
            held.clock.sleep(VISIBILITY_LAG)
        plan = look()
        _refuse(protected(plan, stack))
        shown_at = held.clock.now()
        if not approve(plan):
            return None
        _refuse(unconsented(plan, approved=options.approved, allow=options.allow, allow_destroy=options.allow_destroy))
        if held.clock.now() - shown_at > LONG_PAUSE and look().shape != plan.shape:
            _refuse([Diagnostic("what is live has moved since it was shown", "run it again")])
        logins = _logins(plan, stack, options)
        tell = events or (lambda event: None)
        work = Work(source, kinds, plan, held.clock, held.lock, tell, stop, logins)
        stay = _stop(work)
        put_back_disks(work)
        _unmark(work, [*stay, *_start(work)])
    return _report(work, int(getattr(api, "calls", 0)) - calls, time.monotonic() - started)


def _refuse(found: Sequence[Diagnostic]) -> None:
    if found:
        raise Refused(found)


def _logins(plan: ReinitPlan, stack: Stack, options: ApplyOptions) -> dict[str, Params]:
    """Read before anything is stopped. Raises Rejected where the source of a secret is missing."""
    filler = Filler(read_secret=secrets_of(stack, options).read, local_key=lambda path: path)
    declared = stack.by_address()
    found: dict[str, Params] = {}
    for disk in plan.disks if plan.snapshot is None else ():
        if disk.part == SYSTEM_DISK:
            attributes = declared[disk.address].attributes if disk.address in declared else {}
            found[disk.id] = filler.fill(_reinit.login(plan.machines.get(disk.machine), attributes))
    return found


def _report(work: Work, calls: int, seconds: float) -> ReinitReport:
    disks = tuple(work.rows[disk.id] for disk in work.plan.disks)
    machines = tuple(sorted(work.powered.values(), key=lambda row: row.address))
    interrupted = work.is_stopped and any(row.became is Became.SKIPPED for row in disks)
    return ReinitReport(disks, machines, calls, seconds, interrupted)


def _stop(work: Work) -> list[str]:
    """Those that run are marked and stopped; one that somebody stops already is waited for, and stays off.

    Answers those that were refused and run on: nobody need remember that.
    """
    for host in work.plan.machines.values():
        if host.is_off:
            work.down.add(host.id)
            if host.address is not None and not host.ran:
                work.powered[host.id] = Powered(host.address, host.id, host.status, Became.ALREADY, host.status)
    rising = [host.id for host in work.plan.stopped if host.status == "Starting"]
    work.wait(INSTANCE, rising, until("Running"), TIMEOUT)
    lost = work.lost()
    if work.is_stopped or lost:
        for host in work.plan.stopped if lost else ():
            _end(work, "stop", host, lost)
        return []
    asked = [host for host in work.plan.stopped if host.status != "Stopping"]
    for request in mark([host.id for host in asked if not host.is_marked and not host.is_meant_off]):
        work.source.send(request)
    refused = _asked(work, Verb.STOP, asked)
    left = [host.id for host in work.plan.stopped if host.id not in refused]
    problems = work.wait(INSTANCE, left, until("Stopped"), TIMEOUT)
    for host in work.plan.stopped:
        problem = refused.get(host.id) or _not_reached(problems.get(host.id))
        if problem is None:
            work.down.add(host.id)
            work.say("apply_done", "stop", host.address)
        else:
            _end(work, "stop", host, problem)
    return [one for one, answer in refused.items() if answer.status == "Running"]


def _start(work: Work) -> list[str]:
    """What ran runs again, whatever became of its disks, but for a disk that is not back. Answers those that run."""
    ready = []
    for host in work.plan.started:
        if host.id in work.down & work.busy:
            told = "it is off, as a disk is not back yet; the next apply starts it"
            _end(work, "start", host, Answered("Stopped", "NotReached", told))
        elif host.id in work.down:
            ready.append(host)
    lost = work.lost() if ready else None
    refused = {host.id: lost for host in ready} if lost else _asked(work, Verb.START, ready)
    left = [host.id for host in ready if host.id not in refused]
    problems = work.wait(INSTANCE, left, until("Running"), TIMEOUT)
    for host in ready:
        _end(work, "start", host, refused.get(host.id) or _not_reached(problems.get(host.id)))
    return [one for one in left if one not in problems]


def _unmark(work: Work, ids: Sequence[str]) -> None:
    """A mark that stays is told: were its machine stopped by a person, the next apply would start it again."""
    hosts = work.plan.machines
    marked = [one for one in ids if hosts[one].is_marked or not hosts[one].is_meant_off]
    for request in unmark(marked):
        try:
            work.source.send(request)
        except ApiError as error:
            told = f"it runs, but its tag {key_of('instance', RESTART)} stays until the next apply: {error.message}"
            for one in request.params["ResourceId"]:
                _end(work, "start", hosts[one], Answered("Running", error.code, told))


def _asked(work: Work, verb: Verb, hosts: Sequence[Host]) -> dict[str, Answered]:
    """Asks machines to stop or to start; those that were refused. What is busy is asked again, a few times."""
    operation, _ = _WAYS[verb]
    for host in hosts:
        work.say("apply_start", verb.value, host.address)
    refused = _refused(work, verb, [host.id for host in hosts])
    for pause in PAUSES:
        busy = [one for one, answer in refused.items() if classify(operation, answer.code, 403) in _BUSY]
        if not busy:
            break
        work.clock.sleep(pause)
        refused = {one: a for one, a in refused.items() if one not in busy} | _refused(work, verb, busy)
    return refused


def _refused(work: Work, verb: Verb, ids: Sequence[str]) -> dict[str, Answered]:
    """One that is on its way in spite of a refusal was heard before: an answer was lost."""
    found: dict[str, Answered] = {}
    for part, request in power(verb, ids):
        try:
            found |= answers(part, work.source.send(request))
        except ApiError as error:
            found |= dict.fromkeys(part, Answered("", error.code, error.message))
    refused = {one: answer for one, answer in found.items() if answer.code}
    seen: dict[str, str] = {}
    with suppress(ApiError):
        seen = work.statuses(list(refused))
    return {
        one: Answered(seen.get(one, ""), answer.code, answer.message)
        for one, answer in refused.items()
        if seen.get(one) not in _WAYS[verb][1]
    }


def _not_reached(problem: str | None) -> Answered | None:
    return Answered("", "NotReached", problem) if problem else None


def _end(work: Work, verb: str, host: Host, problem: Answered | None) -> None:
    """What became of a machine: it runs again, or `problem`."""
    assert host.address is not None
    became, told = (Became.FAILED, problem) if problem else (Became.DONE, Answered("Running"))
    work.powered[host.id] = Powered(host.address, host.id, host.status, became, told.status, told.code, told.message)
    work.say("apply_failed" if problem else "apply_done", verb, host.address, told.code, told.message)
