"""Mends what a dead run left, before anything is planned: see executor/recover.py. Used by applying.py."""

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from ecsplan.engine import ApplyOptions, Event, PlanOptions
from ecsplan.engine.filling import filler_for
from ecsplan.engine.locking import Holding
from ecsplan.engine.planning import make_plan
from ecsplan.engine.shelves import journals
from ecsplan.executor.blind import VISIBILITY_LAG
from ecsplan.executor.fill import Unfilled
from ecsplan.executor.history import History, prune
from ecsplan.executor.journal import digest_of
from ecsplan.executor.records import Intent
from ecsplan.executor.recover import Rescue, recover
from ecsplan.inventory.decode import bares
from ecsplan.model.call import Api, Call, Replay, Request
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan
from ecsplan.model.stack import Stack
from ecsplan.provider.alibaba import opened
from ecsplan.provider.protocol import Provider

_GOING = (Action.DELETE, Action.RELEASE, Action.REPLACE)


class Mending(Struct, frozen=True):
    """What is known when the lock has been taken. `stack` is what is to be applied now."""

    stack: Stack | None
    api: Api
    kinds: Kinds
    options: ApplyOptions
    held: Holding
    history: History
    tell: Callable[[Event], None]


def mend(work: Mending) -> History:
    """Asks again for unanswered creates, and waits until what earlier runs made can be seen in the lists; answers what
    is known by then."""
    clock, taken_from, key = work.held.clock, work.held.taken_from, work.held.key
    with opened(work.api, work.kinds) as source:
        today = Today(work, source)
        rescue = Rescue(
            source,
            lambda kind: tagged(source, work.kinds, kind),
            source.shown,
            clock,
            today.request,
            today.live,
            work.tell,
            frozenset(work.kinds),
            key,
        )
        known = recover(work.history, rescue, taken_from)
    if taken_from and not known:
        clock.sleep(VISIBILITY_LAG)
    if work.stack is not None:
        prune(journals(work.options.state_dir, work.options.store), work.stack.name, work.history, key)
    return History(work.history.pasts, work.history.refused)


def tagged(source: Provider, kinds: Kinds, kind: str) -> dict[str, Mapping[str, str]]:
    """The tags of all live objects of a kind, by id."""
    known = kinds[kind]
    objects = bares(known, source.list([kind])[kind])
    return {obj.id: obj.tags for obj in objects}


class Today(Struct):
    """A plan that is made now, the first time that one is asked for: what it creates, and what it finds."""

    work: Mending
    source: Provider
    _plan: Plan | None = None
    _calls: dict[tuple[str, ...], Call] | None = field(default=None)

    def live(self, intent: Intent) -> list[str]:
        """The ids of what is live at all addresses of a create, and was not deleted by a run of ours."""
        self._make()
        going = {object_id for past in self.work.history.authentic for object_id in past.births.going}
        changes = self._plan.changes if self._plan is not None else ()
        found = {str(c.address): c.before.id for c in changes if c.before is not None and c.action not in _GOING}
        ids = [found.get(address, "") for address in intent.creates]
        return ids if all(ids) and going.isdisjoint(ids) else []

    def request(self, intent: Intent) -> Request | None:
        """The request for the same create, with the token that it was sent with; None where the stack, as it is now,
        does not make the same thing at these addresses with the same parameters."""
        calls = self._make()
        call = calls.get(intent.creates)
        if call is None or self._plan is None or not _is_same(call, intent):
            return None
        filler = filler_for(self._plan.definition, self._plan.changes, self.source, self.work.kinds, self.work.options)
        try:
            if digest_of(filler.params(call, reveal=False)) != intent.body:
                return None
            params = filler.params(call)
        except Unfilled:
            return None
        return Request(
            call.operation,
            params,
            call.product,
            write=True,
            replay=Replay.TOKEN,
            client_token=intent.token,
            region=call.region,
        )

    def _make(self) -> dict[tuple[str, ...], Call]:
        if self._calls is None:
            self._plan = self._made()
            self._calls = {_named(call): call for call in _creates(self._plan)}
        return self._calls

    def _made(self) -> Plan | None:
        work = self.work
        if work.stack is None:
            return None
        try:
            return make_plan(work.stack, work.api, work.kinds, PlanOptions(), work.history.made)
        except (Rejected, Refused):  # what stands against a plan is told when it is made for good
            return None


def _creates(plan: Plan | None) -> list[Call]:
    steps = plan.steps if plan is not None else ()
    return [call for step in steps for call in step.calls if call.creates and call.token]


def _named(call: Call) -> tuple[str, ...]:
    return tuple(str(address) for address in call.creates)


def _is_same(call: Call, intent: Intent) -> bool:
    of_call = (call.operation, call.product.value, call.kind, call.id_path, call.region)
    return of_call == (intent.operation, intent.product, intent.kind, intent.id_path, intent.region)
