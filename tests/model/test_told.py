"""Values in messages read as people write them; what members say alike is said once."""

import pytest

from ecsplan.model.address import Address, Ref, Secret
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.told import LONGEST, difference, folded, told

RULE = (("cidr", "0.0.0.0/0"), ("ports", "22"), ("protocol", "tcp"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        (True, "true"),
        ("a", "a"),
        ("two words", "'two words'"),
        (RULE, "{cidr: 0.0.0.0/0, ports: 22, protocol: tcp}"),
        (("a", "b"), "[a, b]"),
        (Ref(Address.parse("vpc.main")), "vpc.main"),
        (Secret(1, env="NAME"), "(sensitive)"),
        ((("password", Secret(1, env="NAME")),), "{password: (sensitive)}"),
    ],
)
def test_a_value_reads_as_in_a_file(value, text):
    assert told(value) == text


def test_nothing_of_what_is_sensitive_is_said_and_no_value_fills_the_screen():
    assert told("plain", is_sensitive=True) == "(sensitive)"
    assert len(told("x" * 10_000)) == LONGEST


def test_of_a_list_only_what_came_and_went_is_said():
    other = (*RULE[:1], ("ports", "443"), *RULE[2:])
    assert difference((RULE, other), (other,)) == "has [{cidr: 0.0.0.0/0, ports: 22, protocol: tcp}] now"
    assert difference((), ("a",)) == "no longer has [a] now"
    assert difference("a", None) == "is a now; it was nothing"


def test_members_say_alike_things_once_and_each_is_named():
    members = [Address.parse(f"instance.web[{number}]") for number in range(3)]
    other = Diagnostic("odd", address=Address.parse("vpc.main"))
    found = folded([*(Diagnostic("it is gone", "plan again", address=one) for one in members), other])
    assert [(str(d.address), d.summary, d.members) for d in found] == [
        ("instance.web", "it is gone (3 members)", tuple(members)),
        ("vpc.main", "odd", ()),
    ]
