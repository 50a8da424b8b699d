from typing import Any

import pytest

from ecsplan.model.plan import Outcome, Report, Status, StepId
from ecsplan.render.markdown import report_markdown
from ecsplan.render.report import report_text, report_view
from tests.render.plans import address

STEP = StepId("vpc.a", "create")


def an_outcome(status: Status, **more: Any) -> Outcome:
    return Outcome(STEP, (address("vpc.a"),), status, **more)


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (Report(()), "done"),
        (Report((an_outcome(Status.DONE),)), "done"),
        (Report((an_outcome(Status.DONE), an_outcome(Status.FAILED))), "partly"),
        (Report((an_outcome(Status.FAILED),)), "failed"),
        (Report((an_outcome(Status.DONE),), interrupted=True), "interrupted"),
    ],
)
def test_status_of_a_report(report: Report, status: str) -> None:
    assert report_view(report).status == status


def test_a_clean_report_is_one_line() -> None:
    text = report_text(report_view(Report((an_outcome(Status.DONE),), calls=3, seconds=1.2)))

    assert text == "Done: 1 step done; 3 API calls in 1.2 s.\n"


def test_a_plan_that_was_carried_out_before_says_so() -> None:
    assert report_text(report_view(Report(()))) == "Done: all of it had been done before.\n"


def test_steps_that_an_interruption_left_out_say_so() -> None:
    view = report_view(Report((an_outcome(Status.SKIPPED),), interrupted=True))

    assert "skipped vpc.a: the run was interrupted before" in report_text(view)
    assert "interrupted" in report_markdown(view)


def test_a_failure_without_code_or_addresses_names_its_step() -> None:
    view = report_view(Report((Outcome(STEP, (), Status.FAILED),)))

    assert report_text(view).startswith("failed  create vpc.a\n\nFailed: 0 steps done, 1 failed")


def test_a_very_long_report_keeps_within_the_limit_of_a_comment() -> None:
    failures = tuple(an_outcome(Status.FAILED, code="X", message="m" * 600) for _ in range(200))

    text = report_markdown(report_view(Report(failures)))

    assert len(text) <= 65_000
    assert "more lines left out" in text
