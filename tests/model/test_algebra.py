"""Canonical values: the tuples that stand for mappings and lists, and the one walk over them."""

from ecsplan.model.address import Address, Ref, Secret, Template
from ecsplan.model.algebra import fields, leaves, mapped, members, of_fields, texts, whole
from ecsplan.model.change import UNKNOWN
from ecsplan.model.composites import refs_in

DISK = Address("disk", "data")


def test_a_mapping_is_the_same_after_it_was_taken_apart_and_put_together():
    value = (("a", 1), ("b", ("x", "y")))
    assert of_fields(fields(value)) == value


def test_what_is_absent_has_no_members():
    assert fields(None) == {}
    assert members(None) == ()
    assert whole(None) == 0


def test_a_number_that_is_known_only_after_apply_counts_as_none():
    assert whole(Ref(DISK, "size")) == 0


def test_the_walk_comes_to_every_leaf_of_collections_and_parameters():
    secret = Secret(1, env="X")
    assert list(leaves({"a": [secret, ("b", 2)], "c": None})) == [secret, "b", 2, None]
    assert list(texts(("a", ("b", 3)))) == ["a", "b"]
    assert list(leaves(UNKNOWN)) == [UNKNOWN]


def test_a_change_of_leaves_keeps_the_form():
    value = (("disk", Ref(DISK)), ("sizes", (1, 2)))
    assert mapped(value, lambda leaf: "d-1" if isinstance(leaf, Ref) else leaf) == (("disk", "d-1"), ("sizes", (1, 2)))


def test_references_inside_of_templates_are_found_too():
    assert refs_in((("a", Template(("x-", Ref(DISK)))), Ref(DISK, "size"))) == [Ref(DISK), Ref(DISK, "size")]
