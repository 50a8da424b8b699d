"""A Plan as neutral rows, made once; every format draws these and nothing else.

Secrets are masked here, so that no format can forget to.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address, Part
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Call
from ecsplan.model.change import Action, Cause, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, SourceRange
from ecsplan.model.durations import NOTHING_LEARNED, Durations
from ecsplan.model.kind import Kinds
from ecsplan.model.origin import Commit
from ecsplan.model.plan import UNBOUND, Closing, Edge, Guard, Off, Plan, Step, StepId, Validity
from ecsplan.model.preflight import NO_PREFLIGHT, PreflightReport
from ecsplan.model.price import NO_PRICES, Prices
from ecsplan.model.reach import Reach
from ecsplan.model.recovery import Recovery
from ecsplan.model.ruling import Ruling
from ecsplan.render.attributes import AttributeRow, AttributeRows
from ecsplan.render.objects import ObjectRow, object_rows
from ecsplan.render.timing import Schedule, schedule
from ecsplan.render.values import Own, clean, masked
from ecsplan.render.words import ACTION_WORDS, impact_words, members, places

# Within one impact: what takes away comes before what adds.
_RANK = (
    Action.REPLACE,
    Action.DELETE,
    Action.RELEASE,
    Action.UPDATE,
    Action.MOVE,
    Action.ADOPT,
    Action.CREATE,
    Action.NOOP,
)


_LOOKED_AT = (Action.DELETE, Action.REPLACE, Action.ADOPT, Action.RELEASE)


class ChangeRow(Struct, frozen=True):
    """What happens to one address, or in the same way to many. `ids` are those of the live objects,
    `names` what these are called.

    `commit` last wrote a line that the change comes from; None where that is not known.

    `own` stands for the members of a folded row: what is each one's own is shown as `[each]`.
    """

    addresses: tuple[Address, ...]
    action: Action
    impacts: frozenset[Impact] = frozenset()
    cause: Cause | None = None
    attributes: tuple[AttributeRow, ...] = ()
    reason: str = ""
    source: SourceRange | None = None
    loses: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    moved_from: tuple[Address | Part, ...] = ()
    create_first: bool = False
    waves: tuple[int, ...] = ()
    own: Own | None = None
    commit: Commit | None = None

    @property
    def label(self) -> str:
        return members(self.addresses)

    @property
    def impact(self) -> Impact:
        return max(self.impacts, default=Impact.NONE)

    @property
    def places(self) -> tuple[SourceRange, ...]:
        """Where it is declared: the attributes that differ; the block, for what is made or replaced as a whole."""
        own = tuple(attribute.source for attribute in self.attributes if attribute.source is not None)
        return own or ((self.source,) if self.source is not None else ())

    @property
    def word(self) -> str:
        drifted = self.action is Action.UPDATE and self.cause is Cause.DRIFT
        return "drift" if drifted else ACTION_WORDS[self.action]

    def live(self, most: int) -> str:
        """The objects by id and live name, where somebody should look first: they go, or become ours."""
        if self.action not in _LOOKED_AT:
            return ""
        shown = [f"{i} ({n})" if n and n != i else i for i, n in zip(self.ids, self.names, strict=True)]
        return ", ".join(shown[:most]) + (f" and {len(shown) - most:,} more" if len(shown) > most else "")

    @property
    def danger(self) -> tuple[bool, int, int]:
        """The most dangerous first; what is equal keeps the plan's order, in which dependencies come first."""
        return (not self.blocked, -self.impact, _RANK.index(self.action))

    @property
    def effect(self) -> str:
        """What it does to a running thing, in words; nothing for what is new."""
        words = [] if self._is_harmless else [self._impact()]
        if self.action is Action.REPLACE:
            words.append("the new one first" if self.create_first else "the old one goes first")
        if self.moved_from:
            words.append(f"was {places(self.moved_from)}")
        return "; ".join([*words, *self._pace()])

    def _impact(self) -> str:
        """A deleted thing gets no new address: it gives up the one it had."""
        if self.action is not Action.DELETE or Impact.NEW_ADDRESS not in self.impacts:
            return impact_words(self.impacts)
        others = self.impacts - {Impact.NEW_ADDRESS}
        return ", ".join([*([impact_words(others)] if others else []), "its address is given up"])

    @property
    def _is_harmless(self) -> bool:
        return not self.impacts and self.action is not Action.UPDATE

    def _pace(self) -> tuple[str, ...]:
        """How a rolling change goes through the group."""
        count = len(set(self.waves))
        if count < 2:
            return ()
        largest = max(self.waves.count(wave) for wave in set(self.waves))
        return ("one after the other",) if largest == 1 else (f"in {count} waves of at most {largest}",)


class CallRow(Struct, frozen=True):
    """One API request as it will be sent, its secrets hidden."""

    operation: str
    product: str
    params: Mapping[str, Any]
    targets: tuple[Any, ...] = ()
    creates: tuple[Address, ...] = ()
    note: str = ""


class StepRow(Struct, frozen=True):
    """`starts` is when it is likely to begin, in seconds; `is_critical`: on it depends how long the whole takes."""

    id: StepId
    addresses: tuple[Address, ...]
    calls: tuple[CallRow, ...]
    needs: tuple[StepId, ...]
    lane: str | None
    impacts: frozenset[Impact]
    wave: int
    seconds: float
    closing: Closing | None = None
    edges: tuple[Edge, ...] = ()
    starts: float = 0.0
    is_critical: bool = False
    gate: str = ""  # what its addresses must pass, or a pause
    rollout: str = ""  # whose gate it is: a group, or a named rollout

    @property
    def is_barrier(self) -> bool:
        return not self.calls and not self.gate

    @property
    def impact(self) -> Impact:
        return max(self.impacts, default=Impact.NONE)


class PlanView(Struct, frozen=True):
    """`changes` are one row for each address, the dangerous first; `remarks` are notes on what stays as it is.
    `records` are the addresses of which nothing but the record of what was applied is out of date.

    `left_out` are those that would change and that the plan leaves out; `unchanged` counts none of them.
    `rescues` are steps for the case that others fail; none of them is expected to run.
    `ruling` is what the policy says of the plan, where it was asked. `objects` are whole, where they are wanted.
    """

    stack: str
    region: str
    account: str | None
    digest: str
    version: str
    is_new_stack: bool
    is_destroy: bool
    live: int
    calls_read: int
    read_seconds: float
    changes: tuple[ChangeRow, ...]
    remarks: tuple[ChangeRow, ...]
    unchanged: int
    records: tuple[Address, ...]
    steps: tuple[StepRow, ...]
    guards: tuple[Guard, ...]
    warnings: tuple[Diagnostic, ...]
    outputs: Mapping[str, Any]
    calls: int
    seconds: float
    rescues: tuple[StepRow, ...] = ()
    off: tuple[Off, ...] = ()
    left_out: tuple[Address, ...] = ()
    is_part: bool = False
    ruling: Ruling | None = None
    objects: tuple[ObjectRow, ...] = ()
    preflight: PreflightReport = NO_PREFLIGHT
    prices: Prices = NO_PRICES
    reach: tuple[Reach, ...] = ()
    now: float = 0.0
    valid: Validity = UNBOUND
    recoveries: tuple[Recovery, ...] = ()
    learned: int = 0  # steps of which the history tells how long they take

    @property
    def chain(self) -> tuple[StepRow, ...]:
        """The steps that decide how long the whole takes, in their order; barriers left out."""
        return tuple(step for step in self.steps if step.is_critical and not step.is_barrier)

    @property
    def counts(self) -> dict[str, int]:
        """How many addresses by action, in the order in which they are told."""
        order = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE, Action.ADOPT, Action.MOVE, Action.RELEASE)
        return {ACTION_WORDS[a]: sum(row.action is a for row in self.changes) for a in order}

    @property
    def impacts(self) -> dict[Impact, int]:
        """How many addresses each impact is on, the worst first."""
        return {i: n for i in sorted(Impact, reverse=True) if (n := sum(i in row.impacts for row in self.changes))}

    @property
    def drifted(self) -> int:
        return sum(any(a.cause in (Cause.DRIFT, Cause.BOTH) for a in row.attributes) for row in self.changes)

    @property
    def is_empty(self) -> bool:
        """Whether the cloud is as the stack says; a record that is out of date is no change."""
        return not self.changes


def view(
    plan: Plan,
    ruling: Ruling | None = None,
    *,
    with_objects: bool = False,
    now: float = 0.0,
    durations: Durations = NOTHING_LEARNED,
) -> PlanView:
    """`now` is what the ages of commits are counted from; `durations` are what steps took before."""
    waves = {address: step.wave for step in plan.steps if step.wave for address in step.addresses}
    addresses = _addresses(plan.changes)
    still = [change for change in plan.changes if change.action is Action.NOOP]  # nearly all, of a large stack
    told = [c for c in plan.changes if c.action is not Action.NOOP or c.notes or c.blocked]
    lines = AttributeRows(addresses, plan.kinds)
    rows = [_with_commit(_change_row(change, waves, lines), plan.commits) for change in told]
    left_out = set(plan.left_out)
    expected = tuple(_timed(step, durations) for step in plan.steps if not step.is_rescue)
    planned = schedule(expected)
    return PlanView(
        stack=plan.stack,
        region=plan.region,
        account=plan.account,
        digest=plan.digest,
        version=plan.ecsplan_version,
        is_new_stack=plan.is_new_stack,
        is_destroy=plan.is_destroy,
        live=plan.live,
        calls_read=plan.calls_read,
        read_seconds=plan.read_seconds,
        changes=tuple(sorted((r for r in rows if r.action is not Action.NOOP), key=lambda row: row.danger)),
        remarks=tuple(r for r in rows if r.action is Action.NOOP),
        unchanged=sum(change.address not in left_out for change in still),
        records=tuple(change.address for change in plan.changes if change.records),
        steps=_step_rows(expected, planned),
        rescues=tuple(_step_row(step) for step in plan.steps if step.is_rescue),
        off=plan.off,
        left_out=plan.left_out,
        is_part=plan.asked.is_part,
        ruling=ruling,
        objects=object_rows(plan) if with_objects else (),
        reach=tuple(_cleaned(reach) for reach in plan.reach),
        guards=plan.guards,
        preflight=plan.preflight,
        prices=plan.prices,
        warnings=plan.warnings,
        outputs={name: masked(value) for name, value in plan.outputs.items()},
        calls=plan.calls,
        seconds=planned.seconds,
        learned=sum(durations.of(step) is not None for step in expected),
        now=now,
        valid=plan.valid,
        recoveries=plan.recoveries,
    )


def _timed(step: Step, durations: Durations) -> Step:
    usual = durations.of(step)
    return step if usual is None else replace(step, seconds=usual)


def with_commits(seen: PlanView, commits: Mapping[SourceRange, Commit], now: float) -> PlanView:
    """The view with the newest commit of the lines that each change comes from; `now` is what ages are counted from."""
    return replace(seen, changes=tuple(_with_commit(row, commits) for row in seen.changes), now=now)


def _with_commit(row: ChangeRow, commits: Mapping[SourceRange, Commit]) -> ChangeRow:
    found = [commits[place] for place in row.places if place in commits]
    newest = max(found, key=lambda commit: (not commit.name, commit.time), default=None)
    return replace(row, commit=newest)


def _cleaned(reach: Reach) -> Reach:
    opened, closed, unknown = (tuple(map(clean, texts)) for texts in (reach.opened, reach.closed, reach.unknown))
    return replace(reach, opened=opened, closed=closed, unknown=unknown)


def change_rows(changes: Iterable[Change], kinds: Kinds) -> tuple[ChangeRow, ...]:
    """Changes without steps around them, the dangerous first."""
    changes = tuple(changes)
    lines = AttributeRows(_addresses(changes), kinds)
    return tuple(sorted((_change_row(change, {}, lines) for change in changes), key=lambda row: row.danger))


def _addresses(changes: Iterable[Change]) -> dict[str, Address]:
    """Whose each id is."""
    return {change.before.id: change.address for change in changes if change.before is not None}


def _change_row(change: Change, waves: Mapping[Address, int], lines: AttributeRows) -> ChangeRow:
    wave = waves.get(change.address)
    return ChangeRow(
        addresses=(change.address,),
        action=change.action,
        impacts=change.impacts,
        cause=_cause(change),
        attributes=lines.of(change),
        reason=clean(change.reason),
        source=change.after.source if change.after else None,
        loses=tuple(clean(text) for text in change.loses),
        blocked=tuple(clean(text) for text in change.blocked),
        notes=tuple(clean(text) for text in change.notes),
        ids=(change.before.id,) if change.before else (),
        names=(clean(change.before.name),) if change.before else (),
        moved_from=(change.moved_from,) if change.moved_from else (),
        create_first=change.create_first,
        waves=(wave,) if wave else (),
    )


def _cause(change: Change) -> Cause | None:
    """Who moved, where all attributes agree; else both did."""
    causes = {attribute.cause for attribute in change.attributes}
    if len(causes) == 1:
        return causes.pop()
    return Cause.BOTH if causes else None


def _step_rows(steps: Sequence[Step], planned: Schedule) -> tuple[StepRow, ...]:
    by_id = {step.id: step for step in steps}
    return tuple(
        replace(_step_row(by_id[step_id]), starts=planned.starts[step_id], is_critical=step_id in planned.critical)
        for step_id in planned.order
    )


def _step_row(step: Step) -> StepRow:
    calls = tuple(call_row(call) for call in step.calls)
    return StepRow(
        step.id, step.addresses, calls, step.needs, step.lane, step.impacts, step.wave, step.seconds, step.closing,
        step.edges, gate=clean(step.gate.text) if step.gate is not None else "",
        rollout=step.gate.rollout if step.gate is not None else "",
    )  # fmt: skip


def call_row(call: Call) -> CallRow:
    params: Mapping[str, Any] = masked(dict(call.params))
    return CallRow(call.operation, call.product.value, params, masked(call.targets), call.creates, call.note)
