"""Power operations: lock, read the machines, ask, send in batches, wait with shared polls. See `engine.power`."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ecsplan.api.clock import Clock
from ecsplan.apply.lock import StackLock
from ecsplan.apply.wait import Poller, Waiter
from ecsplan.engine import ApplyOptions, Event, Stop
from ecsplan.engine.locking import locked
from ecsplan.engine.polling import through
from ecsplan.inventory.match import match
from ecsplan.inventory.read import read_lists
from ecsplan.model.address import Address
from ecsplan.model.call import Api, ApiError, until
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.power import Became, Order, Powered, PowerPlan, PowerReport
from ecsplan.model.resource import RemoteObject
from ecsplan.model.stack import Stack
from ecsplan.power.batches import Answered, answers, batches
from ecsplan.power.choose import chosen, is_on_its_way, laid_out, target_of
from ecsplan.provider.alibaba import opened
from ecsplan.provider.protocol import Provider

TIMEOUT = 600.0  # seconds until a machine must be where it is to be
KIND = "instance"


@dataclass(slots=True)
class _Work:
    """One operation under way. `rows` is what became of each machine by its id."""

    source: Provider
    kind: Kind
    plan: PowerPlan
    clock: Clock
    lock: StackLock | None
    tell: Callable[[Event], None]
    stop: Stop | None
    poller: Poller = field(default_factory=Poller)
    rows: dict[str, Powered] = field(default_factory=dict)

    @property
    def is_stopped(self) -> bool:
        return self.stop is not None and bool(self.stop.requested.is_set())

    @property
    def addresses(self) -> Mapping[str, Address]:
        return {obj.id: address for address, obj in self.plan.machines.items()}


def operate(
    stack: Stack,
    api: Api,
    kinds: Kinds,
    order: Order,
    patterns: Iterable[str],
    options: ApplyOptions,
    approve: Callable[[PowerPlan], bool],
    events: Callable[[Event], None] | None,
    stop: Stop | None,
) -> PowerReport | None:
    """See `engine.power`."""
    started, calls = time.monotonic(), int(getattr(api, "calls", 0))
    with locked(stack.name, api, options, order.verb.value) as held, opened(api, kinds, options.parallelism) as source:
        plan = laid_out(order, stack, chosen(patterns, _owned(stack, source, kinds)))
        if not approve(plan):
            return None
        tell = events or (lambda event: None)
        work = _Work(source, kinds[KIND], plan, held.clock, held.lock, tell, stop)
        _send(work)
        _wait(work)
        rows = tuple(_row(work, address, obj) for address, obj in plan.machines.items())
    settled = tuple(Powered(a, o.id, o.status, Became.ALREADY, o.status) for a, o in plan.settled.items())
    return PowerReport(
        tuple(sorted((*rows, *settled), key=lambda row: row.address)),
        int(getattr(api, "calls", 0)) - calls,
        time.monotonic() - started,
        work.is_stopped and any(row.became is not Became.DONE for row in rows),
    )


def _owned(stack: Stack, source: Provider, kinds: Kinds) -> dict[Address, RemoteObject]:
    """The machines of the stack; only their list is read. Copies and unknown members are left alone."""
    kind = kinds[KIND]
    bare = replace(kind, listing=replace(kind.listing, details=()))
    machines = replace(stack, resources=tuple(r for r in stack.resources if r.address.kind == KIND))
    found = match(read_lists(source, [bare], source.reading.map), kinds, machines)
    unowned = [address for address, obj in found.matched.items() if obj.owner is None]
    everything = (*found.orphans, *found.matched.items())
    return {address: obj for address, obj in everything if address not in unowned and obj.kind == KIND}


def _send(work: _Work) -> None:
    """Batches one after the other, so that a Ctrl-C leaves what was not asked for alone."""
    order, machines = work.plan.order, work.plan.machines
    for address, obj in machines.items():
        work.tell({"type": "apply_start", "step": f"{order.verb.value} {address}", "address": str(address)})
        if is_on_its_way(order, obj):
            _await(work, obj.id)
    waiting = [obj.id for obj in machines.values() if not is_on_its_way(order, obj)]
    for ids, request in batches(order, waiting):
        refusal = work.lock.lost() if work.lock else None
        if work.is_stopped or refusal:
            for one in ids if refusal else ():
                _end(work, one, Became.FAILED, code="LockLost", message=str(refusal))
            continue
        try:
            answered = answers(ids, work.source.send(request))
        except ApiError as error:
            for one in ids:
                _end(work, one, Became.FAILED, "", error.code, error.message, error.request_id)
            continue
        for one, answer in answered.items():
            _take(work, one, answer)


def _take(work: _Work, machine: str, answer: Answered) -> None:
    if answer.code:
        _end(work, machine, Became.FAILED, answer.status, answer.code, answer.message)
    else:
        _await(work, machine)


def _await(work: _Work, machine: str) -> None:
    now = work.clock.now()
    wait = until(target_of(work.plan.order))
    work.poller.add(Waiter(machine, KIND, {machine}, wait, now, now + TIMEOUT), now)


def _wait(work: _Work) -> None:
    for waiter in through(work.poller, work.source, {KIND: work.kind}, work.clock, lambda: work.is_stopped):
        status = str((waiter.raws.get(waiter.step) or {}).get("Status") or "")
        became = Became.FAILED if waiter.problem else Became.DONE
        _end(work, waiter.step, became, status, "NotReached" * bool(waiter.problem), waiter.problem)


def _end(
    work: _Work,
    machine: str,
    became: Became,
    status: str = "",
    code: str = "",
    message: str = "",
    request_id: str | None = None,
) -> None:
    address = work.addresses[machine]
    before = work.plan.machines[address].status
    work.rows[machine] = Powered(address, machine, before, became, status, code, message, request_id)
    kind = "apply_done" if became is Became.DONE else "apply_failed"
    step = f"{work.plan.order.verb.value} {address}"
    work.tell({"type": kind, "step": step, "address": str(address), "code": code, "message": message})


def _row(work: _Work, address: Address, obj: RemoteObject) -> Powered:
    """One that nobody heard of to the end was skipped, or is still on its way."""
    known = work.rows.get(obj.id)
    return known or Powered(address, obj.id, obj.status, Became.SKIPPED, obj.status, message="interrupted")
