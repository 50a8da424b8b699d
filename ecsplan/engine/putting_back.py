"""The disks' half of a reinit: ReInitDisk or ResetDisk on machines that are off. Used by reinitialising.py.

Neither call takes a ClientToken, so the client never sends one again by itself. After a lost answer we look: a disk
that is being put back was heard. Else the call is sent again only while the disk hangs where it did and its machine is
off: then nobody can have written to it since, and twice back is the same as once. A machine that somebody has started
meanwhile uses its disk again: that is left alone, and the answer is told as lost. A copy of the call that arrives late,
after our own start, is refused by the service.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ecsplan.api.clock import Clock
from ecsplan.apply.lock import StackLock
from ecsplan.apply.wait import Poller, Waiter
from ecsplan.engine import Event, Stop
from ecsplan.engine.disks import DISK, INSTANCE
from ecsplan.engine.polling import through
from ecsplan.kinds import _reinit
from ecsplan.model.call import ApiError, Params, Wait, until
from ecsplan.model.kind import Kinds
from ecsplan.model.power import Became, Powered
from ecsplan.model.reinit import Disk, PutBack, ReinitPlan
from ecsplan.power.batches import Answered
from ecsplan.provider.protocol import Provider

LONGEST = 1800.0  # seconds until a disk is back
SIDE_BY_SIDE = 50  # disks between two looks at the lock
TRIES = 3  # of a call whose answer is lost
AT_REST = until("In_use", "Available")


@dataclass(slots=True)
class Work:
    """One run. `rows` and `powered` are what became of disks and machines by id, `logins` of new system disks.

    `down` are the machines that are off by now, `busy` those with a disk that is not back.
    """

    source: Provider
    kinds: Kinds
    plan: ReinitPlan
    clock: Clock
    lock: StackLock | None
    tell: Callable[[Event], None]
    stop: Stop | None
    logins: Mapping[str, Params]
    rows: dict[str, PutBack] = field(default_factory=dict)
    powered: dict[str, Powered] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)

    @property
    def is_stopped(self) -> bool:
        return self.stop is not None and bool(self.stop.requested.is_set())

    def lost(self) -> Answered | None:
        """Why no more may be written."""
        reason = self.lock.lost() if self.lock else None
        return Answered("", "LockLost", reason) if reason else None

    def say(self, kind: str, verb: str, who: object, code: str = "", message: str = "") -> None:
        self.tell({"type": kind, "step": f"{verb} {who}", "address": str(who), "code": code, "message": message})

    def wait(self, kind: str, ids: Collection[str], wait: Wait, timeout: float) -> dict[str, str]:
        """What went wrong, by id. A Ctrl-C is no reason to leave machines off: it goes on."""
        poller, now = Poller(), self.clock.now()
        for one in ids:
            poller.add(Waiter(one, kind, {one}, wait, now, now + timeout), now)
        ended = through(poller, self.source, self.kinds, self.clock, self._keep_on)
        return {waiter.step: waiter.problem for waiter in ended if waiter.problem}

    def _keep_on(self) -> bool:
        """The lock is renewed meanwhile; whoever writes next looks whether it is still ours."""
        with suppress(ApiError):
            self.lost()
        return False

    def statuses(self, ids: Sequence[str]) -> dict[str, str]:
        """Of machines that are there."""
        found = self.source.read(INSTANCE, ids) if ids else {}
        return {one: str(raw.get("Status")) for one, raw in found.items()}


def put_back_disks(work: Work) -> None:
    """All whose machine is off, side by side; then one wait for all."""
    ready = []
    for disk in work.plan.disks:
        if not disk.machine or disk.machine in work.down:
            ready.append(disk)
        else:
            _row(work, disk, Became.SKIPPED, message="interrupted" if work.is_stopped else "its machine is not off")
    work.wait(DISK, [disk.id for disk in ready if disk.raw.get("Status") == _reinit.BUSY], AT_REST, LONGEST)
    heard: list[Disk] = []
    for start in range(0, len(ready), SIDE_BY_SIDE):
        heard += _sent(work, ready[start : start + SIDE_BY_SIDE])
    problems = work.wait(DISK, [disk.id for disk in heard], AT_REST, LONGEST)
    for disk in heard:
        problem = problems.get(disk.id)
        if problem:
            work.busy.add(disk.machine)
        _row(work, disk, Became.FAILED if problem else Became.DONE, "NotReached" * bool(problem), problem or "")


def _sent(work: Work, disks: Sequence[Disk]) -> list[Disk]:
    """Those whose call was heard."""
    lost = None if work.is_stopped else work.lost()
    if lost or work.is_stopped:
        for disk in disks:
            became = Became.FAILED if lost else Became.SKIPPED
            _row(work, disk, became, lost.code if lost else "", lost.message if lost else "interrupted")
        return []
    for disk in disks:
        work.say("apply_start", "reinit", disk)
    heard = []
    for disk, error in zip(disks, work.source.reading.map(lambda disk: _send(work, disk), disks), strict=True):
        if error is None:
            heard.append(disk)
        else:
            _row(work, disk, Became.FAILED, error.code, error.message, error.request_id)
    return heard


def _send(work: Work, disk: Disk) -> ApiError | None:
    """None when the call was heard. What a lost answer means stands at the top of this file."""
    request = _reinit.put_back(disk, work.plan.snapshot, work.logins.get(disk.id, {}))
    for left in reversed(range(TRIES)):
        try:
            work.source.send(request)
            return None
        except ApiError as error:
            was_heard = error.unknown_outcome and _was_heard(work, disk)
            if was_heard or was_heard is None or not error.unknown_outcome or not left:
                return None if was_heard else error
    raise AssertionError("the last try answers")


def _was_heard(work: Work, disk: Disk) -> bool | None:
    """Whether the disk is being put back; None where it may be in use by now, or nobody can tell."""
    try:
        raw = work.source.read(DISK, [disk.id]).get(disk.id, {})
        if raw.get("Status") == _reinit.BUSY:
            return True
        is_off = not disk.machine or work.statuses([disk.machine]).get(disk.machine) == "Stopped"
    except ApiError:
        return None
    return False if is_off and raw and str(raw.get("InstanceId") or "") == disk.machine else None


def _row(
    work: Work, disk: Disk, became: Became, code: str = "", message: str = "", request_id: str | None = None
) -> None:
    work.rows[disk.id] = PutBack(disk, became, code, message, request_id)
    work.say(_EVENTS[became], "reinit", disk, code, message)


_EVENTS = {Became.DONE: "apply_done", Became.FAILED: "apply_failed", Became.SKIPPED: "apply_skipped"}
