"""What a plan could not know, filled in; what nobody may know, kept out of journals and tokens."""

import json
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.apply.fill import Filler, Unfilled, born_ids, client_token, revealed
from ecsplan.model.address import Ref, Secret, Template
from ecsplan.model.call import Call, Late, LocalKey, Merge
from tests.builders import at, ref

SECRET = Secret(2, env="PW")


@pytest.fixture
def filler() -> Filler:
    return Filler(
        lambda secret: f"value of {secret.env}",
        lambda path: f"key at {path}",
        {ref("box.a"): "bx-1", Ref(at("box.a"), "disks.data"): "d-1"},
        {at("box.a"): {"address": "10.0.0.7"}},
    )


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        (ref("box.a"), "bx-1"),
        (ref("box.a", "disks.data"), "d-1"),
        (ref("box.a", "address"), "10.0.0.7"),
        (Template(("to ", ref("box.a", "address"), ":80")), "to 10.0.0.7:80"),
        (SECRET, "value of PW"),
        (Secret(1, template=("x-", SECRET, "-y")), "x-value of PW-y"),
        (Late(Template(("ip ", ref("box.a", "address"))), str.upper), "IP 10.0.0.7"),
        (Late(SECRET, str.upper, is_sensitive=True), "VALUE OF PW"),
        (LocalKey("k.pem"), "key at k.pem"),
        ({"Tag": ({"Key": "a", "Value": ref("box.a")},)}, {"Tag": [{"Key": "a", "Value": "bx-1"}]}),
        (7, 7),
    ],
)
def test_every_form_of_a_value_is_filled(filler, value, filled):
    assert filler.fill(value) == filled


def test_what_nothing_made_is_named(filler):
    with pytest.raises(Unfilled, match=r"shelf.main is not known"):
        filler.fill((ref("shelf.main"),))


@pytest.mark.parametrize("value", [SECRET, Late(SECRET, str, is_sensitive=True), Secret(1, template=("a", SECRET))])
def test_unrevealed_a_secret_is_the_name_of_its_source(filler, value):
    text = json.dumps(filler.fill({"P": value}, reveal=False))
    assert "value of" not in text and "PW" in text


@pytest.mark.parametrize("form", ["plain", "base64"])
def test_a_journalled_secret_is_revealed_as_it_was_sent(filler, form):
    encode = {"plain": str, "base64": lambda text: b64encode(text.encode()).decode()}[form]
    sent = {"A": [Late(SECRET, encode, is_sensitive=True, form=form), {"B": Secret(1, template=("x", SECRET))}], "C": 1}
    kept = json.loads(json.dumps(filler.fill(sent, reveal=False)))
    assert revealed(kept, filler.read_secret) == filler.fill(sent)


def test_what_is_absent_is_not_sent_and_a_json_list_is_one_text(filler):
    call = Call("Do", {"Ids": [ref("box.a"), "bx-2"], "Zone": None}, merge=Merge("Ids", 9, "json"))
    assert filler.params(call) == {"Ids": '["bx-1", "bx-2"]'}


@pytest.mark.parametrize(
    ("answer", "path", "ids"),
    [
        ({"Id": "a"}, "Id", ["a"]),
        ({"Ids": {"Id": ["a", "b"]}}, "Ids.Id[]", ["a", "b"]),
        ({"Ids": {}}, "Ids.Id[]", []),
        ({}, "Id", []),
        ({"Ids": "odd"}, "Ids.Id[]", []),
    ],
)
def test_new_ids_are_found_in_the_answer(answer, path, ids):
    assert born_ids(answer, path) == ids


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text()), st.integers(0, 3))
def test_a_token_fits_the_service_and_repeats(digest, step, params, attempt):
    token = client_token(digest, step, 0, params, attempt)
    assert token.isascii() and len(token) <= 64
    assert token == client_token(digest, step, 0, dict(reversed(params.items())), attempt)
    assert token != client_token(digest, step, 0, params, attempt + 1)
