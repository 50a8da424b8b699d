from typing import Any

import pytest

from ecsplan.kinds import load_kinds
from ecsplan.model.address import Address, Lookup, Ref, Secret, Template
from ecsplan.model.call import Late, LocalKey
from ecsplan.model.change import UNKNOWN
from ecsplan.model.composites import ListOf
from ecsplan.model.values import Text
from ecsplan.render.values import Hidden, Own, clean, masked, plain, shown
from tests.render.plans import rule

WEB = Address("instance", "web", 3)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "(none)"),
        (True, "true"),
        (3, "3"),
        (0.5, "0.5"),
        ("", '""'),
        (" padded ", '" padded "'),
        ("one\ntwo\n", "(text of 2 lines, 8 bytes)"),
        ("x" * 200, "x" * 159 + "…"),
        ((), "(empty)"),
        (("a", "b"), "[a, b]"),
        ((("size", 40), ("keep", True)), "size=40 keep=true"),
        ({"Key": "team"}, "{Key=team}"),
        (Ref(WEB), "instance.web[3] (known after apply)"),
        (Ref(WEB, "private_ip"), "instance.web[3].private_ip (known after apply)"),
        (Template(("http://", Ref(WEB, "private_ip"))), "http://${instance.web[3].private_ip} (known after apply)"),
        (Template(("#!/bin/sh\necho ", Ref(WEB, "ip"))), "(text of 2 lines, 36 bytes) (known after apply)"),
        (UNKNOWN, "(not readable)"),
        (LocalKey("id_rsa"), "(a key pair, made here; its private half goes to id_rsa)"),
        (Lookup("vpc", "main"), "vpc with name main"),
        (rule("22", "10.0.0.0/8"), "cidr=10.0.0.0/8 policy=accept ports=22 priority=1 protocol=tcp"),
    ],
)
def test_values_as_text(value: Any, text: str) -> None:
    assert shown(value) == text


RULES = load_kinds()["security_group"].attribute("ingress").type


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((rule("22", "10.0.0.0/8"),), "[tcp 22 10.0.0.0/8]"),
        ((rule("22", "10.0.0.0/8", policy="drop", priority=5),), "[tcp 22 10.0.0.0/8 drop priority=5]"),
        (((("protocol", "icmp"), ("security_group", Ref(Address("security_group", "web")))),),
         "[icmp security_group.web (known after apply)]"),
        ((), "(empty)"),
        (UNKNOWN, "(not readable)"),
    ],
)  # fmt: skip
def test_a_type_shows_its_own_values(value: Any, text: str) -> None:
    assert shown(value, of=RULES) == text


def test_a_list_of_pairs_is_no_mapping_where_its_type_says_so() -> None:
    pairs = (("a", "b"), ("c", "d"))
    assert shown(pairs) == "a=b c=d"
    assert shown(pairs, of=ListOf(ListOf(Text()))) == "[[a, b], [c, d]]"


def test_reference_to_the_member_of_the_same_key_reads_each() -> None:
    assert shown(Ref(WEB, "private_ip"), Own(3, folds_refs=True)) == "instance.web[each].private_ip (known after apply)"
    assert shown(Ref(WEB), Own(3, folds_refs=True)) == "instance.web[each] (known after apply)"
    assert shown(Ref(WEB), Own(3)) == "instance.web[3] (known after apply)"
    assert shown(Ref(WEB), Own(4, folds_refs=True)) == "instance.web[3] (known after apply)"


def test_name_of_a_member_reads_each() -> None:
    assert shown("shop-web-0003", Own(3)) == "shop-web-[each]"
    assert shown("shop-web-a", Own("a")) == "shop-web-[each]"
    assert shown("shop-web-0003", Own(4)) == "shop-web-0003"
    assert shown("shop-web-0003") == "shop-web-0003"


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ({"a": (1, "x")}, {"a": [1, "x"]}),
        ((("size", 40),), {"size": 40}),
        (Ref(WEB), {"known_after_apply": "instance.web[3]"}),
        (UNKNOWN, {"unreadable": True}),
        (Hidden(), {"sensitive": True}),
        (Hidden(2, "file x"), {"sensitive": True, "version": 2, "source": "file x"}),
        (LocalKey("id_rsa"), {"local_key": "id_rsa"}),
        (Lookup("vpc", "main"), {"lookup": "vpc with name main"}),
    ],
)
def test_values_as_data(value: Any, data: Any) -> None:
    assert plain(value) == data


def test_secrets_are_hidden_however_deep_they_sit() -> None:
    secret = Secret(2, env="PW")
    hidden = Hidden(2, "environment variable PW")

    assert masked(secret) == hidden
    assert masked({"a": ({"b": secret},)}) == {"a": ({"b": hidden},)}
    assert masked(Late("pw", str, is_sensitive=True)) == Hidden()
    assert masked(Late(secret, str)) == hidden
    assert masked(Late("plain", str)) == "plain"


def test_sensitive_attributes_are_hidden_whole_but_absence_shows() -> None:
    assert masked((("password", "pw"),), sensitive=True) == Hidden()
    assert masked(None, sensitive=True) is None
    assert masked(UNKNOWN, sensitive=True) is UNKNOWN


def test_text_that_would_redraw_the_terminal_is_spelled_out() -> None:
    assert clean("a\x1b[2Jb\u202ec") == "a\\u001b[2Jb\\u202ec"
