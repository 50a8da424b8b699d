"""Flat parameters and percent-encoding, against the vendor's samples and over generated values."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.api.encode import canonical_query, flatten, percent

VECTORS = json.loads((Path(__file__).parent / "signature_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS["percent_encoding"], ids=lambda vector: repr(vector["in"]))
def test_percent_encoding_is_the_vendors(vector: dict[str, str]) -> None:
    assert percent(vector["in"]) == vector["out"]


@pytest.mark.parametrize("vector", VECTORS["flatten"])
def test_nested_parameters_become_the_vendors_flat_ones(vector: dict[str, Any]) -> None:
    # The vendor's package writes True; its documents, and we, write true.
    wanted = {name: "true" if value == "True" else value for name, value in vector["out"].items()}
    assert flatten(vector["in"]) == wanted


@given(st.text())
def test_percent_encoding_can_be_undone(text: str) -> None:
    assert unquote(percent(text)) == text
    assert percent(text).isascii()


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_the_canonical_query_loses_nothing_and_is_sorted_by_bytes(params: dict[str, str]) -> None:
    read = parse_qsl(canonical_query(params), keep_blank_values=True)
    assert dict(read) == params
    assert [key for key, _ in read] == sorted(params, key=str.encode)


def test_none_is_left_out_at_every_depth() -> None:
    assert flatten({"A": None, "B": {"C": None}, "D": [None, "x"]}) == {"D.2": "x"}


def test_an_empty_list_sends_nothing() -> None:
    assert flatten({"A": [], "B": {}}) == {}


def test_a_tuple_is_a_list() -> None:
    assert flatten({"A": ("x", "y")}) == {"A.1": "x", "A.2": "y"}


@pytest.mark.parametrize(("value", "text"), [(False, "false"), (True, "true"), (20.0, "20"), (0.25, "0.25"), (7, "7")])
def test_scalars_are_written_as_the_documents_do(value: object, text: str) -> None:
    assert flatten({"A": value}) == {"A": text}


def test_an_index_of_two_digits_sorts_before_a_single_one() -> None:
    assert canonical_query({"Tag.2.Key": "b", "Tag.10.Key": "a"}) == "Tag.10.Key=a&Tag.2.Key=b"
