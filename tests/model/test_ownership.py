"""What is written on a live resource: whose it is, and digests of what was applied; never a secret nor its hash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.model.address import Secret
from ecsplan.model.ownership import (
    APPLIED,
    APPLIED_MORE,
    FORMAT,
    PER_TAG,
    SECRETS,
    applied_tags,
    as_refs,
    digest,
    has_secret,
    read_applied,
    read_secret_versions,
)
from tests.builders import at, ref


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.integers() | st.text(), max_size=80))
def test_what_was_applied_is_read_back_and_fits_its_tags(attributes):
    tags = applied_tags(attributes)
    found = read_applied(tags)
    wanted = {digest(name, value) for name, value in attributes.items()}
    assert all(len(text) <= 128 for text in tags.values())
    assert found == wanted if len(wanted) <= 2 * PER_TAG else found < wanted


def test_more_digests_than_one_tag_holds_go_on_in_a_second():
    tags = applied_tags({f"a{number}": number for number in range(PER_TAG + 1)})
    assert len(tags[APPLIED]) == len(FORMAT) + 4 * PER_TAG and len(tags[APPLIED_MORE]) == len(FORMAT) + 4


@pytest.mark.parametrize("tags", [{}, {APPLIED: "2:abcd"}, {APPLIED: ""}])
def test_a_digest_of_another_format_cannot_be_compared(tags):
    assert read_applied(tags) is None


def test_no_secret_and_no_hash_of_one_enters_a_tag():
    secret = Secret(3, env="PW")
    tags = applied_tags({"password": secret, "words": ("a", secret), "size": 1})
    assert tags == {APPLIED: FORMAT + digest("size", 1), SECRETS: "password=3"}
    assert has_secret(("a", ("b", secret))) and not has_secret("a")


def test_versions_of_secrets_are_read_back():
    assert read_secret_versions({SECRETS: "password=3 user_data=1 odd=x other=²"}) == {"password": 3, "user_data": 1}


def test_every_tag_counts_for_itself():
    one, two = applied_tags({"tags": (("a", "1"), ("b", "2"))}), applied_tags({"tags": (("a", "1"),)})
    assert read_applied(two) < read_applied(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, "1"),
        (1, 1.5),
        (True, 1),
        (ref("box.a"), "box.a"),
        (("a", "b"), ("b", "a")),
        (None, ""),
        (ref("box.a"), ref("box.b")),
    ],
)
def test_different_values_have_different_digests(one, other):
    assert digest("x", one) != digest("x", other)


def test_a_live_id_of_ours_is_digested_as_the_reference_that_it_was():
    owned = {"sh-1": at("shelf.main")}
    assert as_refs(("sh-1", ("x", "sh-1"), 7), owned) == (ref("shelf.main"), ("x", ref("shelf.main")), 7)
