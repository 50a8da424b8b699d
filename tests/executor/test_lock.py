"""One writer at a time: taken, refused, renewed, taken over, broken; and no interleaving in which two win."""

import pytest

from ecsplan.executor.lock import CHECK_EVERY, LEASE, RENEW_EVERY, HeldLock, Holder, LockTaken, StackLock, break_lock
from ecsplan.model.call import ApiError, ErrorClass
from tests.executor.world import START, KeyPairs, Turns, VirtualClock, refusal

NAME = "ecsplan-lock:web"


@pytest.fixture
def pairs(clock: VirtualClock) -> KeyPairs:
    return KeyPairs(clock)


def a_lock(pairs: KeyPairs, holder: str = "me", **more) -> StackLock:
    more = {"there": pairs.clock.now, **more}
    return StackLock(pairs, "web", Holder(holder, "host", 7), pairs.clock, **more)


def holder_of(pairs: KeyPairs) -> str:
    return {tag["Key"]: tag["Value"] for tag in pairs.pairs[NAME]}["ecsplan:holder"]


def test_a_free_lock_is_taken_and_given_back(pairs):
    lock = a_lock(pairs)
    assert lock.acquire() is False
    assert set(pairs.pairs) == {NAME}
    lock.release()
    assert not pairs.pairs


def test_a_held_lock_is_refused_with_its_holder(pairs):
    a_lock(pairs, "first").acquire()
    until = "since 1970-01-12 13:46:40 UTC, until 1970-01-12 13:56:40 UTC"
    with pytest.raises(LockTaken, match=rf"locked by first on host \(process 7\) {until}"):
        a_lock(pairs, "second").acquire()


def test_waiting_ends_when_the_holder_lets_go(pairs, clock):
    first = a_lock(pairs, "first")
    first.acquire()
    pairs.turn = lambda: first.release() if clock.time > 1_000_005 and NAME in pairs.pairs and hush(pairs) else None
    a_lock(pairs, "second").acquire(timeout=60)
    assert holder_of(pairs) == "second"


def hush(pairs: KeyPairs) -> bool:
    pairs.turn = lambda: None
    return True


def test_waiting_ends_with_its_timeout(pairs, clock):
    a_lock(pairs, "first").acquire()
    started = clock.time
    with pytest.raises(LockTaken):
        a_lock(pairs, "second").acquire(timeout=30)
    assert 30 <= clock.time - started < 33


def test_an_expired_lock_is_taken_over(pairs, clock):
    a_lock(pairs, "dead").acquire()
    clock.sleep(LEASE + 1)
    assert a_lock(pairs, "heir").acquire() is True
    assert set(pairs.pairs) == {NAME} and holder_of(pairs) == "heir"


def test_a_holder_known_to_be_dead_is_not_waited_for(pairs):
    a_lock(pairs, "dead").acquire()
    assert a_lock(pairs, "heir", is_dead=lambda held: held.holder == "dead").acquire() is True


def test_a_takeover_that_died_half_way_is_taken_over_too(pairs, clock):
    a_lock(pairs, "dead").acquire()
    clock.sleep(LEASE + 1)
    pairs.refusals = [refusal("KeyPair.AlreadyExist", ErrorClass.ALREADY), None, None, refusal("Down"), refusal("Down")]
    with pytest.raises(ApiError):
        a_lock(pairs, "also-dead").acquire()
    assert f"{NAME}:after-dead" in pairs.pairs
    a_lock(pairs, "heir").acquire(timeout=120)
    assert set(pairs.pairs) == {NAME} and holder_of(pairs) == "heir"


def test_a_lock_that_this_key_cannot_see_is_refused_and_not_waited_for_without_end(pairs):
    a_lock(pairs, "first").acquire()
    pairs.blind = True
    with pytest.raises(LockTaken, match="somebody that this key cannot see"):
        a_lock(pairs, "second").acquire()


def test_a_lost_answer_to_the_import_is_settled_by_a_look(pairs):
    pairs.lose_answer_of = 1
    assert a_lock(pairs).acquire() is False
    assert holder_of(pairs) == "me"


def test_a_refusal_that_says_nothing_of_a_lock_is_no_lock(pairs):
    pairs.refusals = [refusal("Forbidden.RAM")]
    with pytest.raises(ApiError, match="Forbidden"):
        a_lock(pairs).acquire()


def test_a_lock_is_looked_at_and_renewed_only_now_and_then(pairs, clock):
    lock = a_lock(pairs)
    lock.acquire()
    clock.sleep(CHECK_EVERY - 1)
    pairs.refusals = [refusal("Unexpected")]
    assert lock.lost() is None
    pairs.refusals = []
    clock.sleep(2)
    assert lock.lost() is None
    assert lock.look().expires == int(START + LEASE)
    clock.sleep(RENEW_EVERY)
    assert lock.lost() is None
    assert lock.look().expires == int(clock.time + LEASE)


def test_a_clock_that_was_set_back_is_no_reason_not_to_look(pairs, clock):
    lock = a_lock(pairs)
    lock.acquire()
    break_lock(pairs, "web", clock)
    clock.time -= 1000
    assert lock.lost() == "the lock was broken by somebody"


@pytest.mark.door("lock")
def test_a_lock_that_has_not_run_out_by_the_clock_of_the_service_is_not_taken_over(pairs, clock):
    """Ours is twelve minutes ahead: by it the lock is long over."""
    a_lock(pairs, "first").acquire()
    clock.time += 720 + LEASE - 10
    with pytest.raises(LockTaken, match="locked by first"):
        a_lock(pairs, "second", there=lambda: clock.time - 720).acquire()


def test_a_lease_is_written_by_the_clock_of_the_service_even_if_only_its_answer_tells_that(pairs, clock):
    behind: list[float] = []
    pairs.turn = lambda: behind.append(720.0)
    lock = a_lock(pairs, there=lambda: clock.time - (behind[0] if behind else 0.0))
    lock.acquire()
    assert lock.look().expires == int(clock.time - 720 + LEASE)


TAGS = {
    "ecsplan:holder": "other", "ecsplan:host": "elsewhere", "ecsplan:pid": "1", "ecsplan:expiry": str(int(START + 100)),
}  # fmt: skip


def tagged(pairs: KeyPairs, **tags: str | None) -> None:
    """Somebody else's lock; a tag that is None is missing."""
    whole = TAGS | {f"ecsplan:{key}": value for key, value in tags.items()}
    pairs.pairs[NAME] = [{"Key": key, "Value": value} for key, value in whole.items() if value is not None]


@pytest.mark.parametrize("expiry", ["²", "-5", "1" + "0" * 20, "9" * 5000, "1e3", " 7", "", None, "０７"])
def test_an_expiry_that_is_no_moment_is_unknown_and_never_over(pairs, clock, expiry):
    tagged(pairs, expiry=expiry, pid="²", since="²")
    with pytest.raises(LockTaken, match=r"locked by other on elsewhere \(an unknown process\)$"):
        a_lock(pairs).acquire()
    assert break_lock(pairs, "web", clock) == HeldLock("other", "elsewhere", None, None)
    assert not pairs.pairs


def test_who_holds_it_for_what_and_since_when_is_told(pairs):
    me = Holder("ecsplan-1", "ci-7", 12, "deploy", "apply")
    StackLock(pairs, "web", me, pairs.clock, pairs.clock.now).acquire()
    with pytest.raises(LockTaken) as taken:
        a_lock(pairs).acquire()
    assert str(taken.value) == (
        "the stack is locked by ecsplan apply, run by deploy on ci-7 (process 12, ecsplan-1) since 1970-01-12 13:46:40 "
        "UTC, until 1970-01-12 13:56:40 UTC unless it is renewed"
    )


@pytest.mark.door("lock")
@pytest.mark.parametrize("holder", ['x","prod-key', "", "x" * 128, "名", '"]'])
def test_a_holder_of_any_name_is_taken_over_and_no_other_key_pair_is_deleted(pairs, clock, holder):
    pairs.pairs["prod-key"] = []
    tagged(pairs, holder=holder, expiry=str(int(START - 1)))
    assert a_lock(pairs).acquire() is True
    assert set(pairs.pairs) == {NAME, "prod-key"}


def test_a_takeover_by_one_who_is_known_to_be_dead_is_not_waited_for(pairs, clock):
    a_lock(pairs, "dead").acquire()
    a_lock(pairs, "dead too")._import(f"{NAME}:after-dead", 60)
    assert a_lock(pairs, "heir", is_dead=lambda held: held.holder.startswith("dead")).acquire() is True
    assert set(pairs.pairs) == {NAME} and clock.time - START < 1


def test_a_lock_in_other_hands_is_lost(pairs, clock):
    lock = a_lock(pairs)
    lock.acquire()
    break_lock(pairs, "web", clock)
    a_lock(pairs, "other").acquire()
    clock.sleep(CHECK_EVERY + 1)
    assert lock.lost().startswith("the lock was lost to other on host")


def test_a_broken_lock_is_lost(pairs, clock):
    lock = a_lock(pairs)
    lock.acquire()
    break_lock(pairs, "web", clock)
    clock.sleep(CHECK_EVERY + 1)
    assert lock.lost() == "the lock was broken by somebody"


def test_what_is_released_is_only_ones_own(pairs, clock):
    lock = a_lock(pairs)
    lock.acquire()
    break_lock(pairs, "web", clock)
    a_lock(pairs, "other").acquire()
    lock.release()
    assert holder_of(pairs) == "other"


def test_breaking_a_lock_tells_whose_it_was(pairs, clock):
    assert break_lock(pairs, "web", clock) is None
    a_lock(pairs, "first").acquire()
    assert break_lock(pairs, "web", clock) == HeldLock("first", "host", 7, clock.time + LEASE, since=clock.time)
    assert not pairs.pairs


def test_a_lock_without_readable_tags_never_expires(pairs):
    pairs.pairs[NAME] = []
    with pytest.raises(LockTaken, match=r"somebody on an unknown host \(an unknown process\)$"):
        a_lock(pairs).acquire()


def test_deleting_a_lock_that_is_gone_already_is_no_error(pairs):
    lock = a_lock(pairs)
    lock.acquire()
    pairs.refusals = [None, refusal("InvalidKeyPair.NotFound", ErrorClass.ABSENT)]
    lock.release()


@pytest.mark.parametrize("start", range(0, 300, 50))
@pytest.mark.parametrize("before", ["free", "expired", "expired, takeover died"])
def test_two_appliers_never_hold_the_lock_at_once(before: str, start: int):
    for seed in range(start, start + 50):
        winners = race(seed, before)
        assert len(winners) == 1, seed


def race(seed: int, before: str) -> list[str]:
    clock = VirtualClock()
    pairs = KeyPairs(clock)
    if before != "free":
        a_lock(pairs, "dead").acquire()
        clock.sleep(LEASE + 1)
    if before.endswith("died"):
        a_lock(pairs, "dead too")._import(f"{NAME}:after-dead", 60)
        clock.sleep(61)
    turns, winners = Turns(seed, clock), []

    def applier(name: str) -> None:
        try:
            a_lock(pairs, name).acquire()
            winners.append(name)
        except LockTaken:
            return

    pairs.turn = turns
    turns.play(*(lambda name=name: applier(name) for name in ("one", "two", "three")))
    pairs.turn = lambda: None
    assert holder_of(pairs) == winners[0]
    return winners
