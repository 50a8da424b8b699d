"""What apply did, as rows made once, and as text: the failures in full, the rest counted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ecsplan.model.address import Address
from ecsplan.model.plan import Off, Outcome, Report, Status, StepId
from ecsplan.render.cells import cells, padded
from ecsplan.render.off import off_details, off_headlines
from ecsplan.render.text import Paint, unpainted
from ecsplan.render.values import clean, masked, shown
from ecsplan.render.words import duration, members, plural


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """The steps that were left out for one and the same failure (None: the run was interrupted)."""

    because: StepId | None
    steps: tuple[StepId, ...]
    addresses: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    outcomes: tuple[Outcome, ...]
    failed: tuple[Outcome, ...]
    skipped: tuple[SkippedRow, ...]
    done: int
    ids: Mapping[Address, str]
    outputs: Mapping[str, Any]
    interrupted: bool
    calls: int
    seconds: float
    off: tuple[Off, ...] = ()

    @property
    def skipped_steps(self) -> int:
        return sum(len(row.steps) for row in self.skipped)

    @property
    def status(self) -> str:
        """`done`, `partly` (something was done, not all), `failed` (nothing was) or `interrupted`."""
        if self.interrupted:
            return "interrupted"
        if not self.failed and not self.skipped:
            return "done"
        return "partly" if self.done else "failed"


def report_view(report: Report) -> ReportView:
    skipped: dict[StepId | None, list[Outcome]] = {}
    for outcome in report.skipped:
        skipped.setdefault(outcome.because, []).append(outcome)
    return ReportView(
        outcomes=report.outcomes,
        failed=report.failed,
        skipped=tuple(_skipped(because, outcomes) for because, outcomes in skipped.items()),
        done=sum(outcome.status is Status.DONE for outcome in report.outcomes),
        ids=dict(sorted(report.ids.items())),
        outputs={name: masked(value) for name, value in report.outputs.items()},
        interrupted=report.interrupted,
        calls=report.calls,
        seconds=report.seconds,
        off=report.off,
    )


def _skipped(because: StepId | None, outcomes: list[Outcome]) -> SkippedRow:
    addresses = {address for outcome in outcomes for address in outcome.addresses}
    return SkippedRow(because, tuple(outcome.step for outcome in outcomes), tuple(sorted(addresses)))


def report_text(view: ReportView, paint: Paint = unpainted) -> str:
    blocks = [list(_off(view, paint))]
    blocks += [list(_failure(outcome, paint)) for outcome in view.failed]
    blocks.append([_skipped_line(row, paint) for row in view.skipped])
    if view.outputs:
        width = max(map(cells, view.outputs))
        blocks.append(
            ["Outputs:", *(f"    {padded(name, width)} = {shown(value)}" for name, value in view.outputs.items())]
        )
    blocks.append([paint(conclusion(view), "bold"), *_next_step(view)])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _off(view: ReportView, paint: Paint) -> Iterator[str]:
    yield from (paint(line, "danger") for line in off_headlines(view.off))
    yield from (f"    {line}" for line in off_details(view.off))


def conclusion(view: ReportView) -> str:
    if not view.outcomes and not view.interrupted:
        return "Done: all of it had been done before."
    opening = {"done": "Done", "partly": "Applied in part", "failed": "Failed", "interrupted": "Interrupted"}
    counted = [plural(view.done, "step") + " done"]
    if view.failed:
        counted.append(f"{len(view.failed):,} failed")
    if view.skipped:
        counted.append(f"{view.skipped_steps:,} not started")
    return (
        f"{opening[view.status]}: {', '.join(counted)}; {plural(view.calls, 'API call')} in {duration(view.seconds)}."
    )


def _next_step(view: ReportView) -> tuple[str, ...]:
    if view.status == "done":
        return ()
    return ("Apply again to go on from here: what is done stays done.",)


def _failure(outcome: Outcome, paint: Paint) -> Iterator[str]:
    who = members(outcome.addresses) if outcome.addresses else outcome.step.address
    yield f"{paint('failed ', 'danger')} {outcome.step.verb} {who}"
    told = ": ".join(filter(None, (outcome.code, clean(outcome.message))))
    if told:
        yield f"        {told}"
    if outcome.request_id:
        yield f"        request {outcome.request_id}"
    if outcome.advice:
        yield f"        {outcome.advice}"


def _skipped_line(row: SkippedRow, paint: Paint) -> str:
    why = f"because {row.because} failed" if row.because else "the run was interrupted before"
    return f"{paint('skipped', 'update')} {members(row.addresses) or plural(len(row.steps), 'step')}: {why}"
