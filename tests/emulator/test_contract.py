"""The contract inside the package is the API reference's, and what is built is in it."""

from __future__ import annotations

import ast
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from ecsplan.emulator import catalogue, contract
from ecsplan.emulator.operations import table, taggable
from ecsplan.emulator.protocol import parse_parameters
from ecsplan.emulator.wire import Refusal

from . import build_contract
from .client import Client, Failed, World

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ecsplan" / "emulator"


def reference() -> Path:
    """Where the API reference is kept: beside the repository, unless told otherwise."""
    folder = Path(os.environ.get("ECSPLAN_API_REFERENCE", ROOT.parent / "shared" / "api"))
    if not (folder / "ecs.json").exists():
        pytest.skip("the API reference folder is not here; set ECSPLAN_API_REFERENCE to check against it")
    return folder


def test_the_contract_is_the_references() -> None:
    kept = json.loads((PACKAGE / "data" / "contract.json").read_text(encoding="utf-8"))
    assert kept == build_contract.contracts(reference())


def test_the_catalogue_is_the_references() -> None:
    kept = json.loads((PACKAGE / "data" / "catalogue.json").read_text(encoding="utf-8"))
    assert kept == build_contract.catalogue(reference() / "catalogue.json")


@pytest.mark.parametrize("product", ["ecs", "vpc", "sts"])
def test_every_built_action_exists(product: str) -> None:
    assert [action for action in table(product) if contract.find(product, action) is None] == []


def test_an_action_that_exists_but_is_not_built_is_unknown_says_so_and_is_counted(client: Client) -> None:
    wanted = {}
    for product in ("ecs", "vpc"):
        action = next(a for a in contract.actions(product) if a not in table(product))
        with pytest.raises(Failed, match="this emulator has not built it") as refused:
            client.call(product, action)
        assert (refused.value.status, refused.value.code) == (404, "InvalidAction.NotFound")
        wanted[f"{product}:{action}"] = 1
    assert client.control("GET", "stats")["not_built"] == wanted


def test_an_action_that_does_not_exist(client: Client) -> None:
    with pytest.raises(Failed) as refused:
        client.ecs("CreateWorld")
    assert (refused.value.status, refused.value.code) == (404, "InvalidAction.NotFound")


def test_the_emulator_imports_nothing_else() -> None:
    """Nothing of the rest of the project, no third party."""
    import sys

    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                top = name.split(".")[0]
                assert name.startswith("ecsplan.emulator") or top in sys.stdlib_module_names, (path.name, name)


def test_no_action_crashes_without_parameters(world: World) -> None:
    """Each answers, or refuses in the service's words."""
    for product in ("ecs", "vpc", "sts"):
        for action in table(product):
            try:
                world.client.call(product, action)
            except Failed as refused:
                assert refused.status < 500, (action, refused)
                assert refused.code, action


REGIONLESS = {"DescribeRegions", "DescribeInstanceTypes"}


def test_no_action_crashes_on_unknown_ids(world: World) -> None:
    """Every required parameter filled with something of its type that means nothing."""
    for product in ("ecs", "vpc"):
        for action in table(product):
            agreed = contract.find(product, action)
            assert agreed is not None
            params = {
                name: filler(name, agreed.request.types[name]) for name in agreed.request.types if name != "DryRun"
            }
            params["RegionId"] = "cn-hangzhou"
            try:
                world.client.call(product, action, **params)
            except Failed as refused:
                assert refused.status < 500, (action, refused)


def filler(name: str, kind: Any) -> Any:
    if isinstance(kind, contract.Words):
        return kind.listed[0]
    if isinstance(kind, list):
        return [filler(name, kind[0])]
    if isinstance(kind, contract.Fields):
        return {key: filler(key, value) for key, value in kind.types.items()}
    if name.endswith("Ids") and kind == "s":
        return '["none"]'
    return {"s": "none", "i": 1, "b": True, "f": 1.0}[kind]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"PageSize": "ten"}, "InvalidParameter"),
        ({"PageSize": "1_0"}, "InvalidParameter"),
        ({"PageSize": "99999999999999999999"}, "InvalidParameter"),
        ({"DryRun": "maybe"}, "InvalidParameter"),
        ({"Tag.x.Key": "a"}, "InvalidParameter"),
        ({"Tag.0.Key": "a"}, "InvalidParameter"),
        ({"RegionId": ""}, "MissingParameter"),
        ({"DiskType": "floppy"}, "InvalidDiskType.ValueNotSupported"),
    ],
)
def test_parameters_are_parsed_by_their_type(given: dict[str, str], code: str) -> None:
    agreed = contract.find("ecs", "DescribeDisks")
    assert agreed is not None
    with pytest.raises(Refusal) as refused:
        parse_parameters(agreed, {"RegionId": "cn-hangzhou", **given})
    assert refused.value.code == code


def test_nested_parameters_keep_their_order() -> None:
    agreed = contract.find("ecs", "RunInstances")
    assert agreed is not None
    given = {
        "RegionId": "r",
        "Tag.10.Key": "j",
        "Tag.2.Key": "b",
        "SystemDisk.Size": "40",
        "Amount": "",
        "Unknown": "x",
    }
    given |= {"NetworkInterface.1.SecurityGroupIds.2": "two", "NetworkInterface.1.SecurityGroupIds.1": "one"}
    assert parse_parameters(agreed, given) == {
        "RegionId": "r",
        "Tag": [{"Key": "b"}, {"Key": "j"}],
        "SystemDisk": {"Size": "40"},
        "NetworkInterface": [{"SecurityGroupIds": ["one", "two"]}],
    }


def test_the_catalogue_is_whole() -> None:
    for zone in catalogue.zones("cn-hangzhou"):
        assert zone.startswith("cn-hangzhou-")
    for type_id in catalogue.instance_types():
        for category in catalogue.categories_of(type_id):
            assert catalogue.disk_range(category, "PL1", False), category
    assert catalogue.disk_performance("cloud_essd", "PL1", 100) == (6800, 170)
    assert set(taggable().values()) <= {kind for kind in taggable().values() if kind}


ODD = ["", "none", "0", "-1", "1/1", "tcp", "10.0.0.0/24", "10.0.0.9", "::1", "[]", '["x"]', "{", "true", "é" * 200]
WORDS = ["Running", "Stopped", "cloud_essd", "PL1", "PrePaid", "PostPaid", "instance", "VPC", "Month", "intranet"]
WORDS += ["all", "2027-01-01T00:00:00Z", "cn-hangzhou-h", "Instance", "NetworkInterface", "ssh-rsa AAAA", "Accept"]
FUZZ = int(os.environ.get("ECSPLAN_EMULATOR_FUZZ", "15"))


@pytest.mark.parametrize("product", ["ecs", "vpc"])
def test_no_action_crashes_on_random_parameters(world: World, product: str) -> None:
    """Ids of things that exist, words that mean something, and nonsense, in every place of its type."""
    dice = random.Random(7)
    client = world.client
    world.running(Amount=3, DataDisk=[{"Size": 40, "Category": "cloud_essd"}])
    client.vpc("AllocateEipAddress")
    client.ecs("CreateKeyPair", KeyPairName="mine")
    tried = 0
    for _ in range(FUZZ):
        for action in table(product):
            pool = [thing.id for thing in client.service.account.all()] + ["mine"]
            params = random_parameters(dice, product, action, pool)
            tried += 1
            try:
                client.call(product, action, **params)
            except Failed as refused:
                assert refused.status < 500, (action, params, refused)
        client.service.clock.sleep(2)
    assert tried == FUZZ * len(table(product))


def random_parameters(dice: random.Random, product: str, action: str, pool: list[str]) -> dict[str, Any]:
    agreed = contract.find(product, action)
    assert agreed is not None
    share = dice.choice((0.1, 0.3, 0.8))
    params = {
        name: random_value(dice, name, kind, pool)
        for name, kind in agreed.request.types.items()
        if name in agreed.request.required or dice.random() < share
    }
    return params | {name: "cn-hangzhou" for name in ("RegionId", "regionId") if name in params}


def random_value(dice: random.Random, name: str, kind: Any, pool: list[str]) -> Any:
    if isinstance(kind, list):
        return [random_value(dice, name, kind[0], pool) for _ in range(dice.choice((1, 1, 2, 3)))]
    if isinstance(kind, contract.Words) and dice.random() < 0.9:
        return dice.choice(kind.listed)
    if isinstance(kind, contract.Fields):
        return {key: random_value(dice, key, inner, pool) for key, inner in kind.types.items() if dice.random() < 0.6}
    if kind == "s" or isinstance(kind, contract.Words):
        if "Id" in name and dice.random() < 0.7:
            fitting = dice.choice(pool)
            return json.dumps([fitting]) if name.endswith("Ids") else fitting
        return dice.choice(ODD + WORDS)
    return {
        "i": dice.choice((-1, 0, 1, 2, 40, 100, 10**6)),
        "b": dice.random() < 0.5,
        "f": dice.choice((-1.5, 0.0, 2.5)),
    }[kind]
