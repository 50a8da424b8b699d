"""The result of each machine and disk of an operation, from the outcomes of its steps. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from ecsplan.model.plan import Outcome, Plan, Report, Status, Step
from ecsplan.model.power import Became, Powered, PowerPlan, PowerReport
from ecsplan.model.reinit import Disk, Host, PutBack, ReinitPlan, ReinitReport

INTERRUPTED = "Interrupted"
Ended = Mapping[str, list[tuple[Step, Outcome]]]
"""Steps and outcomes by the id of their targets."""


def ended(plan: Plan, report: Report) -> Ended:
    outcomes = {outcome.step: outcome for outcome in report.outcomes}
    found: dict[str, list[tuple[Step, Outcome]]] = {}
    for step in plan.steps:
        for target in step.calls[0].targets if step.calls else ():
            found.setdefault(str(target), []).append((step, outcomes[step.id]))
    return found


def became(outcome: Outcome, target: str) -> tuple[Became, str, str]:
    """What became of one target of a step; the code and the message, where it is not done."""
    refusal = outcome.refused.get(target)
    if refusal is not None:
        return Became.FAILED, refusal.code, refusal.message
    if outcome.status in (Status.DONE, Status.NOT_NEEDED) or outcome.refused:
        return Became.DONE, "", ""
    if outcome.status is Status.FAILED:
        return Became.FAILED, outcome.code, outcome.message
    if outcome.code and outcome.code != INTERRUPTED:
        return Became.FAILED, outcome.code, outcome.message
    return Became.SKIPPED, "", f"{outcome.because} failed" if outcome.because else outcome.message


def power_report(asked: PowerPlan, target: str, plan: Plan, report: Report, live: Mapping[str, str]) -> PowerReport:
    """`target` is the status that was asked for, `live` that of the machines which did not get there, by id."""
    outcomes, rows = ended(plan, report), []
    for address, obj in asked.machines.items():
        beside = [told for one in asked.beside.get(obj.id, ()) for told in outcomes.get(one, ())]
        outcome = _telling(asked, outcomes[obj.id], beside)
        what, code, message = became(outcome, obj.id)
        status = target if what is Became.DONE else live.get(obj.id, "")
        rows.append(Powered(address, obj.id, obj.status, what, status, code, message, outcome.request_id))
    rows += [Powered(a, o.id, o.status, Became.ALREADY, o.status) for a, o in asked.settled.items()]
    rows.sort(key=lambda row: row.address)
    return PowerReport(tuple(rows), report.calls, report.seconds, report.interrupted)


def _telling(
    asked: PowerPlan, found: Sequence[tuple[Step, Outcome]], beside: Sequence[tuple[Step, Outcome]]
) -> Outcome:
    """The outcome of what was asked for; where that is done, that of what should have followed and failed, of the
    machine or `beside` it."""
    (own,) = [outcome for step, outcome in found if step.id.verb == asked.order.verb.value]
    failed = [one for _, one in (*found, *beside) if one.status is Status.FAILED and one is not own]
    return failed[-1] if failed and own.status is Status.DONE else own


def reinit_report(asked: ReinitPlan, plan: Plan, report: Report) -> ReinitReport:
    outcomes = ended(plan, report)
    disks = tuple(_disk(disk, outcomes) for disk in asked.disks)
    rows = (row for host in asked.machines.values() for row in _host(host, outcomes.get(host.id, ())))
    machines = tuple(sorted(rows, key=lambda row: row.address))
    return ReinitReport(disks, machines, report.calls, report.seconds, report.interrupted, report.snapshots)


def _disk(disk: Disk, outcomes: Ended) -> PutBack:
    _, outcome = outcomes[disk.id][-1]
    what, code, message = became(outcome, disk.id)
    return PutBack(disk, what, code, message, outcome.request_id)


def _host(host: Host, outcomes: Sequence[tuple[Step, Outcome]]) -> Iterator[Powered]:
    """A machine that ran, or that is off and stays so. The last step that failed says what is wrong with it now."""
    if host.address is None:
        return
    if host.is_off and not host.ran:
        yield Powered(host.address, host.id, host.status, Became.ALREADY, host.status)
        return
    found = [(step.id.verb, *became(outcome, host.id), outcome) for step, outcome in outcomes]
    bad = [row for row in found if row[1] is Became.FAILED]
    started = any(verb == "start" and outcome.status is Status.DONE for verb, *_, outcome in found)
    if bad:
        _, what, code, message, outcome = bad[-1]
        status = "Running" if started else ""
        yield Powered(host.address, host.id, host.status, what, status, code, message, outcome.request_id)
    elif started:
        yield Powered(host.address, host.id, host.status, Became.DONE, "Running")
