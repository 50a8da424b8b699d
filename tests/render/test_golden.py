"""What a plan and a report look like, in every format."""

import json
from collections.abc import Callable

import pytest

from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.render.json_format import apply_document, diagnostics_document, dumped, plan_json
from ecsplan.render.markdown import plan_markdown, report_markdown
from ecsplan.render.report import report_text, report_view
from ecsplan.render.text import plan_text
from ecsplan.render.view import view
from tests.render.plans import SECRET, a_report, address, at, every_action

Golden = Callable[[str, str], None]


def test_plan_as_text(golden: Golden) -> None:
    golden("plan.txt", plan_text(view(every_action())))


def test_plan_with_calls_in_full(golden: Golden) -> None:
    golden("plan-verbose.txt", plan_text(view(every_action()), verbose=True))


def test_plan_as_markdown(golden: Golden) -> None:
    golden("plan.md", plan_markdown(view(every_action())))


def test_plan_as_json(golden: Golden) -> None:
    golden("plan.json", plan_json(view(every_action())))


def test_report_as_text(golden: Golden) -> None:
    golden("report.txt", report_text(report_view(a_report())))


def test_report_as_markdown(golden: Golden) -> None:
    golden("report.md", report_markdown(report_view(a_report())))


def test_applied_plan_as_json_holds_plan_and_report(golden: Golden) -> None:
    document = apply_document(view(every_action()), report_view(a_report()))
    golden("report.json", dumped({"report": document["report"]}))
    assert document["plan"] == json.loads(plan_json(view(every_action())))


@pytest.mark.parametrize("draw", [plan_text, plan_markdown, plan_json])
def test_no_format_shows_a_secret(draw: Callable[..., str]) -> None:
    assert SECRET not in draw(view(every_action()))


def test_no_call_in_full_shows_a_secret() -> None:
    assert SECRET not in plan_text(view(every_action()), verbose=True)


def test_problems_as_json() -> None:
    problems = (Diagnostic("odd", "even", at(3), address("vpc.a")), Diagnostic("hm", severity=Severity.WARNING))

    assert diagnostics_document(problems)["valid"] is False
    assert diagnostics_document(problems[1:])["valid"] is True
    assert diagnostics_document(problems)["diagnostics"][0] == {
        "severity": "error",
        "summary": "odd",
        "detail": "even",
        "address": "vpc.a",
        "members": [],
        "source": {"file": "stack.yaml", "line": 3, "column": 7},
    }
