"""Recovery of a run that died: creates without an answer are asked for again, before anything is planned.

Used by the engine, which holds the lock. No request comes out of a journal: what is sent again is a call of a plan that
is made now, where it is the same that the dead run was sending; only its client token is the journal's. That token
makes the service answer with what the first send made, or make it now. It is done for the run whose lock we took over:
after one whose lock is gone, somebody else may have made the thing, with another token. All other creates are left to
the lists, as soon as these cannot lag behind them any more. Then whatever recent runs made, and did not see in the
lists by themselves, is waited for until lists show it, since a plan is made of lists, which may lack what a read by id
finds; and the journals learn of it.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from msgspec import Struct

from ecsplan.executor.blind import VISIBILITY_LAG, Tagged, look_for
from ecsplan.executor.fill import born_ids
from ecsplan.executor.history import History
from ecsplan.executor.past import Past, close
from ecsplan.executor.records import Intent
from ecsplan.model.call import ApiError, ErrorClass, Request
from ecsplan.model.clock import Clock
from ecsplan.model.copying import replace
from ecsplan.provider.protocol import Carrier

RECENT = 120.0
# A token is not remembered for ever, and a create without it would make a second one. What was made so long ago is in
# the lists, whatever their lag.
STALE = 1800.0
# After these it is still not known whether the first send made something.
_UNDECIDED = (
    ErrorClass.TRANSIENT,
    ErrorClass.THROTTLE,
    ErrorClass.CONFLICT,
    ErrorClass.IN_PROGRESS,
    ErrorClass.NEW_TOKEN,
    ErrorClass.CLOCK,
    ErrorClass.AUTH_REFRESH,
)


class Rescue(Struct, frozen=True):
    """What recovery is given. `today(intent)` answers the request that a plan made now has for the same create, with
    the journal's token; None where there is none. `live(intent)` are the ids that such a plan finds at the addresses
    of the create, all of them or none. `tagged` reads the list of a kind, `shown` which of some ids are in it; of no
    other than `kinds`."""

    cloud: Carrier
    tagged: Tagged
    shown: Callable[[str, Sequence[str]], AbstractSet[str]]
    clock: Clock
    today: Callable[[Intent], Request | None]
    live: Callable[[Intent], Sequence[str]]
    tell: Callable[[Mapping[str, Any]], None]
    kinds: frozenset[str]
    key: bytes


def recover(history: History, rescue: Rescue, taken_from: str = "") -> bool:
    """True when the journal of the holder `taken_from` was found: then nothing is unknown of what that run did."""
    for path, why in history.refused:
        _warn(rescue, f"{path} {why}: nothing of it is used")
    clock, made = rescue.clock, dict[str, str]()
    idle = [past for past in history.pasts if not past.is_running]
    ours = [past for past in idle if past.is_authentic]
    left = [past for past in ours if past.is_open]
    for past in left:
        made |= _asked_again(past, rescue, is_heir=bool(taken_from) and past.holder == taken_from)
    for past in left:
        for intent in past.blind_creates:  # sent again on the word of a list that lags, it would be there twice
            found = look_for(rescue.tagged, _kind(intent, rescue), intent.params, clock, _settled_at(intent.at, clock))
            made |= _learned(past, intent, [found] if found else [])
    _wait_until_seen(_unseen(ours, rescue) | made, rescue)
    for past in idle:
        if not past.is_authentic:  # what it made nobody knows by id; it is in the lists by then
            clock.sleep(max(0.0, _settled_at(past.written, clock) - clock.now()))
    for past in left:
        close(past, rescue.key, clock.now())
    return bool(taken_from) and any(past.holder == taken_from for past in ours)


def _settled_at(moment: float, clock: Clock) -> float:
    """When lists cannot lag behind that moment any more; of a clock that was ahead no later than from now on."""
    return min(moment, clock.now()) + VISIBILITY_LAG


def _kind(intent: Intent, rescue: Rescue) -> str:
    return intent.kind if intent.kind in rescue.kinds else ""


def _unseen(pasts: list[Past], rescue: Rescue) -> dict[str, str]:
    """What recent runs made, by id, and what they did not delete since. One that has seen at its end all that it made
    in the lists is not doubted: what a list leaves out again is asked for by its id when a plan would make it."""
    now = rescue.clock.now()
    recent = [past for past in pasts if not past.is_ended or (now - past.at < RECENT and not past.is_shown)]
    going = {object_id for past in recent for object_id in past.births.going}
    return {i: kind for past in recent for i, kind in past.births.made.items() if i not in going}


def _asked_again(past: Past, rescue: Rescue, *, is_heir: bool) -> dict[str, str]:
    """The ids of what the lost creates of a run made, then or now; those that are not asked for are waited out."""
    made: dict[str, str] = {}
    clock = rescue.clock
    for intent in past.lost_runs:
        clock.sleep(max(0.0, _settled_at(intent.at, clock) - clock.now()))
    for intent in past.lost_creates:
        is_token_known = is_heir and clock.now() - intent.at < STALE
        request = rescue.today(intent) if is_token_known else None
        left = _settled_at(intent.at, clock) - clock.now()
        if request is not None:
            made |= _learned(past, intent, _send_again(intent, request, rescue))
        elif left > 0 and not rescue.live(intent):
            clock.sleep(left)
    return made


def _learned(past: Past, intent: Intent, ids: Sequence[str]) -> dict[str, str]:
    """The ids and their kind, after the journal has taken them as the answer that got lost."""
    if ids:
        named = dict(zip(intent.creates, ids, strict=False))
        past.births.take({"answer": {"number": intent.number, "ids": named, "error": ""}})
    return dict.fromkeys(ids, intent.kind)


def _send_again(intent: Intent, request: Request, rescue: Rescue) -> list[str]:
    """The ids that the create made, then or now. After a refusal there are none: the plan says what is left."""
    _warn(
        rescue,
        f"a run that was cut off had sent {intent.operation} for {', '.join(intent.creates[:3])} "
        "and got no answer; asking again",
    )
    try:
        answer = rescue.cloud.create(replace(request, may_be_done=True))
    except ApiError as error:
        if error.error_class in _UNDECIDED:
            raise
        return []
    return born_ids(answer, intent.id_path)


def _warn(rescue: Rescue, message: str) -> None:
    rescue.tell({"type": "diagnostic", "severity": "warning", "message": message})


def _wait_until_seen(made: Mapping[str, str], rescue: Rescue) -> None:
    """Up to the lag: what is still not there then was removed by somebody."""
    missing = {object_id: kind for object_id, kind in made.items() if kind in rescue.kinds}
    deadline = rescue.clock.now() + VISIBILITY_LAG
    while missing:
        for kind in sorted(set(missing.values())):
            found = rescue.shown(kind, sorted(i for i, k in missing.items() if k == kind))
            missing = {i: k for i, k in missing.items() if i not in found}
        if not missing or rescue.clock.now() >= deadline:
            return
        rescue.clock.sleep(1.0)
