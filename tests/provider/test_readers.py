"""Workers that read: what they answer, what they raise, and that nobody waits for them who does not want to."""

from concurrent.futures import CancelledError
from threading import Barrier, Event, get_ident

import pytest

from ecsplan.provider.readers import Readers


def test_all_is_done_in_order_however_few_they_are() -> None:
    with Readers(2) as readers:
        assert list(readers.map(lambda number: number * number, range(50))) == [n * n for n in range(50)]


def test_what_is_raised_is_raised_where_it_is_asked_for_and_the_others_go_on() -> None:
    with Readers(1) as readers:
        wrong, right = readers.submit(int, "x"), readers.submit(int, "7")
        with pytest.raises(ValueError, match="invalid literal"):
            wrong.result()
        assert right.result() == 7


def test_what_was_given_up_is_not_begun_and_not_waited_for() -> None:
    has_begun, may_end = Event(), Event()

    def held() -> None:
        has_begun.set()
        assert may_end.wait(30)

    readers = Readers(1)
    first = readers.submit(held)
    assert has_begun.wait(30)
    second = readers.submit(int, "7")
    readers.shutdown(wait=False, cancel_futures=True)
    assert not first.done()
    with pytest.raises(CancelledError):
        second.result()
    with pytest.raises(RuntimeError, match="have ended"):
        readers.submit(int, "7")
    may_end.set()
    assert first.result(30) is None


def test_a_thread_is_started_where_none_is_idle() -> None:
    with Readers(4) as readers:
        assert len({readers.submit(get_ident).result(30) for _ in range(20)}) == 1
        may_end = Event()
        held = [readers.submit(may_end.wait, 30) for _ in range(6)]
        assert len(readers._threads) == 4
        may_end.set()
        assert all(one.result(30) for one in held)


def test_each_has_a_thread_while_they_wait_for_each_other() -> None:
    meeting = Barrier(4, timeout=30)
    with Readers(4) as readers:
        for _ in range(50):
            assert sorted(readers.map(lambda _: meeting.wait(), range(4))) == [0, 1, 2, 3]
