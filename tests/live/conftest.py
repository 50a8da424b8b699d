"""Skips everything unless ECSPLAN_LIVE=1; then one account, one purse and one set of findings for the whole run."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .account import VPC, Account, NotSetUp, connected, findings_path, is_asked_for
from .findings import Findings
from .purse import Purse, budget_of
from .sweep import sweep

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if is_asked_for():
        return
    skip = pytest.mark.skip(reason="buys things of a real account: see tests/live/README.md")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def account() -> Iterator[Account]:
    """Clean before and after, whatever an earlier run has left."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        pytest.exit("tests/live run one after the other: pytest -n 0 tests/live", 2)
    try:
        budget_of(os.environ.get("ECSPLAN_LIVE_BUDGET"))
        found = connected(os.environ)
    except (NotSetUp, ValueError) as missing:
        pytest.exit(str(missing), 2)
    sweep(found)
    try:
        yield found
    finally:
        sweep(found)
        found.client.close()


@pytest.fixture(scope="session")
def purse(account: Account) -> Purse:
    return Purse(account, budget_of(os.environ.get("ECSPLAN_LIVE_BUDGET")))


@pytest.fixture(scope="session")
def findings(account: Account) -> Iterator[Findings]:
    client = account.client
    host = "an emulator" if client.endpoints.is_loopback else "the service"
    found = Findings(findings_path(os.environ), client.region, host)
    with client.shown_to(found.saw):
        yield found


@dataclass(frozen=True)
class Network:
    """A VPC of our own, in a zone where the smallest machine can be had."""

    vpc: str
    vswitch: str
    group: str
    zone: str
    instance_type: str
    image: str


@pytest.fixture(scope="session")
def network(account: Account) -> Network:
    from .choosing import smallest

    zone, instance_type, image = smallest(account)
    vpc = account.call("CreateVpc", VPC, token=account.token(), CidrBlock="10.99.0.0/16", VpcName=account.name("vpc"),
                       Tag=account.tags())["VpcId"]  # fmt: skip
    account.until(lambda: _is_available(account, "DescribeVpcs", "Vpcs", "Vpc", VpcId=vpc), "the VPC")
    vswitch = account.call("CreateVSwitch", VPC, token=account.token(), VpcId=vpc, ZoneId=zone,
                           CidrBlock="10.99.1.0/24", VSwitchName=account.name("vswitch"),
                           Tag=account.tags())["VSwitchId"]  # fmt: skip
    account.until(lambda: _is_available(account, "DescribeVSwitches", "VSwitches", "VSwitch", VSwitchId=vswitch), "it")
    group = account.call("CreateSecurityGroup", token=account.token(), VpcId=vpc, Tag=account.tags(),
                         SecurityGroupName=account.name("group"))["SecurityGroupId"]  # fmt: skip
    return Network(vpc, vswitch, group, zone, instance_type, image)


def _is_available(account: Account, operation: str, outer: str, inner: str, **ids: str) -> bool:
    found = account.call(operation, VPC, **ids)[outer][inner]
    return bool(found) and found[0].get("Status") == "Available"
