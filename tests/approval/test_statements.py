"""Statements: one canonical form, read after the signature, never a traceback."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.approval.statement import BadStatement, Statement, parsed

DIGEST = "sha256:" + "a" * 64
ONE = Statement(DIGEST, "shop", "1234567890123456", "cn-hangzhou", "2026-11-28T08:00:00Z", "2026-12-01T00:00:00Z",
                ("stop_start",), "c0ffee", "CHG-4711")  # fmt: skip


def test_a_statement_is_one_line_and_comes_back():
    assert ONE.text.count("\n") == 1 and ONE.text.endswith("\n")
    assert parsed(ONE.text.encode()) == ONE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ONE.text.replace(",", ", ", 1), "canonical form"),
        (ONE.text + "\n", "canonical form"),
        (ONE.text.replace('"region":"cn-hangzhou",', ""), "needs region; region: The region that it is for"),
        (ONE.text.replace('"reason":"CHG-4711"', '"reason":"CHG-4711","role":"dba"'), "has no key role"),
        (ONE.text.replace("ecsplan-approval/v1", "ecsplan-approval/v2"), "not an approval: format is"),
        (ONE.text.replace(DIGEST, "sha256:abc"), "digest is 'sha256:abc'; Of the saved plan"),
        (
            ONE.text.replace("2026-12-01T00:00:00Z", "tomorrow"),
            "expires is 'tomorrow'; Until when it counts, in UTC, like 2026-12-01",
        ),
        (ONE.text.replace('["stop_start"]', '"stop_start"'), "classes is 'stop_start'; write a list"),
        (ONE.text.replace('"shop"', "7"), "stack is 7; write text"),
        ("[" * 60000, "not JSON"),
        ("x" * ((1 << 20) + 1), "larger than"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, said: str):
    with pytest.raises(BadStatement, match=said):
        parsed(text.encode())


def test_a_member_that_is_written_twice_is_refused():
    twice = ONE.text.replace('{"account"', '{"account":"1","account"', 1)
    with pytest.raises(BadStatement, match="canonical form"):
        parsed(twice.encode())


@pytest.mark.door("approvals")
@given(st.one_of(st.binary(max_size=300), st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
    lambda value: json.dumps({"format": "ecsplan-approval/v1", "digest": value}).encode())))  # fmt: skip
def test_any_bytes_are_a_statement_or_a_reason(text: bytes):
    try:
        parsed(text)
    except BadStatement as bad:
        assert str(bad)
