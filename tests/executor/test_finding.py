"""What a create has made whose answer does not name it."""

from collections.abc import Sequence

import pytest

from ecsplan.executor.finding import look, may_be_there
from ecsplan.model.address import Address
from ecsplan.model.call import ApiError, Call, ErrorClass, Find
from ecsplan.model.resource import LiveObject, Owner
from tests.executor.world import VirtualClock

CALL = Call("Convert", kind="eip", id_path="Id", find=Find({"Bound": "i-1"}, (("Ip", "1.2.3.4"),)))
THEIRS = Owner("other", Address("eip", "front"))


def an_eip(object_id: str, owner: Owner | None = None) -> LiveObject:
    return LiveObject("eip", object_id, "", "InUse", owner=owner)


class Lists:
    """Answers one after the other, the last for ever."""

    def __init__(self, *answers: Sequence[LiveObject] | ApiError) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, kind: str, find: Find) -> Sequence[LiveObject]:
        assert (kind, find) == ("eip", CALL.find)
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, ApiError):
            raise answer
        return answer


def test_what_is_seen_late_is_waited_for_and_a_list_that_fails_tells_nothing() -> None:
    lists = Lists((), ApiError("Describe", "ServiceUnavailable", "later"), (an_eip("eip-1"),))
    assert look(lists, CALL, VirtualClock(), 90.0, lambda: False) == {"Id": "eip-1"}
    assert lists.asked == 3


def test_that_of_a_stack_is_not_it() -> None:
    clock = VirtualClock()
    began = clock.now()
    assert look(Lists((an_eip("eip-1", owner=THEIRS),)), CALL, clock, 10.0, lambda: False) is None
    assert 10.0 <= clock.now() - began < 12.0


def test_whoever_asked_to_stop_is_not_kept_waiting() -> None:
    lists = Lists(())
    assert look(lists, CALL, VirtualClock(), 90.0, lambda: True) is None
    assert lists.asked == 1


@pytest.mark.parametrize(
    ("error_class", "is_lost", "may_be"),
    [
        (ErrorClass.TRANSIENT, True, True),
        (ErrorClass.FATAL, False, True),
        (ErrorClass.CONFLICT, False, False),
        (ErrorClass.THROTTLE, False, False),
    ],
)
def test_a_refusal_for_good_or_a_lost_answer_asks_for_a_look(
    error_class: ErrorClass, is_lost: bool, may_be: bool
) -> None:
    assert may_be_there(ApiError("Convert", "X", "", error_class=error_class, unknown_outcome=is_lost)) is may_be
