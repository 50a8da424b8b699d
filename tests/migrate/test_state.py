"""Reading states: both forms, and whatever strangers write into them."""

import json
import random
from typing import Any

import pytest

from ecsplan.engine.importing import bring_over, read_source
from ecsplan.migrate.state import DEPOSED, TAINTED, read_state
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.migration import Entry
from tests.support.tfstate import block, one, state


def read(found: Any) -> list[Entry]:
    return read_state(found if isinstance(found, str) else json.dumps(found), "x.tfstate")


def rejected(found: Any) -> str:
    with pytest.raises(Rejected) as caught:
        read(found)
    return str(caught.value)


MODULES = 'module.a["x.y[\\"0\\"]"].module.b[3]'


def test_every_instance_of_a_block_is_an_entry() -> None:
    found = read(state(
        block("alicloud_vpc", "main", one("vpc-1")),
        block("alicloud_instance", "web", one("i-1", 0), one("i-2", 1)),
        block("alicloud_ecs_disk", "d", one("d-1", "a b"), module=MODULES),
        block("alicloud_zones", "z", one("1"), mode="data"),
    ))  # fmt: skip

    assert [(entry.address, entry.id, entry.key) for entry in found] == [
        ("alicloud_vpc.main", "vpc-1", None),
        ("alicloud_instance.web[0]", "i-1", 0),
        ("alicloud_instance.web[1]", "i-2", 1),
        (f'{MODULES}.alicloud_ecs_disk.d["a b"]', "d-1", "a b"),
        ("data.alicloud_zones.z", "1", None),
    ]
    assert found[2].place == "resources[1].instances[1]"
    assert found[3].path == (("a", 'x.y["0"]'), ("b", 3))


def test_the_output_of_show_is_read_as_the_state_is() -> None:
    def shown(kind: str, name: str, object_id: str, **more: Any) -> dict[str, Any]:
        return {"mode": "managed", "type": kind, "name": name, "values": {"id": object_id},
                "provider_name": "registry.terraform.io/aliyun/alicloud", **more}  # fmt: skip

    inner = {"address": MODULES, "resources": [shown("alicloud_ecs_disk", "d", "d-1", index="a", tainted=True)]}
    outer = {"address": 'module.a["x.y[\\"0\\"]"]', "child_modules": [inner]}
    root = {"resources": [shown("alicloud_vpc", "main", "vpc-1", deposed_key="12345678")], "child_modules": [outer]}
    values = {"root_module": root}

    for document in ({"format_version": "1.0", "values": values},
                     {"format_version": "1.2", "planned_values": {}, "prior_state": {"values": values}}):  # fmt: skip
        found = read(document)
        assert [(entry.address, entry.problem) for entry in found] == [
            ("alicloud_vpc.main", DEPOSED),
            (f'{MODULES}.alicloud_ecs_disk.d["a"]', TAINTED),
        ]
    assert read({"format_version": "1.0"}) == []  # of an empty state


@pytest.mark.parametrize(
    ("provider", "is_foreign", "alias"),
    [
        ('provider["registry.terraform.io/aliyun/alicloud"]', False, ""),
        ('provider["registry.terraform.io/hashicorp/alicloud"].shanghai', False, "shanghai"),
        ('module.a.provider["registry.opentofu.org/aliyun/alicloud"]', False, ""),
        ("provider.alicloud", False, ""),
        ("", False, ""),
        ('provider["registry.terraform.io/hashicorp/random"]', True, ""),
        ('provider["registry.terraform.io/x/my-alicloud"]', True, ""),
    ],
)
def test_what_another_provider_made_is_told_apart(provider: str, is_foreign: bool, alias: str) -> None:
    (entry,) = read(state({**block("alicloud_vpc", "main", one("vpc-1")), "provider": provider}))
    assert (entry.is_foreign, entry.alias) == (is_foreign, alias)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "x.tfstate:1:1: error: not JSON"),
        ('{"version": 4,\n "resources": [}', "x.tfstate:2:16: error: not JSON"),
        ("[1]", "an object is needed, and this is a list"),
        ("{}", "this is not a Terraform state"),
        ({"version": 3}, "version: version 3 of the format is not read"),
        ({"version": True}, "version: version true of the format"),
        ({"encrypted_data": "…"}, "the state is encrypted"),
        ({"version": 4, "resources": {}}, "resources: a list is needed, and this is an object"),
        ({"version": 4, "resources": [7]}, "resources[0]: an object is needed, and this is a number"),
        ({"version": 4, "resources": [{"type": None}]}, "resources[0].type: a string is needed, and this is null"),
        (state(block("alicloud_vpc", "a", 7)), "resources[0].instances[0]: an object is needed"),  # type: ignore
        (state(block("alicloud_vpc", "a", one("v", -1))), "instances[0].index_key: a key is a number or a string"),
        (state(block("alicloud_vpc", "a", one("v", True))), "instances[0].index_key: a key is a number or a string"),
        (state(block("alicloud_vpc", "a" * 5000)), "resources[0].name: a string of 5,000 characters"),
        (state(block("alicloud_vpc", "a", module="modul.x")), "resources[0].module: 'modul.x' is not an address"),
        (state(block("alicloud_vpc", "a", module='module.x["\\q"]')), "is not an address of a module"),
        (state(block("alicloud_vpc", "a\n}\nb")), "resources[0].name: 'a\\n}\\nb' is not a name in Terraform"),
        (state(block("alicloud_vpc ", "a")), "resources[0].type: 'alicloud_vpc ' is not a name in Terraform"),
        (state(block("alicloud_vpc", "a", module="module.a\nb")), "is not an address of a module"),
        ({"format_version": "2.0"}, "format_version: version '2.0' of the format is not read"),
        ({"format_version": "1.2", "planned_values": {}}, "this plan has no prior state"),
        ("[" * 100_000, "nested too deeply"),
        ('{"version": 4, "serial": NaN}', "NaN is not JSON"),
        ('{"version": 4, "serial": ' + "9" * 5000 + "}", "x.tfstate"),
    ],
)  # fmt: skip
def test_a_hostile_state_is_refused_with_the_place(document: Any, words: str) -> None:
    assert words in rejected(document)


ODD = (
    None,
    True,
    0,
    -1,
    1e308,
    10**40,
    "",
    "x",
    "${x}",
    "a\nb: c",
    "\u202e",
    "\ud800",
    [],
    ["x"],
    {},
    {"id": []},
    {"a": {"b": 1}},
)
FULL = state(
    block("alicloud_vpc", "main", one("vpc-1", vpc_name="a: b # c", cidr_block="10.0.0.0/8", tags={"a": "b"})),
    block("alicloud_vswitch", "x", one("vsw-1", 0, vpc_id="vpc-1", zone_id="h"), one("vsw-2", 1, vpc_id="vpc-1")),
    block("alicloud_security_group", "g", one("sg-1", vpc_id="vpc-1"), module='module.m["k"]'),
    block("alicloud_security_group_rule", "r", one("r", security_group_id="sg-1", type="ingress", ip_protocol="tcp",
                                                   port_range="1/2", cidr_ip="::/0", priority=1)),
    block("alicloud_instance", "i", one("i-1", "ä", instance_type="ecs.g7.large", image_id="m",
                                        security_groups=["sg-1"], data_disks=[{"name": "d"}], tags={"x": None})),
    block("alicloud_ecs_key_pair_attachment", "k", one('k:["i-1"]')),
    block("alicloud_ecs_instance_set", "s", one("WyJpLTEiXQ==")),
    block("alicloud_eip", "e", one("eip-1", bandwidth="5")),
    block("alicloud_eip_association", "e", one("eip-1:i-1")),
    block("alicloud_ecs_disk", "d", one("d-1", size=20, zone_id="cn-hangzhou-h", category="cloud")),
    block("alicloud_ecs_disk_attachment", "d", one("d-1:i-1")),
)  # fmt: skip


def _mutated(value: Any, chance: random.Random) -> Any:
    if chance.random() < 0.04:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {(chance.choice(("id", "x", "${", "a b")) if chance.random() < 0.02 else key): _mutated(item, chance)
                for key, item in value.items()}  # fmt: skip
    if isinstance(value, list):
        return [_mutated(item, chance) for item in value]
    return value


@pytest.mark.parametrize("seed", range(150))
def test_a_mutated_state_is_read_or_refused_in_plain_words(seed: int) -> None:
    found = _mutated(FULL, random.Random(seed))
    try:
        made = bring_over(read_source("terraform", json.dumps(found)), None, "moved")
    except Rejected as refused:
        assert all(diagnostic.summary for diagnostic in refused.diagnostics)
    else:
        assert {outcome.address for outcome in made.outcomes} or not found.get("resources")


@pytest.mark.parametrize("seed", range(60))
def test_a_broken_text_is_refused_in_plain_words(seed: int) -> None:
    chance = random.Random(seed)
    text = json.dumps(FULL)
    start, length = chance.randrange(len(text)), chance.randrange(40)
    try:
        bring_over(read_source("terraform", text[:start] + text[start + length :]), None, "moved")
    except Rejected as refused:
        assert all(diagnostic.summary for diagnostic in refused.diagnostics)
