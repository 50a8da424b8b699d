from typing import Any

import pytest

from ecsplan.model.address import Address
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.plan import Outcome, Report, Result, Status, StepId
from ecsplan.model.running import Ran
from ecsplan.render.json_format import report_document
from ecsplan.render.markdown import report_markdown
from ecsplan.render.report import conclusion, report_text, report_view
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

    assert report_text(view).startswith("failed  create vpc.a\n\nFailed: 1 failed")


def test_a_very_long_report_keeps_within_the_limit_of_a_comment() -> None:
    failures = tuple(an_outcome(Status.FAILED, code="X", message="m" * 600) for _ in range(200))

    text = report_markdown(report_view(Report(failures)))

    assert len(text) <= 65_000
    assert "more lines left out" in text


A, B = Address("vpc", "a"), Address("vpc", "b")


def test_the_end_counts_resources_by_what_became_of_them():
    view = report_view(Report((an_outcome(Status.DONE),), results={A: Result.CREATED, B: Result.FAILED}, calls=2))
    assert conclusion(view).startswith("Done: 1 created, 1 failed; 2 API calls")


def test_what_a_failed_step_had_made_is_named_and_is_no_total_failure():
    """The answer to CreateVpc came, and nothing could be read afterwards."""
    failed = Outcome(STEP, (A,), Status.FAILED, "InvalidSecurityToken.Expired", source=SourceRange("stack.yaml", 7, 3))
    report = Report((failed,), {A: "vpc-1"}, results={A: Result.FAILED}, has_effect=True)
    view = report_view(report)
    assert view.status == "partly"
    text = report_text(view)
    assert "failed  create vpc.a  stack.yaml:7\n" in text
    assert "created all the same: vpc.a is vpc-1; the next apply goes on from there" in text
    assert "0 steps done" not in text
    assert "(<code>stack.yaml:7</code>)" in report_markdown(view) and "vpc-1" in report_markdown(view)
    (outcome,) = report_document(view)["outcomes"]
    assert outcome["source"] == "stack.yaml:7" and report_document(view)["counts"] == {"failed": 1}


def test_what_nobody_could_check_before_the_change_is_counted_in_every_format() -> None:
    asked = StepId("instance.web[0]", "check")
    facts = {"code": "Forbidden.RAM", "message": "no right", "unchecked": True}
    outcomes = (
        Outcome(asked, (address("instance.web[0]"), address("instance.web[1]")), Status.DONE, **facts),  # type: ignore[arg-type]
        Outcome(StepId("instance.web[0]", "update"), (address("instance.web[0]"),), Status.DONE),
    )
    view = report_view(Report(outcomes, results={address("instance.web[0]"): Result.UPDATED}, calls=3, seconds=1.2))

    assert report_text(view) == (
        "not checked before the change: instance.web[0..1] (Forbidden.RAM: no right)\n\n"
        "Done: 1 updated; 2 not checked before the change; 3 API calls in 1.2 s.\n"
    )
    assert "2 not checked" in report_markdown(view) and "- not checked before the change" in report_markdown(view)
    document = report_document(view)
    assert document["unchecked"] == [
        {"addresses": ["instance.web[0]", "instance.web[1]"], "why": "Forbidden.RAM: no right"}
    ]
    assert [outcome["unchecked"] for outcome in document["outcomes"]] == [True, False]


def test_what_commands_printed_is_folded_into_the_markdown_report() -> None:
    """Machines alike once, the end of long output alone, and no sign of it means anything there."""
    long = "\n".join(f"line {number}" for number in range(50)) + "\n```\n@team <b>"
    rows = [Ran(f"instance.web[{n}]", f"i-{n}", "t-1", 0, output=long, command="command.setup") for n in range(2)]
    quiet = Ran("instance.db", "i-db", "t-2", 3, command="command.setup")
    view = replace(report_view(Report(())), ran=(*rows, quiet))
    text = report_markdown(view)
    assert text.count("<summary>ran command.setup on instance.web") == 1
    assert "line 49" in text and "line 3\n" not in text and "lines before" in text
    assert text.count("line 49") == 1 and "````````text" in text
    assert "- failed" in text and "exit code 3" in text
