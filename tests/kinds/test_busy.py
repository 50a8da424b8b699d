"""A create that is refused as busy: asked again for as long as its step may take, then the service's own refusal."""

import pytest

from ecsplan.kinds import load_kinds
from tests.kinds.cloud import Cloud
from tests.survival.replacing import LINKED

CREATES = sorted(
    {kind.create.operation for kind in load_kinds().values()} - {"CreateKeyPair", "CopyImage", "CopySnapshot"}
    | {"ImportKeyPair"}
)
TEXT = (
    "resources:\n" + LINKED + "  nat_gateway: {out: {vpc: main, vswitch: app}}\n"
    "  prefix_list: {office: {address_family: IPv4, max_entries: 5, entries: [{cidr: 10.0.0.0/8}]}}\n"
    "  route_table: {inner: {vpc: main}}\n"
    "  network_acl: {rules: {vpc: main}}\n"
    "  common_bandwidth_package: {shared: {bandwidth: 20}}\n"
    "  command: {setup: {type: RunShellScript, content: date}}\n"
    "  port_range_list: {web: {max_entries: 5, entries: [{ports: 443}]}}\n"
    "  launch_template: {web: {instance_type: ecs.g7.large}}\n"
    "  ipv6_gateway: {out: {vpc: main}}\n"
    "  snapshot_group: {all: {instance: 'row[0]'}}\n"
)
TEXT = TEXT.replace("main: {cidr_block: 10.0.0.0/16", "main: {enable_ipv6: true, cidr_block: 10.0.0.0/16", 1)


CODE, MESSAGE = "OperationConflict", "The operation conflicts with another one."


def busy(action: str) -> dict[str, object]:
    """The lock is a key pair as well, and comes first."""
    first = 2 if action == "ImportKeyPair" else 1
    return {"fault": "error", "action": action, "code": CODE, "message": MESSAGE, "from": first, "probability": 1.0}


def made_by(cloud: Cloud, action: str) -> int:
    """The stack has several of some kinds: how many calls of this action are not refused."""
    return sum(call.operation == action for step in cloud.plan(TEXT).steps for call in step.calls)


@pytest.mark.parametrize("action", CREATES)
def test_what_is_busy_for_a_while_is_made_in_the_end_and_made_once(cloud: Cloud, action: str) -> None:
    calls = made_by(cloud, action)
    cloud.faults({**busy(action), "times": 3})
    cloud.forget()
    cloud.apply(TEXT)
    asked = [entry for entry in cloud.written() if entry["action"] == action]
    assert calls and len(asked) == calls + 3
    cloud.assert_settled(TEXT)


@pytest.mark.parametrize("action", CREATES)
def test_what_stays_busy_ends_in_the_words_of_the_service(cloud: Cloud, action: str) -> None:
    """Not as an answer that names too few objects: there is no answer, and nothing was made."""
    cloud.faults(busy(action))
    started = cloud.clock.now()
    report = cloud.try_apply(TEXT)
    told = {(outcome.code, outcome.message) for outcome in report.failed}
    assert told == {(CODE, MESSAGE)}
    assert all("busy" in outcome.advice for outcome in report.failed)
    assert cloud.clock.now() - started > 300, "it gave up early"
    cloud.service.faults.clear()
    cloud.apply(TEXT)
    cloud.assert_settled(TEXT)


RESTING = [
    ("ModifyVpcAttribute", "vpc: {main: {cidr_block: 10.0.0.0/8, description: new}}"),
    ("AssociateVpcCidrBlock", "vpc: {main: {cidr_block: 10.0.0.0/8, secondary_cidr_blocks: [192.168.0.0/16]}}"),
    (
        "ModifyVSwitchAttribute",
        "vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24, description: new}}",
    ),
]


@pytest.mark.parametrize(("action", "line"), RESTING, ids=[action for action, _ in RESTING])
def test_a_change_of_what_is_at_rest_before_and_after_is_asked_for_until_it_is_taken(
    cloud: Cloud, action: str, line: str
) -> None:
    """That the object is Available is no sign that a change was carried out, which was refused as busy for a minute."""
    before = (
        "resources:\n  vpc: {main: {cidr_block: 10.0.0.0/8}}\n"
        "  vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}\n"
    )
    cloud.apply(before)
    name = line.split(":")[0]
    after = "".join(f"  {line}\n" if text.strip().startswith(f"{name}:") else text for text in before.splitlines(True))
    cloud.faults({**busy(action), "times": 12})
    cloud.apply(after)
    cloud.assert_settled(after)
