"""A journal says what was sent, and never what is to be sent: only what the stack of today makes is asked for again."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.engine import ApplyOptions, PlanOptions
from ecsplan.engine.locking import locked
from ecsplan.engine.sealing import seal_key
from ecsplan.executor.seal import Seal
from ecsplan.executor.shelf import Folder
from tests.kinds.cloud import Cloud

VPC = "resources: {vpc: {main: {cidr_block: 10.0.0.0/16}}}"
BOTH = "resources: {vpc: {main: {cidr_block: 10.0.0.0/16}, other: {cidr_block: 10.1.0.0/16}}}"


def options(cloud: Cloud) -> ApplyOptions:
    return ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), allow_destroy=100)


def apply(cloud: Cloud, text: str) -> list[str]:
    """The creates and deletes of an apply from the file, but for the lock's."""
    cloud.forget()
    engine.session(cloud.load(text), cloud.api, PlanOptions(), options(cloud), lambda plan: True)
    return [name for name in cloud.writes() if "KeyPair" not in name]


def intended(cloud: Cloud, text: str) -> dict[str, Any]:
    """What a run notes of the last create of a plan, before it sends that."""
    call = engine.plan(cloud.load(text), cloud.api).steps[-1].calls[0]
    return {
        "step": f"create {call.creates[0]}", "operation": call.operation, "product": call.product.value,
        "params": {k: v for k, v in call.params.items() if v is not None}, "token": "ecsplan-of-the-dead-run",
        "creates": [str(address) for address in call.creates], "kind": call.kind, "id_path": call.id_path,
        "removes": [], "at": cloud.clock.now(), "region": call.region,
    }  # fmt: skip


def dies(cloud: Cloud, intent: dict[str, Any]) -> Any:
    """A run that noted a write, and was killed before any answer; its lock and its journal are left."""
    run = locked("demo", cloud.api, options(cloud), "apply")
    held = run.__enter__()
    held.journal.intend(**intent)
    held.journal.stream.close()
    return run


def test_what_a_dead_run_was_making_is_asked_for_with_its_token(cloud: Cloud) -> None:
    apply(cloud, VPC)
    run = dies(cloud, intended(cloud, BOTH))
    assert apply(cloud, BOTH) == ["CreateVpc"]
    (call,) = cloud.written("CreateVpc")
    assert call["params"]["ClientToken"] == "ecsplan-of-the-dead-run"
    run.gen.close()
    assert len(list(cloud.things("vpc"))) == 2


FORGERIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "other parameters": lambda intent: intent | {"params": {**intent["params"], "CidrBlock": "10.9.0.0/16"}},
    "another operation": lambda intent: intent | {"operation": "DeleteVpc", "params": {"VpcId": "vpc-1"}},
    "an address that is not declared": lambda intent: intent | {"creates": ["vpc.x"]},
    "an address of no kind": lambda intent: intent | {"creates": ["nope.x"], "kind": "nope"},
    "a product that there is not": lambda intent: intent | {"product": "nope"},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_the_stack_of_today_does_not_make_is_not_sent(cloud: Cloud, forgery: str) -> None:
    """As a bug of another version might have written it, with the right seal."""
    apply(cloud, VPC)
    run = dies(cloud, FORGERIES[forgery](intended(cloud, BOTH)))
    assert apply(cloud, VPC) == []
    run.gen.close()


@pytest.mark.door("journals")
@pytest.mark.parametrize("operation", ["RunInstances", "DeleteVpc"])
@pytest.mark.parametrize("holder", ["", "h"])
def test_a_journal_that_came_with_the_checkout_sends_nothing(cloud: Cloud, operation: str, holder: str) -> None:
    apply(cloud, VPC)
    (vpc,) = cloud.things("vpc")
    far = cloud.clock.now() + 10**8
    intent = intended(cloud, BOTH) | {"operation": operation, "params": {"VpcId": vpc.id}, "at": far, "number": 1}
    start = {"stack": "demo", "region": "cn-hangzhou", "proof": "", "holder": holder, "operation": "apply", "at": far}
    path = cloud.folder / ".ecsplan" / "journal" / "demo-zz.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in ({"start": start}, {"intent": intent})))
    path.chmod(0o600)
    assert apply(cloud, VPC) == [] and len(list(cloud.things("vpc"))) == 1


def test_a_journal_of_one_key_is_nothing_to_another(cloud: Cloud) -> None:
    apply(cloud, VPC)
    (path,) = (cloud.folder / ".ecsplan" / "journal").glob("demo-*.jsonl")
    line = path.read_text().splitlines()[0]
    assert Seal(seal_key(cloud.api, Folder(path.parent.parent)), path.name).read(line).is_authentic
    assert not Seal(b"another", path.name).read(line).is_authentic
    assert "emulator-secret" not in path.read_text()
