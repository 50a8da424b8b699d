import json

from ecsplan.kinds import load_kinds
from ecsplan.model.change import Action, AttributeChange, Cause, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.drift import Drift, DriftFinding, Moved, Unchecked
from ecsplan.render.drift import drift_document, drift_markdown, drift_text, drift_view
from tests.render.plans import SECRET, address, live, resource, rule


def updated(text: str, *lines: AttributeChange) -> Change:
    return Change(address(text), Action.UPDATE, live(text, "sg-1"), resource(text), lines)


RULES = AttributeChange("ingress", (rule("443", "0.0.0.0/0"), rule("22", "0.0.0.0/0")), (rule("443", "0.0.0.0/0"),),
                        Cause.DRIFT)  # fmt: skip
DRIFT = Drift(
    "web-prod",
    "cn-hangzhou",
    "1234567890123456",
    (
        DriftFinding(
            address("security_group.web"), Moved.CHANGED, "sg-1", updated("security_group.web", RULES), "seen | here"
        ),
        DriftFinding(address("eip.a"), Moved.DELETED, "eip-1", detail="the journal has it as eip-1"),
    ),
    (updated("instance.web", AttributeChange("instance_type", "ecs.g7.large", "ecs.g7.xlarge")),),
    live=9,
    calls_read=7,
    read_seconds=0.4,
    kinds=load_kinds(),
)
NONE = Drift("web-prod", "cn-hangzhou", "1234567890123456", (), ())


def test_an_added_rule_reads_as_what_somebody_did() -> None:
    text = drift_text(drift_view(DRIFT))

    assert "changed  security_group.web  sg-1" in text
    assert "    + ingress  tcp 22 0.0.0.0/0\n" in text
    assert "deleted  eip.a  eip-1  the journal has it as eip-1" in text


def test_what_is_pending_stands_apart() -> None:
    text = drift_text(drift_view(DRIFT))

    assert text.index("Pending, not drift") > text.index("eip.a")
    assert text.endswith("Drift: 1 changed, 1 deleted; 1 change pending.\n")


def test_no_drift_is_said() -> None:
    assert drift_text(drift_view(NONE)).endswith("No drift: nothing moved since the last apply.\n")


def test_programs_get_both_sides() -> None:
    document = json.loads(json.dumps(drift_document(drift_view(DRIFT))))

    assert document["has_drift"] is True
    assert document["summary"]["changed"] == 1
    assert document["drift"][0]["attributes"][0]["live"]["ports"] == "22"
    assert document["drift"][0]["attributes"][0]["wanted"] is None
    assert document["pending"][0]["address"] == "instance.web"


def test_a_comment_is_safe_and_short_enough() -> None:
    many = Drift("s", "r", "a", DRIFT.findings * 2000, ())

    assert "seen &#124; here" in drift_markdown(drift_view(DRIFT))
    assert len(drift_markdown(drift_view(many))) < 65_000
    assert "left out" in drift_markdown(drift_view(many))


def test_a_secret_is_never_shown() -> None:
    line = AttributeChange("password", SECRET, SECRET + "2", Cause.DRIFT, sensitive=True)
    found = DriftFinding(address("instance.web"), Moved.CHANGED, "i-1", updated("instance.web", line))
    view = drift_view(Drift("s", "r", "a", (found,), (), kinds=load_kinds()))

    assert SECRET not in drift_text(view) + json.dumps(drift_document(view)) + drift_markdown(view)


def test_what_could_not_be_compared_is_counted_beside_no_drift() -> None:
    hundred = tuple(address(f"instance.web[{number}]") for number in range(100))
    unread = (Unchecked("instance.user_data", hundred, "read with --refresh full, one call for each"),)
    view = drift_view(replace(NONE, unchecked=unread, warnings=(Diagnostic("one list was refused"),)))

    told = "not checked: instance.user_data of instance.web[0..99] (read with --refresh full, one call for each)"
    assert f"{told}\n\nNo drift: nothing moved since the last apply; 100 values not checked.\n" in drift_text(view)
    assert "100 values not checked" in drift_markdown(view) and "one list was refused" in drift_markdown(view)
    document = drift_document(view)
    assert (document["summary"]["unchecked"], document["summary"]["warnings"]) == (100, 1)
    assert document["unchecked"][0]["addresses"] == [str(one) for one in hundred]
