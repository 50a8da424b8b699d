"""Patterns as Python's `re` reads them, in time by the length of the text alone."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.config.expressions.patterns import pattern

SAMPLES = (
    "",
    "a",
    "b",
    "ab",
    "aab",
    "abb",
    "a-b",
    "web-01",
    "web-1",
    "10.0.0.0/16",
    "a\n",
    "é",
    "²",
    "aaaa",
    "]",
    "^a",
)


@pytest.mark.parametrize(
    "text",
    [
        "a", "a|b", "ab*", "(a|b)+", "a?b{2}", "a{2,}", "a{1,3}b?", "[ab]+", "[^a]", "[a-c-]+", "[]a]", ".", ".*", "",
        r"\d+", r"\w+-\d{2}", r"\.", r"10\.0\.\d+\.\d+/\d{2}", "^a$", "^(web|db)-[0-9]{2}$", "(?:ab)*",
        "a||b", r"[\d-]+", "([a-z]+-)*[0-9]+", r"\S+", r"[^\s]+", "(a*)*", "(a|aa)+b", r"\^a",
    ],
)  # fmt: skip
def test_a_pattern_fits_what_python_says_it_fits(text: str) -> None:
    for sample in SAMPLES:
        assert pattern(text).fits(sample) == bool(re.fullmatch(text, sample, re.ASCII)), sample


_ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", "-"])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}"])).map(lambda pair: f"({pair[0]}){pair[1]}"),
    ),
    max_leaves=6,
)


@given(_PATTERNS, st.text("ab-1", max_size=8))
def test_any_pattern_is_read_as_python_reads_it(text: str, sample: str) -> None:
    assert pattern(text).fits(sample) == bool(re.fullmatch(text, sample, re.ASCII))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("(a", "is not closed"),
        ("[a", "is not closed"),
        ("a)", r"\)' is not understood"),
        ("*a", "nothing before it"),
        ("a{x}", "a repetition is written"),
        ("a{3,1}", "upside down"),
        ("a{999}", "goes up to 200"),
        ("(?=a)", "of groups only"),
        (r"(a)\1", "is not understood"),
        (r"\b", "is not understood"),
        ("[z-a]", "not a range"),
        ("a\\", "nothing comes after"),
        ("((a{99}){99}){99}", "too large"),
        ("a" * 300, "at most 200"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pattern(text)


@pytest.mark.parametrize("text", ["(a+)+b", "(a|a)*b", "(a|aa)+b", "a*a*a*a*a*b", "(.*)*b"])
def test_no_pattern_takes_long(text: str) -> None:
    """Each of these takes Python's `re` longer than the age of the universe."""
    started = time.process_time()
    assert not pattern(text).fits("a" * 20_000)
    assert time.process_time() - started < 5
