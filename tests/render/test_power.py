import json

from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.power import Became, Order, Powered, PowerPlan, PowerReport, Verb
from ecsplan.render.power import asked_text, power_document, power_text
from tests.render.plans import address, at, live

WEB, DB = address("instance.web[0]"), address("instance.db")
PLAN = PowerPlan(
    Order(Verb.STOP, force=True, stop_charging=True),
    "shop",
    "cn-hangzhou",
    {WEB: live("instance.web[0]", "i-1")},
    {DB: live("instance.db", "i-2")},
    (Diagnostic("the stack file says state: running", "", at(7), WEB, Severity.WARNING),),
)
REPORT = PowerReport(
    (
        Powered(DB, "i-2", "Stopped", Became.ALREADY, "Stopped"),
        Powered(WEB, "i-1", "Running", Became.FAILED, "", "IncorrectInstanceStatus", "It is\x1b locked.", "4F2A"),
    ),
    calls=5,
    seconds=3.0,
)


def test_what_is_asked_is_said_with_its_dangers() -> None:
    assert asked_text(PLAN).splitlines() == [
        "warning: instance.web[0]: the stack file says state: running  stack.yaml:7",
        "instance.db: stopped already",
        "stop by force, in economical mode: instance.web[0]",
    ]


def test_a_machine_that_failed_is_told_with_the_service_s_words() -> None:
    assert power_text(PLAN, REPORT).splitlines() == [
        "failed  instance.web[0]  i-1  IncorrectInstanceStatus: It is\\u001b locked. (request 4F2A)",
        "1 needed nothing, 1 failed; 5 API calls in 3.0 s.",
    ]


def test_programs_get_every_machine() -> None:
    document = json.loads(json.dumps(power_document(PLAN, REPORT)))

    assert [machine["result"] for machine in document["machines"]] == ["already", "failed"]
    assert document["machines"][1]["code"] == "IncorrectInstanceStatus"
    assert document["warnings"][0]["address"] == "instance.web[0]"
