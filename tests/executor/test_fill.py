"""What a plan could not know, filled in; what nobody may know, kept out of journals and tokens."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.executor.fill import Filler, Unfilled, born_ids, client_token
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


@pytest.mark.parametrize("value", [[SECRET], {"A": [SECRET]}, (SECRET,), Late([SECRET], json.dumps)])
def test_so_it_is_wherever_it_stands(filler, value):
    assert "value of" not in json.dumps(filler.fill(value, reveal=False))


def test_what_no_poll_has_told_is_looked_up_by_id(filler):
    asked = []
    filler.look_up = lambda *what: asked.append(what) or "10.0.0.9"
    filler.attributes[at("shelf.old")] = {"id": "sh-7"}
    assert filler.fill([ref("box.a", "disks.logs"), ref("shelf.old", "spot")]) == ["10.0.0.9", "10.0.0.9"]
    assert asked == [(at("box.a"), "bx-1", "disks.logs"), (at("shelf.old"), "sh-7", "spot")]


def test_nothing_is_looked_up_of_what_has_no_id_or_is_known(filler):
    filler.look_up = lambda *what: pytest.fail(f"looked up {what}")
    filler.attributes[at("shelf.main")] = {"spot": 3}
    assert filler.fill([ref("box.a", "address"), ref("shelf.main", "spot")]) == ["10.0.0.7", 3]
    with pytest.raises(Unfilled):
        filler.fill(ref("shelf.main", "wood"))


def test_what_the_look_up_does_not_find_is_named(filler):
    with pytest.raises(Unfilled, match=r"box.a.*logs"):
        filler.fill(ref("box.a", "disks.logs"))


@pytest.mark.parametrize("secret", [Secret(2, env="PW"), Secret(3, file="/run/pw"), Secret(1, env="A")])
def test_a_journalled_secret_names_the_source_that_it_had(filler, secret):
    kept = json.loads(json.dumps(filler.fill([secret], reveal=False)))
    source = {"version": secret.version, "env": secret.env, "file": secret.file, "template": []}
    assert kept == [{"$secret": source}]


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


def test_a_token_is_the_same_in_every_version():
    """A plan may be carried on by another version than began it; the service remembers the token, not who made it."""
    token = client_token("sha256:1 salt", "create box.a", 2, {"Name": "Gerät", "Tag": [{"Key": "a", "Value": "b"}]}, 1)
    assert token == "ecsplan-51216eb5b2b3beb946614e8d2ea21dcab9ffa26716ac7b34"


@pytest.mark.parametrize("place", range(5))
def test_a_token_is_another_for_every_part_of_what_it_stands_for(place):
    one, other = (["d", "s", 0, {"P": "1"}, 0] for _ in range(2))
    other[place] = ["e", "t", 1, {"P": "2"}, 1][place]
    assert client_token(*one) != client_token(*other)
