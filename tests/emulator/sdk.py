"""The official SDKs as clients of a running emulator; their models must take every answer as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_tea_openapi.utils_models import Config
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as VpcClient
from darabonba.exceptions import DaraException

from ecsplan.emulator import contract
from ecsplan.emulator.clock import RealClock
from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.testing import running_emulator

from .client import misfits

REGION, ZONE = "cn-hangzhou", "cn-hangzhou-h"
SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Refused(Exception):
    """The SDK raised an error of the service."""

    def __init__(self, error: DaraException) -> None:
        super().__init__(f"{error.code}: {error.message}")
        self.code = str(error.code)


@dataclass
class Product:
    """One SDK. Requests are given by wire names, and go through its request models; answers come back likewise."""

    name: str
    client: Any
    models: Any
    raw: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        send = self.client.call_api

        def recorded(*arguments: Any) -> Any:
            self.raw = send(*arguments)
            return self.raw

        self.client.call_api = recorded

    def __call__(self, action: str, **params: Any) -> dict[str, Any]:
        agreed = contract.find(self.name, action)
        assert agreed is not None
        if agreed.takes("RegionId"):
            params.setdefault("RegionId", REGION)
        request = getattr(self.models, f"{action}Request")()
        request.from_map(params)
        assert without_empty(request.to_map()) == without_empty(params), f"{action} takes other parameters"
        try:
            response = getattr(self.client, method_of(self.client, action))(request)
        except DaraException as error:
            raise Refused(error) from error
        sent: dict[str, Any] = self.raw["body"]
        body: dict[str, Any] = response.body.to_map()
        assert without_empty(body) == without_empty(sent), f"{action}: the SDK's model drops or changes something"
        assert misfits(agreed.response, sent) == [], action
        self.seen.setdefault(action, set()).update(paths(sent))
        return body


def method_of(client: Any, action: str) -> str:
    """`describe_v_router` or `describe_vrouter`: the SDK's own splitting, found by its letters."""
    plain = SNAKE.sub("_", action).lower()
    if hasattr(client, plain):
        return plain
    letters = action.lower()
    return next(name for name in dir(client) if name.replace("_", "") == letters)


def without_empty(value: Any) -> Any:
    """The models make an empty list of one that was not there."""
    if isinstance(value, dict):
        return {key: without_empty(inner) for key, inner in value.items() if inner is not None and inner != []}
    return [without_empty(inner) for inner in value] if isinstance(value, list) else value


def paths(value: Any, path: str = "") -> set[str]:
    """Every key with the keys above it: `Disks.Disk[].DiskId`."""
    if isinstance(value, list):
        return {found for inner in value for found in paths(inner, f"{path}[]")}
    if not isinstance(value, dict):
        return set()
    below = {f"{path}.{key}".lstrip("."): inner for key, inner in value.items()}
    return set(below) | {found for key, inner in below.items() for found in paths(inner, key)}


@dataclass
class Sdk:
    """Both SDKs on one emulator."""

    server: EmulatorServer
    clock: RealClock
    ecs: Product
    vpc: Product

    def settle(self, seconds: float = 10.0) -> None:
        """Lets every transition end. The account's time moves ahead; signatures are checked by the wall's."""
        self.clock.advance(seconds)


def config_of(server: EmulatorServer) -> Config:
    return Config(
        access_key_id="emulator", access_key_secret="emulator-secret", protocol="HTTP", region_id="cn-hangzhou",
        endpoint=f"127.0.0.1:{server.port}", no_proxy="127.0.0.1",
    )  # fmt: skip


@contextmanager
def running_sdk(**options: Any) -> Iterator[Sdk]:
    clock = RealClock()
    with running_emulator(virtual=clock, settle=1.0, **{"seed": "sdk", **options}) as server:
        config = config_of(server)
        yield Sdk(
            server, clock, Product("ecs", EcsClient(config), ecs_models), Product("vpc", VpcClient(config), vpc_models)
        )


@dataclass
class Network:
    """A VPC with one vSwitch and one group, to put things into."""

    sdk: Sdk
    vpc: str
    vswitch: str
    group: str

    def run(self, **params: Any) -> list[str]:
        """Running instances."""
        order = {"ImageFamily": "acs:ubuntu_22_04_x64", "InstanceType": "ecs.g7.large", "VSwitchId": self.vswitch,
                 "SecurityGroupId": self.group, **params}  # fmt: skip
        ids: list[str] = self.sdk.ecs("RunInstances", **order)["InstanceIdSets"]["InstanceIdSet"]
        self.sdk.settle()
        return ids


def build_network(sdk: Sdk) -> Network:
    vpc = sdk.vpc("CreateVpc", CidrBlock="10.0.0.0/8", VpcName="main", EnableIpv6=True)["VpcId"]
    sdk.settle()
    vswitch = sdk.vpc("CreateVSwitch", VpcId=vpc, CidrBlock="10.0.0.0/16", ZoneId=ZONE, Ipv6CidrBlock=1)["VSwitchId"]
    sdk.settle()
    group = sdk.ecs("CreateSecurityGroup", VpcId=vpc, SecurityGroupName="web")["SecurityGroupId"]
    return Network(sdk, vpc, vswitch, group)
