"""Addresses as people write them, and the values that a plan does not know yet."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.model.address import Address, ForeignRef, Lookup, Part, Ref, Secret, Template
from tests.builders import at, ref

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,20}", fullmatch=True)
keys = st.none() | st.integers(0, 10**6) | st.text(max_size=20)
addresses = st.builds(Address, st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True), names, keys)


@given(addresses)
def test_what_is_shown_is_read_back(address):
    assert Address.parse(str(address)) == address


@given(st.text(max_size=30))
def test_anything_else_is_refused_with_what_would_be_right(text):
    try:
        assert Address.parse(text).kind
    except ValueError as error:
        assert "write kind.name" in str(error) or "Invalid" in str(error)


@pytest.mark.parametrize(
    "text",
    ["", "vpc", "vpc.", ".main", "vpc.main[", "vpc.main[x]", "vpc.main[-1]", "vpc.main\n", "vpc.main[0]\n", "VPC.main",
     "vpc.1st", 'vpc.main["a"', "vpc.main[١]"],
)  # fmt: skip
def test_what_only_looks_like_an_address_is_refused(text):
    with pytest.raises(ValueError, match="is not an address"):
        Address.parse(text)


@given(st.lists(addresses, max_size=8), st.randoms())
def test_addresses_have_one_order(found, chance):
    shuffled = [*found]
    chance.shuffle(shuffled)
    assert sorted(found) == sorted(shuffled)


@given(addresses, addresses)
def test_addresses_and_parts_compare_by_every_sign(one, other):
    for first, second in ((one, other), (one, one), (Part(one, "disks", "a"), Part(other, "disks", "a"))):
        assert (first <= second) is (second >= first) is (not second < first) is (not first > second)


def test_members_are_in_the_order_of_their_numbers():
    assert sorted([at("box.a[10]"), at("box.a[9]"), at('box.a["x"]'), at("box.a")]) == [
        at("box.a"),
        at("box.a[9]"),
        at("box.a[10]"),
        at('box.a["x"]'),
    ]


def test_a_group_is_the_address_without_its_key():
    assert at("box.a[3]").group == at("box.a") == at("box.a").group


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ref("box.a"), "box.a"),
        (ref("box.a[0]", "address"), "box.a[0].address"),
        (Template(("to ", ref("box.a", "address"))), "to ${box.a.address}"),
        (Secret(3, env="PW"), "(sensitive, version 3)"),
        (ForeignRef("net", at("shelf.app")), "shelf.app of stack net"),
        (Lookup("shelf", "x", (("team", "web"),)), "shelf with name x, team=web"),
        (Lookup("shelf", None, (("team", "web"),)), "shelf with team=web"),
    ],
)
def test_values_are_shown_in_words(value, text):
    assert str(value) == text


@pytest.mark.parametrize(
    ("secret", "source"),
    [
        (Secret(1, env="PW"), "environment variable PW"),
        (Secret(1, file="/run/pw"), "file /run/pw"),
        (Secret(1, template=("a", Secret(1, env="A"), Secret(1, file="b"))), "environment variable A and file b"),
    ],
)
def test_a_secret_is_known_by_its_source(secret, source):
    assert secret.source == source


def test_a_template_knows_its_holes():
    assert Template(("a", ref("box.a"), ref("box.b"))).refs == (Ref(at("box.a")), Ref(at("box.b")))


def test_an_address_is_the_same_key_after_it_was_sent_to_another_process():
    found = Address("disk", "a", 1)
    assert hash(found) == hash(Address("disk", "a", 1)) and found in {Address("disk", "a", 1)}
    again = pickle.loads(pickle.dumps(found))
    assert again == found and not hasattr(again, "_hash"), "hashes of texts differ from process to process"
    assert found != Address("disk", "a", "1") and found != "disk.a[1]"
