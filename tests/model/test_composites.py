"""Types made of others: what they take, where a mistake inside is found, and one order for what has none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.model.address import ForeignRef, Lookup, Secret, Template
from ecsplan.model.attribute import Attribute
from ecsplan.model.composites import (
    ListOf,
    MapOf,
    NamedRef,
    Record,
    Reference,
    SetOf,
    is_deferred,
    is_name,
    refs_in,
)
from ecsplan.model.values import Integer, Mistake, Text
from tests.builders import at, ref

REF = Reference("shelf", "box", prefixes=("sh-", "bx-"))
RULE = Record("a rule", Attribute("port", None, Integer(1, 9), required=True), Attribute("why", None, Text(), "Words."))


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        ("app", NamedRef("app", ("shelf", "box"))),
        ("sh-123", "sh-123"),
        ({"stack": "net", "name": "web[0]"}, ForeignRef("net", at("shelf.web[0]"))),
        ({"lookup": {"name": "x", "tags": {"b": 1, "a": "y"}}}, Lookup("shelf", "x", (("a", "y"), ("b", "1")))),
    ],
)
def test_a_reference_is_a_name_an_id_another_stacks_or_a_lookup(value, parsed):
    assert REF.parse(value) == parsed


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (7, "7 is not the name of a shelf or box"),
        ({"stack": "net", "name": "1 x"}, "is not the name of a resource"),
        ({"stack": "net"}, "a mapping with stack refers to nothing"),
        ({}, "a mapping with no keys"),
        ({"lookup": {"nam": "x"}}, "a lookup takes name and tags"),
        ({"lookup": {}}, "a lookup takes name and tags"),
        ({"lookup": {"tags": [1]}}, "a lookup takes name and tags"),
    ],
)
def test_a_reference_to_nothing_is_refused(value, says):
    with pytest.raises(Mistake, match=says):
        REF.parse(value)


def test_a_set_has_one_order_and_no_doubles():
    assert SetOf(Text()).parse(["b", "a"]) == ("a", "b")
    with pytest.raises(Mistake, match="appears twice") as caught:
        SetOf(Text()).parse(["b", "a", "b"])
    assert caught.value.path == (2,)
    assert SetOf(Text()).decode(["b", "a", "b"]) == ("a", "b")


@given(st.lists(st.integers() | st.text(), unique=True), st.randoms())
def test_a_set_is_the_same_in_whatever_order_it_is_written(values, chance):
    shuffled = [*values]
    chance.shuffle(shuffled)
    mixed = type("Any", (Text,), {"parse": lambda self, value: value})()
    assert SetOf(mixed).parse(values) == SetOf(mixed).parse(shuffled)


@pytest.mark.parametrize(
    ("type_", "value", "says", "path"),
    [
        (ListOf(Integer(1, 9)), [1, 99], "whole number from 1 to 9", (1,)),
        (ListOf(Integer(), 2, 3), [1], "1 entry is not allowed", ()),
        (ListOf(Integer(), 2), [1], "1 entry is not allowed", ()),
        (ListOf(Integer()), "x", "a list whose entries are each a whole number", ()),
        (ListOf(Integer()), 7, "7 is not a list", ()),
        (MapOf(Integer()), {"a": "x"}, "whole number", ("a",)),
        (MapOf(Integer()), [1], "a mapping whose values are each a whole number", ()),
        (MapOf(Integer()), {"": 1}, "a string of 1 to 128", ("",)),
        (RULE, {"port": 1, "wyh": "x"}, "a rule has no key wyh", ("wyh",)),
        (RULE, {"why": "x"}, "a rule needs port", ()),
        (RULE, [1], "a rule with port, why", ()),
        (MapOf(RULE), {"a": {"port": 10}}, "whole number", ("a", "port")),
    ],
)
def test_a_mistake_inside_knows_its_way(type_, value, says, path):
    with pytest.raises(Mistake, match=says) as caught:
        type_.parse(value)
    assert caught.value.path == path


def test_the_nearest_key_is_named_or_all_of_them():
    with pytest.raises(Mistake) as near:
        RULE.parse({"prot": 1})
    with pytest.raises(Mistake) as far:
        RULE.parse({"xyzzy": 1})
    assert (near.value.detail, far.value.detail) == ("did you mean port?", "known keys: port, why")


def test_maps_and_records_are_pairs_in_order():
    assert MapOf(Integer()).parse({"b": 1, "a": 2}) == (("a", 2), ("b", 1))
    assert MapOf(Integer()).decode({"b": "1", "a": "2"}) == (("a", 2), ("b", 1))
    assert RULE.parse({"why": "x", "port": 1}) == (("port", 1), ("why", "x"))
    assert RULE.parse({"port": 1, "why": None}) == (("port", 1),)


def test_lists_go_out_as_their_members_do():
    assert ListOf(Integer(as_text=True)).encode((1, 2)) == ["1", "2"]
    assert ListOf(Integer()).decode(None) == ()


def test_what_is_known_later_is_not_judged_now():
    later = [ref("box.a"), Template(("x",)), Secret(1, env="A")]
    assert ListOf(Integer()).parse(later) == tuple(later)
    assert all(map(is_deferred, later)) and not is_deferred(7)


@pytest.mark.parametrize("type_", [REF, ListOf(Text(), 1, 2), SetOf(Text()), MapOf(Text()), RULE])
def test_every_type_has_a_schema_and_says_what_it_wants(type_):
    assert type_.schema() and type_.says


def test_a_records_schema_has_the_words_of_its_members():
    assert RULE.schema()["properties"]["why"]["description"] == "Words."
    assert RULE.schema()["required"] == ["port"]


def test_references_are_found_wherever_they_stand():
    value = {"a": (ref("box.a"), Template(("x", ref("box.b")))), "b": [(("k", ref("box.c")),)], "c": "box.d"}
    assert [str(found) for found in refs_in(value)] == ["box.a", "box.b", "box.c"]


@pytest.mark.parametrize(
    ("text", "good"), [("web", True), ("web-1_a", True), ("1web", False), ("web\n", False), ("", False)]
)
def test_names_of_resources(text, good):
    assert is_name(text) is good
