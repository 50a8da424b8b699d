"""What many looks mean: in a row, too often, too late, and what nobody could tell."""

import pytest

from ecsplan.gates.judging import Progress
from ecsplan.model.gate import Check, CheckResult, Gate, Measurement

OK, BAD = Measurement(CheckResult.PASSED), Measurement(CheckResult.FAILED, "refused")
UNKNOWN, WAITING = Measurement(CheckResult.UNKNOWN, "throttled"), Measurement(CheckResult.WAITING)


def course(looks: list[Measurement], **check: object) -> tuple[Progress, float]:
    """Each look when it is due, until there is nothing more to learn or the looks are used up."""
    progress, now = Progress(Gate((Check("tcp", {"port": 80}, **check),)), 100.0), 100.0  # type: ignore[arg-type]
    for look in looks:
        due = progress.take(look, now)
        if due is None:
            break
        now = due
    return progress, now


def test_one_success_passes():
    progress, now = course([BAD, BAD, OK], interval=5.0)
    assert progress.is_passed and now == 110.0 and progress.done[0]["looks"] == 3


def test_successes_count_in_a_row_only():
    progress, _ = course([OK, BAD, OK, OK], successes=2)
    assert progress.is_passed and progress.done[0]["looks"] == 4
    assert not course([OK, UNKNOWN, OK], successes=2)[0].is_over


def test_more_failures_than_retries_fail_before_the_time_is_over():
    progress, _ = course([BAD, UNKNOWN, BAD, BAD, OK], retries=2)
    assert progress.reason == "tcp 80: not passed: refused"


@pytest.mark.parametrize("look", [BAD, UNKNOWN, WAITING])
def test_what_is_not_passed_in_time_has_failed(look: Measurement):
    progress, now = course([look] * 99, timeout=12.0, interval=5.0)
    assert progress.reason.startswith("tcp 80: not passed within 12 s") and now == 112.0


def test_what_nobody_could_tell_is_no_failure():
    assert course([UNKNOWN] * 9 + [OK], retries=0, interval=1.0)[0].is_passed


def test_a_check_that_is_wrong_itself_fails_at_once():
    assert (
        course([Measurement(CheckResult.FAILED, "no such user", True), OK])[0].reason
        == "tcp 80: not passed: no such user"
    )


def test_checks_follow_each_other_each_with_its_own_time():
    first, second = Check("status", timeout=10.0, interval=5.0), Check("tcp", {"port": 80}, timeout=10.0, interval=5.0)
    progress = Progress(Gate((first, second)), 0.0)
    assert progress.take(BAD, 0.0) == 5.0 and progress.take(OK, 5.0) == 5.0 and progress.check == second
    assert progress.take(BAD, 9.0) == 14.0 and progress.take(OK, 14.0) is None and progress.is_passed
    assert [row["check"] for row in progress.done] == ["status", "tcp 80"]
