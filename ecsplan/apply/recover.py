"""What a run that died left behind: creates without an answer are sent again, unchanged, before anything is planned.

Used by the engine, which holds the lock. Their client token makes the service answer with what the first send made,
or make it now. That is for a run whose lock we took over: after one whose lock is gone, somebody else may have made
the thing, with a token of his own. Its creates, and those without a token, are left to the lists, as soon as these
cannot lag behind them any more. Then whatever recent runs made is waited for until it can be seen by id.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ecsplan.apply.blind import VISIBILITY_LAG, Clock, Tagged, look_for
from ecsplan.apply.fill import born_ids, revealed
from ecsplan.apply.journal import Intent, Past, close
from ecsplan.apply.wait import Read
from ecsplan.model.address import Secret
from ecsplan.model.call import Api, ApiError, Product, Replay, Request

RECENT = 120.0
# A token is not remembered for ever, and a create without it would make a second one. What was made so long ago is in
# the lists, whatever their lag.
STALE = 1800.0


def recover(
    pasts: Sequence[Past],
    api: Api,
    read: Read,
    tagged: Tagged,
    clock: Clock,
    read_secret: Callable[[Secret], str],
    tell: Callable[[Mapping[str, Any]], None],
    taken_from: str = "",
) -> bool:
    """True when the journal of the holder `taken_from` was found: then nothing is unknown of what that run did."""
    made: dict[str, str] = {}
    removed: set[str] = set()
    now = clock.now()
    open_ones = [past for past in pasts if not past.is_ended or past.lost_creates or past.blind_creates]
    for past in pasts:
        if not past.is_ended or now - past.at < RECENT:
            made |= past.made
            removed |= past.removed
    for past in open_ones:
        for intent in past.lost_creates:
            if past.holder != taken_from:
                clock.sleep(max(0.0, intent.at + VISIBILITY_LAG - clock.now()))
            elif now - intent.at < STALE:
                made |= dict.fromkeys(_send_again(intent, api, read_secret, tell), intent.kind)
    for past in open_ones:
        for intent in past.blind_creates:  # sent again on the word of a list that lags, it would be there twice
            found = look_for(tagged, intent.kind, intent.params, clock, intent.at + VISIBILITY_LAG)
            made |= {found: intent.kind} if found else {}
    _wait_until_seen({i: kind for i, kind in made.items() if i not in removed and kind}, read, clock)
    for past in open_ones:
        close(past, clock.now())
    return any(past.holder == taken_from for past in open_ones)


def _send_again(
    intent: Intent, api: Api, read_secret: Callable[[Secret], str], tell: Callable[[Mapping[str, Any]], None]
) -> list[str]:
    """The ids that the create made, then or now. After a refusal there are none: the plan says what is left."""
    tell(
        {
            "type": "diagnostic",
            "severity": "warning",
            "message": f"a run that was cut off had sent {intent.operation} for {', '.join(intent.creates[:3])} "
            "and got no answer; asking again",
        }
    )
    request = Request(
        intent.operation,
        revealed(intent.params, read_secret),
        Product(intent.product),
        write=True,
        replay=Replay.TOKEN,
        client_token=intent.token,
        region=intent.region,
    )
    try:
        answer = api.send(request)
    except ApiError as error:
        if error.unknown_outcome:
            raise
        return []
    return born_ids(answer, intent.id_path)


def _wait_until_seen(made: Mapping[str, str], read: Read, clock: Clock) -> None:
    """Up to the lag: what is still not there then was removed by somebody."""
    missing = dict(made)
    deadline = clock.now() + VISIBILITY_LAG
    while missing:
        for kind in sorted(set(missing.values())):
            found = read(kind, sorted(i for i, k in missing.items() if k == kind))
            missing = {i: k for i, k in missing.items() if i not in found}
        if not missing or clock.now() >= deadline:
            return
        clock.sleep(1.0)
