"""The types of values: what they take, what they refuse and how that is said, and the way to the wire and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.model.address import Secret
from ecsplan.model.quoting import shown
from ecsplan.model.texts import FileText, SecretText
from ecsplan.model.values import (
    Boolean,
    Choice,
    Cidr,
    Instant,
    Integer,
    IpAddress,
    Mistake,
    Number,
    Text,
    ValueType,
)

ALL = (
    Text(2, 8), Text(pattern="^a", rule="a word with a"), Integer(1, 9), Integer(1), Integer(None, 9), Integer(),
    Number(), Number(0), Boolean(), Choice("one", "two"), Cidr(), Cidr(6), Cidr(shortest=8, longest=28), IpAddress(),
    IpAddress(6), Instant(), FileText(10), SecretText(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "value", "parsed"),
    [
        (Text(2, 4), "abc", "abc"),
        (Integer(1, 9), 9, 9),
        (Number(), 2, 2.0),
        (Boolean(), True, True),
        (Choice("one", "two"), "two", "two"),
        (Cidr(), "10.0.0.0/8", "10.0.0.0/8"),
        (Cidr(), "10.0.0.7", "10.0.0.7/32"),
        (Cidr(6), "2001:DB8::/56", "2001:db8::/56"),
        (IpAddress(), "10.0.0.7", "10.0.0.7"),
        (IpAddress(6), "2001:DB8::7", "2001:db8::7"),
        (Instant(), "2026-12-31T18:00:59Z", "2026-12-31T18:00Z"),
        (FileText(), "#!/bin/sh", "#!/bin/sh"),
        (SecretText(), {"env": "PW", "version": 2}, Secret(2, env="PW")),
        (SecretText(), {"file": "/pw", "version": 1}, Secret(1, file="/pw")),
    ],
)
def test_a_good_value_becomes_canonical(type_, value, parsed):
    assert type_.parse(value) == parsed


@pytest.mark.parametrize(
    ("type_", "value", "says"),
    [
        (Text(2, 4), "a", "a string of 2 to 4 characters"),
        (Text(2, 4), "abcde", "a string of 2 to 4 characters"),
        (Text(), 7, "7 is not a string"),
        (Text(pattern="^a", rule="a word with a"), "b", "a word with a"),
        (Text(pattern="^a$", rule="just an a"), "a\n", "just an a"),
        (Integer(1, 9), 10, "a whole number from 1 to 9"),
        (Integer(1), 0, "at least 1"),
        (Integer(None, 9), 10, "at most 9"),
        (Integer(), True, "true is not a whole number"),
        (Integer(), "7", "'7' is not a whole number"),
        (Number(0), -1, "a number of at least 0"),
        (Number(), "x", "a number"),
        (Boolean(), "yes", "true or false"),
        (Choice("one", "two"), "three", "one of one, two"),
        (Choice("one"), ["one"], "a list is not"),
        (Cidr(), "10.0.0.7/8", "has host bits set"),
        (Cidr(), "10.0.0.0/99", "like 10.0.0.0/16"),
        (Cidr(), "2001:db8::/56", "an IPv4 CIDR"),
        (Cidr(shortest=8, longest=28), "10.0.0.0/7", "a mask of 8 to 28"),
        (Cidr(), 7, "an IPv4 CIDR"),
        (IpAddress(), "10.0.0", "like 10.0.1.7"),
        (IpAddress(6), "10.0.0.1", "like 2001:db8::7"),
        (IpAddress(), None, "nothing is not"),
        (Instant(), "tomorrow", "a UTC time"),
        (Instant(), "2026-13-31T18:00Z", "a UTC time"),
        (FileText(3), "abcd", "at most 3 bytes"),
        (FileText(3), 1, "at most 3 bytes"),
    ],
)
def test_a_bad_value_is_refused_in_words(type_, value, says):
    with pytest.raises(Mistake, match=says.replace("(", r"\(")):
        type_.parse(value)


@pytest.mark.parametrize(
    "value", ["hunter2", {"env": "PW"}, {"env": "", "version": 1}, {"env": "A", "file": "B", "version": 1}, 7]
)
def test_a_secret_in_the_file_is_refused_and_not_quoted(value):
    with pytest.raises(Mistake) as caught:
        SecretText().parse(value)
    assert "hunter2" not in f"{caught.value.summary} {caught.value.detail}"


@pytest.mark.parametrize(
    ("type_", "wire", "decoded"),
    [
        (Integer(), "40", 40),
        (Number(), "0.5", 0.5),
        (Boolean(), "True", True),
        (Boolean(), False, False),
        (Boolean("Open", "Close"), "open", True),
        (Boolean("Open", "Close"), "Close", False),
        (Choice("PayByTraffic"), "paybytraffic", "PayByTraffic"),
        (Choice("PayByTraffic"), "Odd", "Odd"),
        (Cidr(), "10.0.0.7/8", "10.0.0.0/8"),
        (Instant(), "2026-12-31T18:00:59Z", "2026-12-31T18:00Z"),
        (FileText(base64=True), "aGk=", "hi"),
        (FileText(), " key \n", "key"),
        (Text(), "x", "x"),
    ],
)
def test_an_answer_becomes_canonical(type_, wire, decoded):
    assert type_.decode(wire) == decoded


@pytest.mark.parametrize("type_", ALL)
@pytest.mark.parametrize("wire", [None, ""])
def test_an_empty_answer_is_absent(type_, wire):
    assert type_.decode(wire) is None


@pytest.mark.parametrize(
    ("type_", "value", "wire"),
    [
        (Integer(as_text=True), 40, "40"),
        (Integer(), 40, 40),
        (Boolean("Open", "Close"), False, "Close"),
        (Boolean(), True, True),
        (Instant(), "2026-12-31T18:00Z", "2026-12-31T18:00:00Z"),
        (FileText(base64=True), "hi", "aGk="),
        (FileText(), "hi", "hi"),
    ],
)
def test_a_value_is_spelled_as_the_wire_wants_it(type_, value, wire):
    assert type_.encode(value) == wire


@pytest.mark.parametrize("type_", ALL)
def test_every_type_has_a_schema_and_says_what_it_wants(type_):
    assert type_.schema() and type_.says


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(ALL), json_values)
def test_no_value_ends_in_anything_but_a_canonical_form_or_a_mistake(type_, value):
    try:
        parsed = type_.parse(value)
    except Mistake as mistake:
        assert mistake.summary and len(mistake.summary) < 300
    else:
        assert isinstance(hash(parsed), int)


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_a_cidr_that_was_read_is_one_that_may_be_declared(number, mask):
    text = f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}/{mask}"
    assert Cidr().parse(Cidr().decode(text)) == Cidr().decode(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [({}, "a mapping"), ([1], "a list"), (None, "nothing"), (True, "true"), ("a" * 99, "'" + "a" * 56 + "...")],
)
def test_values_are_quoted_briefly(value, text):
    assert shown(value) == text


def test_a_type_of_its_own_has_to_say_everything():
    for act in (
        ValueType().schema,
        lambda: ValueType().parse(1),
        lambda: ValueType().merged(1, 2),
        lambda: ValueType().says,
    ):
        with pytest.raises(NotImplementedError):
            act()
