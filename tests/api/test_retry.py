"""One policy per class of error, each at its edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.api.answer import BAD_ANSWER, NO_ANSWER, OUTAGE
from ecsplan.api.classify import classify
from ecsplan.api.retry import (
    FEW_TRIES,
    FEWEST_TRIES,
    THROTTLE_PATIENCE,
    TRANSIENT_PATIENCE,
    Decision,
    RetryStep,
    Trail,
    decide,
)
from ecsplan.model.call import ApiError, ErrorClass, Replay, Request
from ecsplan.model.copying import replace

READ = Request("DescribeDisks")
CREATE = Request("CreateDisk", write=True, replay=Replay.TOKEN, client_token="t")
DELETE = Request("DeleteDisk", write=True, replay=Replay.NATURAL)
ATTACH = Request("AttachDisk", write=True, replay=Replay.NATURAL)
IMPORT = Request("ImportKeyPair", write=True, replay=Replay.NEVER)
EVERY_KIND = [READ, CREATE, DELETE, ATTACH, IMPORT]


def an_error(kind: ErrorClass, code: str = "Code", unknown: bool = False) -> ApiError:
    return ApiError("A", code, "m", error_class=kind, unknown_outcome=unknown)


def after(request: Request, *errors: ApiError, seconds: float = 0.0, roll: float = 0.0) -> Decision:
    """The decision on the last of these errors, the first at 0 and all others after `seconds`."""
    trail = Trail()
    for index, error in enumerate(errors):
        trail.sends += 1
        trail.note(request, error, 0.0 if index == 0 else seconds)
    return decide(request, errors[-1], trail, seconds, roll)


@pytest.mark.parametrize("kind", [ErrorClass.FATAL, ErrorClass.DENIED, ErrorClass.CAPACITY, ErrorClass.DRY_RUN])
@pytest.mark.parametrize("request_", EVERY_KIND, ids=lambda request: request.operation)
def test_what_cannot_get_better_is_never_sent_again(kind: ErrorClass, request_: Request) -> None:
    assert after(request_, an_error(kind)) == Decision(RetryStep.GIVE_UP)


@pytest.mark.parametrize("request_", EVERY_KIND, ids=lambda request: request.operation)
def test_a_throttled_call_goes_again_at_the_pace_of_the_budget(request_: Request) -> None:
    throttled = an_error(ErrorClass.THROTTLE)
    assert after(request_, throttled) == Decision(RetryStep.RESEND, 0.0)
    almost = THROTTLE_PATIENCE - 1
    assert after(request_, throttled, throttled, seconds=almost).step is RetryStep.RESEND
    assert after(request_, throttled, throttled, seconds=THROTTLE_PATIENCE).step is RetryStep.GIVE_UP


@pytest.mark.parametrize("request_", [READ, CREATE, DELETE, ATTACH], ids=lambda request: request.operation)
def test_a_lost_answer_is_asked_for_again_where_that_cannot_double(request_: Request) -> None:
    lost = an_error(ErrorClass.TRANSIENT, NO_ANSWER, unknown=True)
    assert after(request_, lost).step is RetryStep.RESEND
    assert after(request_, *[lost] * FEWEST_TRIES, seconds=TRANSIENT_PATIENCE - 1).step is RetryStep.RESEND
    assert after(request_, *[lost] * FEWEST_TRIES, seconds=TRANSIENT_PATIENCE).step is RetryStep.GIVE_UP


def test_time_lost_in_a_slow_budget_is_no_reason_to_give_up() -> None:
    lost = an_error(ErrorClass.TRANSIENT, NO_ANSWER, unknown=True)
    assert after(READ, *[lost] * (FEWEST_TRIES - 1), seconds=9 * TRANSIENT_PATIENCE).step is RetryStep.RESEND


def test_a_write_that_could_double_is_not_sent_again_after_a_lost_answer() -> None:
    assert after(IMPORT, an_error(ErrorClass.TRANSIENT, unknown=True)).step is RetryStep.GIVE_UP


def test_a_write_that_could_double_is_sent_again_if_it_never_left() -> None:
    assert after(IMPORT, an_error(ErrorClass.TRANSIENT, unknown=False)).step is RetryStep.RESEND


def test_a_read_marked_never_is_still_a_read() -> None:
    read = replace(READ, replay=Replay.NEVER)
    assert after(read, an_error(ErrorClass.TRANSIENT, unknown=True)).step is RetryStep.RESEND


@pytest.mark.parametrize("code", ["Mayi.InternalError", "OperationDenied.ResourceControl", "UnknownError", BAD_ANSWER])
def test_some_faults_get_a_few_tries_only(code: str) -> None:
    error = an_error(ErrorClass.TRANSIENT, code, unknown=True)
    assert after(READ, *[error] * (FEW_TRIES - 1)).step is RetryStep.RESEND
    assert after(READ, *[error] * FEW_TRIES).step is RetryStep.GIVE_UP


def test_an_unknown_error_is_retried_for_long_when_a_token_guards_the_write() -> None:
    error = an_error(ErrorClass.TRANSIENT, "UnknownError", unknown=True)
    assert after(CREATE, *[error] * FEW_TRIES).step is RetryStep.RESEND
    assert after(DELETE, *[error] * FEW_TRIES).step is RetryStep.GIVE_UP
    other = an_error(ErrorClass.TRANSIENT, "Mayi.InternalError", unknown=True)
    assert after(CREATE, *[other] * FEW_TRIES).step is RetryStep.GIVE_UP


def test_the_patience_with_each_class_starts_when_it_is_first_met() -> None:
    trail, busy = Trail(sends=2), an_error(ErrorClass.CONFLICT)
    trail.note(DELETE, an_error(ErrorClass.TRANSIENT), 0.0)
    trail.note(DELETE, busy, 250.0)
    trail.note(DELETE, busy, 500.0)
    assert decide(DELETE, busy, trail, 549.9, 0.0).step is RetryStep.RESEND
    assert decide(DELETE, busy, trail, 550.0, 0.0).step is RetryStep.GIVE_UP


def test_the_patience_is_as_documented() -> None:
    assert (THROTTLE_PATIENCE, TRANSIENT_PATIENCE, FEW_TRIES, FEWEST_TRIES) == (900, 120, 5, 6)


def test_an_outage_has_been_waited_out_before() -> None:
    assert after(READ, an_error(ErrorClass.TRANSIENT, OUTAGE)).step is RetryStep.GIVE_UP


@pytest.mark.parametrize(("tries", "longest"), [(1, 0.25), (2, 0.5), (3, 1.0), (5, 4.0), (6, 5.0), (9, 5.0)])
def test_the_pause_after_a_fault_doubles_up_to_five_seconds(tries: int, longest: float) -> None:
    errors = [an_error(ErrorClass.TRANSIENT)] * tries
    assert after(READ, *errors, roll=1.0).wait == longest
    assert after(READ, *errors, roll=0.0).wait == longest / 2


@pytest.mark.parametrize("kind", [ErrorClass.CONFLICT, ErrorClass.IN_PROGRESS])
@pytest.mark.parametrize("request_", EVERY_KIND, ids=lambda request: request.operation)
def test_a_busy_object_is_waited_for_until_the_requests_deadline(kind: ErrorClass, request_: Request) -> None:
    busy = an_error(kind)
    patient = replace(request_, conflict_deadline=10.0)
    assert after(patient, busy, roll=1.0) == Decision(RetryStep.RESEND, 0.25)
    assert after(patient, busy, busy, seconds=9.9, roll=1.0) == Decision(RetryStep.RESEND, pytest.approx(0.1))
    assert after(patient, busy, busy, seconds=10.0).step is RetryStep.GIVE_UP


@pytest.mark.parametrize(
    "code", ["RouterEntryConflict.Duplicated", "Duplicated.VpcNextHop", "InvalidCIDRBlock.Duplicate"]
)
def test_a_duplicate_under_a_token_that_was_kept_is_somebody_elses(code: str) -> None:
    """The official provider: a create that was carried out answers under its token again; a duplicate is no answer."""
    create = Request("CreateRouteEntry", {}, write=True, replay=Replay.TOKEN, client_token="t")
    lost = an_error(ErrorClass.TRANSIENT, NO_ANSWER, unknown=True)
    assert after(create, lost, an_error(classify("CreateRouteEntry", code, 400), code)).step is RetryStep.GIVE_UP


def test_a_deadline_of_nothing_asks_once() -> None:
    impatient = replace(DELETE, conflict_deadline=0.0)
    assert after(impatient, an_error(ErrorClass.CONFLICT)).step is RetryStep.GIVE_UP


@pytest.mark.parametrize(("tries", "longest"), [(2, 0.375), (3, 0.5625), (9, 5.0), (40, 5.0)])
def test_a_busy_object_is_polled_ever_slower(tries: int, longest: float) -> None:
    assert after(DELETE, *[an_error(ErrorClass.CONFLICT)] * tries, roll=1.0).wait == longest


@pytest.mark.parametrize("code", ["DiskInCoolingPeriod", "EipOperation.TooFrequently", "FrequentPurchase.EIP"])
def test_an_object_used_too_often_is_left_alone_for_long(code: str) -> None:
    busy = an_error(ErrorClass.CONFLICT, code)
    assert [after(DELETE, *[busy] * tries, roll=1.0).wait for tries in (1, 2, 6)] == [5.0, 7.5, 30.0]


@pytest.mark.parametrize("request_", [DELETE, replace(DELETE, replay=Replay.TOKEN)])
def test_a_removal_sent_twice_is_done_when_nothing_is_there(request_: Request) -> None:
    absent = an_error(ErrorClass.ABSENT)
    assert after(request_, absent).step is RetryStep.GIVE_UP
    assert after(request_, an_error(ErrorClass.TRANSIENT), absent).step is RetryStep.DONE


@pytest.mark.parametrize("request_", [READ, ATTACH, CREATE, replace(DELETE, replay=Replay.NEVER)])
def test_absence_is_no_success_for_anything_else(request_: Request) -> None:
    assert after(request_, an_error(ErrorClass.TRANSIENT), an_error(ErrorClass.ABSENT)).step is RetryStep.GIVE_UP


def test_a_read_named_like_a_removal_is_not_one() -> None:
    read = replace(DELETE, write=False)
    assert after(read, an_error(ErrorClass.TRANSIENT), an_error(ErrorClass.ABSENT)).step is RetryStep.GIVE_UP


def test_the_wanted_state_is_ours_only_after_a_lost_answer() -> None:
    lost, already = an_error(ErrorClass.TRANSIENT, unknown=True), an_error(ErrorClass.ALREADY)
    assert after(ATTACH, already).step is RetryStep.GIVE_UP
    assert after(ATTACH, an_error(ErrorClass.THROTTLE), already).step is RetryStep.GIVE_UP
    assert after(ATTACH, lost, already).step is RetryStep.DONE
    assert after(CREATE, lost, already).step is RetryStep.GIVE_UP


@pytest.mark.parametrize(
    ("ids", "is_done"),
    [
        ("d-1", True),
        (["d-1"], True),
        (("d-1",), True),
        ('["d-1"]', True),
        ("one, and two", True),
        ([], True),
        (["d-1", "d-2"], False),
        (("d-1", "d-2", "d-3"), False),
        ('["d-1", "d-2"]', False),
    ],
)
def test_a_removal_of_one_is_done_when_it_is_gone_and_one_of_several_is_not(ids: object, is_done: bool) -> None:
    """The others of a call that is refused for one of them are still there."""
    absent, request = an_error(ErrorClass.ABSENT), replace(DELETE, params={"Ids": ids, "Force": True})
    step = after(request, an_error(ErrorClass.THROTTLE), absent).step
    assert step is (RetryStep.DONE if is_done else RetryStep.GIVE_UP)


def test_credentials_are_refreshed_once_in_a_row() -> None:
    trail, expired = Trail(sends=1), an_error(ErrorClass.AUTH_REFRESH)
    trail.note(DELETE, expired, 0.0)
    assert decide(DELETE, expired, trail, 0.0, 0.0).step is RetryStep.REFRESH
    trail.was_refreshed = True
    trail.note(DELETE, expired, 0.0)
    assert decide(DELETE, expired, trail, 0.0, 0.0).step is RetryStep.GIVE_UP


def test_credentials_that_worked_in_between_are_refreshed_again() -> None:
    trail = Trail(sends=1, was_refreshed=True)
    for kind in (ErrorClass.CONFLICT, ErrorClass.AUTH_REFRESH):
        trail.note(DELETE, an_error(kind), 0.0)
    assert decide(DELETE, an_error(ErrorClass.AUTH_REFRESH), trail, 0.0, 0.0).step is RetryStep.REFRESH


@pytest.mark.parametrize("error", [an_error(ErrorClass.CLOCK), an_error(ErrorClass.FATAL, "SignatureDoesNotMatch")])
def test_the_clock_is_checked_once(error: ApiError) -> None:
    assert after(IMPORT, error).step is RetryStep.SET_CLOCK
    trail = Trail(sends=2, was_clock_set=True)
    trail.note(IMPORT, error, 0.0)
    assert decide(IMPORT, error, trail, 0.0, 0.0).step is RetryStep.GIVE_UP


def test_a_lost_write_stays_lost_whatever_comes_after() -> None:
    trail = Trail()
    trail.note(CREATE, an_error(ErrorClass.TRANSIENT, unknown=True), 0.0)
    trail.note(CREATE, an_error(ErrorClass.THROTTLE), 1.0)
    assert trail.is_lost


def test_a_read_is_never_lost() -> None:
    trail = Trail()
    trail.note(READ, an_error(ErrorClass.TRANSIENT, unknown=True), 0.0)
    assert not trail.is_lost


@given(
    st.sampled_from([kind for kind in ErrorClass if kind is not ErrorClass.DONE]),
    st.integers(1, 200),
    st.floats(0, 1),
    st.booleans(),
)
def test_every_wait_is_bounded_and_every_patience_ends(
    kind: ErrorClass, tries: int, roll: float, unknown: bool
) -> None:
    errors = [an_error(kind, unknown=unknown)] * tries
    assert 0 <= after(CREATE, *errors, roll=roll).wait <= 30
    late = after(CREATE, an_error(kind), *[an_error(kind)] * FEWEST_TRIES, *errors, seconds=10_000, roll=roll).step
    assert late in (RetryStep.GIVE_UP, RetryStep.REFRESH, RetryStep.SET_CLOCK)


@pytest.mark.parametrize("request_", [CREATE, DELETE, ATTACH, IMPORT], ids=lambda request: request.operation)
def test_a_write_of_what_holds_already_is_a_success(request_: Request) -> None:
    assert after(request_, an_error(ErrorClass.DONE)).step is RetryStep.DONE
    assert after(READ, an_error(ErrorClass.DONE)).step is RetryStep.GIVE_UP


def test_a_refusal_that_is_replayed_under_its_token_is_handed_back_at_once() -> None:
    replayed = an_error(ErrorClass.NEW_TOKEN)
    assert after(CREATE, replayed) == Decision(RetryStep.GIVE_UP)


def test_no_other_token_while_the_first_send_may_have_been_carried_out() -> None:
    lost, replayed = an_error(ErrorClass.TRANSIENT, NO_ANSWER, unknown=True), an_error(ErrorClass.NEW_TOKEN)
    assert after(CREATE, lost, replayed).step is RetryStep.RESEND
    assert decide(CREATE, replayed, _an_old_trail(replayed), 0.0, 0.0).step is RetryStep.RESEND


def _an_old_trail(error: ApiError) -> Trail:
    """Of a request that an earlier run has sent already."""
    trail = Trail(is_lost=True)
    trail.note(CREATE, error, 0.0)
    return trail


def test_without_a_token_such_a_refusal_is_waited_for_as_any_other() -> None:
    assert after(DELETE, an_error(ErrorClass.NEW_TOKEN)).step is RetryStep.RESEND


def test_what_may_never_pass_is_waited_for_more_briefly() -> None:
    run = replace(CREATE, operation="RunInstances")
    taken = an_error(ErrorClass.CONFLICT, "InvalidPrivateIpAddress.Duplicated")
    assert after(run, taken, taken, seconds=59).step is RetryStep.RESEND
    assert after(run, taken, taken, seconds=60).step is RetryStep.GIVE_UP


def test_a_duplicate_under_a_kept_token_is_an_error_and_no_success() -> None:
    """A token is answered with what it made: whatever is there under the same name is somebody else's."""
    lost = an_error(ErrorClass.TRANSIENT, NO_ANSWER, unknown=True)
    assert after(CREATE, lost, an_error(ErrorClass.ALREADY, "InvalidCidrBlock.Duplicated")).step is RetryStep.GIVE_UP
