"""Desired values brought as close to live ones as today's knowledge allows."""

import pytest

from ecsplan.model.address import Template
from ecsplan.planner.values import KnownValues
from tests.builders import an_object, at, ref

KNOWN = KnownValues(
    {at("shelf.main"): an_object(serial="7"), at("shelf.old"): an_object("shelf.old")}, {at("shelf.old")}
)


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        (ref("shelf.main"), "sh-main"),
        (ref("shelf.main", "serial"), "7"),
        (ref("shelf.main", "odd"), ref("shelf.main", "odd")),
        (ref("shelf.old"), ref("shelf.old")),
        (ref("shelf.new"), ref("shelf.new")),
        (Template(("no ", ref("shelf.main", "serial"))), "no 7"),
        (Template((ref("shelf.main"), ref("shelf.new"))), Template(("sh-main", ref("shelf.new")))),
        ((ref("shelf.main"), "sh-a"), ("sh-a", "sh-main")),
        ((("port", 1), ("shelf", ref("shelf.main"))), (("port", 1), ("shelf", "sh-main"))),
        (7, 7),
    ],
)
def test_what_is_known_is_filled_in(value, resolved):
    assert KNOWN.resolve(value) == resolved


@pytest.mark.parametrize(
    ("value", "settled"),
    [(ref("shelf.main"), True), (ref("shelf.old"), False), (("x", ref("shelf.new")), False), ("x", True)],
)
def test_what_gets_a_new_identity_is_not_settled(value, settled):
    assert KNOWN.is_settled(value) is settled
