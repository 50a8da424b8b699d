"""Machines that are off without being meant to be come first, by address and id, in every format."""

import io
import json

from ecsplan.cli.events import EventWriter
from ecsplan.model.plan import Off, Outcome, Report, Status, StepId
from ecsplan.render.json_format import report_document
from ecsplan.render.markdown import report_markdown
from ecsplan.render.off import off_headlines
from ecsplan.render.report import report_text, report_view
from tests.render.plans import address

OURS = Off(address("instance.web[0]"), "i-one", "OperationDenied: locked")
FOUND = Off(address("instance.web[1]"), "i-two", "it was off before", by_us=False)
FAILED = Outcome(StepId("instance.web[0]", "start"), (address("instance.web[0]"),), Status.FAILED, "OperationDenied")
VIEW = report_view(Report((FAILED,), off=(OURS, FOUND)))
FIRST = "OFF: instance.web[0] (i-one) is stopped for a change and not running again"


def test_the_first_line_of_a_report_names_what_is_off() -> None:
    lines = report_text(VIEW).splitlines()
    assert lines[0] == FIRST
    assert lines[1].startswith("Off, as found: instance.web[1] (i-two) is not running")
    assert "instance.web[0]: OperationDenied: locked" in lines[2]
    assert "ecsplan start 'instance.web[0]'" in lines[3]


def test_so_does_that_of_a_comment() -> None:
    assert "i-one" in report_markdown(VIEW).splitlines()[0] and "OFF" in report_markdown(VIEW).splitlines()[0]


def test_a_report_in_json_has_them_all() -> None:
    assert [(one["address"], one["id"], one["by_us"]) for one in report_document(VIEW)["off"]] == [
        ("instance.web[0]", "i-one", True),
        ("instance.web[1]", "i-two", False),
    ]


def test_events_tell_of_them_before_the_summary() -> None:
    stream = io.StringIO()
    EventWriter(stream.write).summed_up(VIEW)
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["type"] for event in events] == ["diagnostic", "diagnostic", "summary"]
    assert events[0]["message"] == FIRST and events[2]["off"][0]["id"] == "i-one"


def test_many_are_named_up_to_a_limit() -> None:
    many = [Off(address(f"instance.web[{n}]"), f"i-{n}", "") for n in range(30)]
    (line,) = off_headlines(many)
    assert "instance.web[19] (i-19) and 10 more are" in line
