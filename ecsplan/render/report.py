"""The report of apply, as rows made once, and as text: the failures in full, the rest counted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.model.address import Address
from ecsplan.model.plan import Off, Outcome, Report, Result, Status, StepId
from ecsplan.model.running import Ran
from ecsplan.render.cells import cells, padded
from ecsplan.render.off import off_details, off_headlines
from ecsplan.render.paint import Paint, unpainted
from ecsplan.render.ran import ran_lines
from ecsplan.render.text import place
from ecsplan.render.values import clean, masked, shown
from ecsplan.render.words import duration, members, plural


class SkippedRow(Struct, frozen=True):
    """The steps that were left out for one and the same failure (None: the run was interrupted)."""

    because: StepId | None
    steps: tuple[StepId, ...]
    addresses: tuple[Address, ...]


class UncheckedRow(Struct, frozen=True):
    """What was changed though nobody could look beforehand whether the service would do it, all for one reason."""

    why: str
    addresses: tuple[Address, ...]


DONE_BEFORE = "done before"


class ReportView(Struct, frozen=True):
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
    results: Mapping[Address, Result] = field(default_factory=dict)
    has_effect: bool = False
    done_before: tuple[Address, ...] = ()
    unchecked: tuple[UncheckedRow, ...] = ()
    left_out: Mapping[Address, str] = field(default_factory=dict)
    taken_back: Mapping[Address, str] = field(default_factory=dict)
    ran: tuple[Ran, ...] = ()
    snapshots: Mapping[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many resources were created, failed … in the order of the words; what does not occur is left out.

        Together they are all that the plan announced.
        """
        found = Counter(self.results.values())
        counts = {result.value: found[result] for result in Result if found[result]}
        return counts | ({DONE_BEFORE: len(self.done_before)} if self.done_before else {})

    @property
    def skipped_steps(self) -> int:
        return sum(len(row.steps) for row in self.skipped)

    @property
    def unchecked_addresses(self) -> tuple[Address, ...]:
        return tuple(sorted({address for row in self.unchecked for address in row.addresses}))

    @property
    def status(self) -> str:
        """`done`, `partly` (something was changed, not all), `failed` (nothing was) or `interrupted`."""
        if self.interrupted:
            return "interrupted"
        if not self.failed and not self.skipped:
            return "partly" if self.left_out else "done"
        return "partly" if self.done or self.has_effect else "failed"


def report_view(report: Report, announced: Iterable[Address] = ()) -> ReportView:
    """`announced` are the addresses that the plan, as it was shown, changes: some may have been done already."""
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
        results=dict(sorted(report.results.items())),
        has_effect=report.has_effect,
        done_before=tuple(sorted(set(announced) - report.results.keys())),
        unchecked=_unchecked(report.outcomes),
        left_out={address: clean(why) for address, why in report.left_out.items()},
        taken_back={address: clean(why) for address, why in report.taken_back.items()},
        ran=tuple(row for outcome in report.outcomes for row in outcome.ran),
        snapshots=dict(sorted(report.snapshots.items())),
    )


def _unchecked(outcomes: Iterable[Outcome]) -> tuple[UncheckedRow, ...]:
    found: dict[str, set[Address]] = {}
    for outcome in outcomes:
        if outcome.unchecked:
            why = ": ".join(filter(None, (outcome.code, clean(outcome.message))))
            found.setdefault(why, set()).update(outcome.addresses)
    return tuple(UncheckedRow(why, tuple(sorted(addresses))) for why, addresses in found.items())


def _skipped(because: StepId | None, outcomes: list[Outcome]) -> SkippedRow:
    addresses = {address for outcome in outcomes for address in outcome.addresses}
    addresses -= {address.group for address in addresses if address.key is not None}  # a pause is that of the group
    return SkippedRow(because, tuple(outcome.step for outcome in outcomes), tuple(sorted(addresses)))


def report_text(view: ReportView, paint: Paint = unpainted) -> str:
    blocks = [list(_off(view, paint))]
    blocks += [list(_failure(view, outcome, paint)) for outcome in view.failed]
    blocks.append(list(ran_lines(view.ran, paint)))
    blocks.append([_skipped_line(row, paint) for row in view.skipped])
    blocks.append([f"{paint('not checked', 'update')} {unchecked_line(row)}" for row in view.unchecked])
    blocks.append([f"{paint('left out', 'update')} {line}" for line in left_out_lines(view)])
    blocks.append([paint(line, "update") for line in taken_back_lines(view)])
    blocks.append(snapshot_lines(view.snapshots))
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
    counted = ", ".join(f"{count:,} {word}" for word, count in view.counts.items()) or _steps(view)
    unchecked = len(view.unchecked_addresses)
    counted += f"; {unchecked:,} not checked before the change" if unchecked else ""
    return f"{opening[view.status]}: {counted}; {plural(view.calls, 'API call')} in {duration(view.seconds)}."


def left_out_lines(view: ReportView) -> list[str]:
    """What had moved since the plan was made, and what depends on it; members that moved alike on one line."""
    return [f"{members(addresses)}: {why}" for why, addresses in _alike(view.left_out).items()]


def taken_back_lines(view: ReportView) -> list[str]:
    """What became of the members of a wave that was to be rolled back."""
    found = _alike(view.taken_back)
    back = [f"rolled back {members(found[''])}: the values before are there again"] if "" in found else []
    return [*back, *(f"not rolled back {members(addresses)}: {why}" for why, addresses in found.items() if why)]


def snapshot_lines(snapshots: Mapping[str, str]) -> list[str]:
    """What was kept before it was put at risk, and how it is had again."""
    how = "snapshots from before the change; ecsplan reinit ADDRESS --snapshot ID restores a disk from its own:"
    return [how, *(f"    {disk}  {snapshot}" for disk, snapshot in snapshots.items())] if snapshots else []


def _alike(told: Mapping[Address, str]) -> dict[str, list[Address]]:
    found: dict[str, list[Address]] = {}
    for address, why in told.items():
        found.setdefault(why, []).append(address)
    return found


def unchecked_line(row: UncheckedRow) -> str:
    return f"before the change: {members(row.addresses)} ({row.why})"


def _steps(view: ReportView) -> str:
    """For a run that changes no resource: it writes tags, or starts what an earlier one left off."""
    counted = [plural(view.done, "step") + " done"] if view.done else []
    if view.failed:
        counted.append(f"{len(view.failed):,} failed")
    if view.skipped:
        counted.append(f"{view.skipped_steps:,} not started")
    return ", ".join(counted) or "nothing done"


def _next_step(view: ReportView) -> tuple[str, ...]:
    if view.status == "done":
        return ()
    if view.left_out and not view.failed and not view.skipped and not view.interrupted:
        return (
            "Plan again for what was left out: ecsplan diff shows what is new, and approvals of the rest count on.",
        )
    return ("Apply again to go on from here: what is done stays done.",)


def _failure(view: ReportView, outcome: Outcome, paint: Paint) -> Iterator[str]:
    who = members(outcome.addresses) if outcome.addresses else outcome.step.address
    at = f"  {paint(place(outcome.source), 'dim')}" if outcome.source else ""
    yield f"{paint('failed ', 'danger')} {outcome.step.verb} {who}{at}"
    told = ": ".join(filter(None, (outcome.code, clean(outcome.message))))
    if told:
        yield f"        {told}"
    if outcome.request_id:
        yield f"        request {outcome.request_id}"
    if born := made_all_the_same(view, outcome):
        yield f"        {born}"
    if outcome.advice:
        yield f"        {outcome.advice}"


def made_all_the_same(view: ReportView, outcome: Outcome) -> str:
    """What a step had created before it failed."""
    if outcome.step.verb != "create":
        return ""
    ids = [f"{address} is {view.ids[address]}" for address in outcome.addresses if address in view.ids]
    more = f" and {len(ids) - 3:,} more" if len(ids) > 3 else ""
    return f"created all the same: {', '.join(ids[:3])}{more}; the next apply goes on from there" if ids else ""


def _skipped_line(row: SkippedRow, paint: Paint) -> str:
    why = f"because {row.because} failed" if row.because else "the run was interrupted before"
    return f"{paint('skipped', 'update')} {members(row.addresses) or plural(len(row.steps), 'step')}: {why}"
