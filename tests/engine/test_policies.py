"""Policy files: found upwards, checked by their schema, every fault with its place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.engine.policies import policy_in, read_policy
from ecsplan.engine.policy_files import NAME, policy_file
from ecsplan.model.diagnostic import Rejected

WHOLE = """\
apiVersion: ecsplan/v1
kind: Policy
signers: allowed_signers
groups:
  dba: [alice@example.com, bob@example.com]
rules:
  - {name: scratch, classes: [data_loss], addresses: ["disk.scratch*"], then: allow}
  - {name: data, classes: [data_loss, delete], kinds: [disk], then: {approvals: 2, group: dba}}
  - {name: many, classes: [reboot, stop_start], more_than: {share: 0.2}, then: forbid, reason: in waves}
windows:
  - {classes: [stop_start], hours: ["Mon-Fri 22:00-06:00 Asia/Shanghai"]}
freezes:
  - {classes: [all], from: "2026-11-11T00:00:00+08:00", until: "2026-11-12T00:00:00+08:00", reason: Double Eleven}
"""


def said(text: str) -> list[str]:
    with pytest.raises(Rejected) as caught:
        policy_in(text, "p.yaml")
    return [f"{d.source}: {d.summary} | {d.detail}" for d in caught.value.diagnostics]


def test_a_whole_policy_is_read() -> None:
    policy = policy_in(WHOLE, "p.yaml")
    assert [rule.name for rule in policy.rules] == ["scratch", "data", "many"]
    assert policy.rules[1].approvals == 2 and policy.rules[1].group == "dba"
    assert policy.groups["dba"] == {"alice@example.com", "bob@example.com"}
    assert policy.freezes[0].end - policy.freezes[0].first == 86400
    assert policy.freezes[0].scope.classes == frozenset() and policy.windows[0].hours[0].zone == "Asia/Shanghai"


def test_every_fault_is_said_at_its_place() -> None:
    text = WHOLE.replace("data_loss]", "dataloss]", 1).replace("then: forbid", "them: forbid")
    assert said(text) == [
        "p.yaml:7:31: rules[0].classes[0] is 'dataloss' | did you mean data_loss?",
        "p.yaml:9:5: rules[2] needs then | then: allow, forbid, or {approvals: N, group: NAME}.",
        "p.yaml:9:74: rules[2] has no key them | did you mean then?",
    ]


def test_what_no_schema_can_say_has_its_place_too() -> None:
    text = WHOLE.replace("group: dba", "group: dbas").replace("Asia/Shanghai", "Hangzhou").replace("+08:00", "", 1)
    assert said(text) == [
        "p.yaml:11:37: 'Hangzhou' is not a time zone; write one like Asia/Shanghai or UTC"
        " | like Mon-Fri 22:00-06:00 Asia/Shanghai",
        "p.yaml:13:28: '2026-11-11T00:00:00' is not a time with its zone | write one like 2026-11-11T00:00:00+08:00",
        "p.yaml:8:91: there is no group dbas | groups: dba",
    ]


@pytest.mark.parametrize(
    ("changed", "said_of_it"),
    [
        (("then: {approvals: 2, group: dba}", "then: {approvals: 0}"), "approvals is 0 | write at least 1"),
        (("then: allow", "then: maybe"), "rules[0].then is 'maybe'"),
        (("[alice@example.com, bob@example.com]", "alice@example.com"), "is 'alice@example.com' | write a list"),
        (("kind: Policy", "kind: Polity"), "kind is 'Polity'"),
        (("until: \"2026-11-12", "until: \"2026-11-10"), "a freeze ends before it begins"),
    ],
)  # fmt: skip
def test_faults_in_words(changed: tuple[str, str], said_of_it: str) -> None:
    assert any(said_of_it in line for line in said(WHOLE.replace(*changed)))


def test_it_is_found_upwards_to_the_root_of_the_repository(tmp_path: Path) -> None:
    stack = tmp_path / "repo" / "stacks" / "shop"
    stack.mkdir(parents=True)
    (tmp_path / "repo" / ".git").mkdir()
    (tmp_path / NAME).write_text(WHOLE)
    assert policy_file(stack) is None
    (tmp_path / "repo" / NAME).write_text(WHOLE)
    assert policy_file(stack) == tmp_path / "repo" / NAME
    (stack / NAME).write_text(WHOLE)
    assert policy_file(stack) == stack / NAME and read_policy(stack / NAME).rules


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    for whole in (text, "apiVersion: ecsplan/v1\nkind: Policy\nrules: " + text):
        try:
            policy_in(whole, "p.yaml")
        except Rejected as rejected:
            assert rejected.diagnostics
