"""No list passes a filter over in silence: asked for what nothing has, it finds nothing or refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecsplan.emulator import contract
from ecsplan.emulator.operations import table
from ecsplan.emulator.service import Options, Service, VirtualClock, is_list

from .client import Client, Failed, build_world

NO_FILTERS = {
    "RegionId", "NextToken", "MaxResults", "MaxResult", "PageNumber", "PageSize", "DryRun", "AdditionalAttributes",
    "AcceptLanguage", "ResourceType", "IncludePublicKey", "IncludeReservationData", "IsQueryEcsCount", "FuzzyQuery",
    "NeedSaleCycle", "Verbose", "Attribute",
}  # fmt: skip
# By their documentation without effect here: no clusters, no events, no shared or expired images; limits that all meet.
WITHOUT_EFFECT = {
    ("DescribeInstanceStatus", "ClusterId"), ("DescribeTags", "Category"), ("DescribeImages", "ImageOwnerId"),
    ("DescribeImages", "ShowExpired"), ("DescribeImages", "ActionType"), ("DescribeDisksFullStatus", "EventTime"),
    ("DescribeInstancesFullStatus", "EventPublishTime"), ("DescribeInstancesFullStatus", "NotBefore"),
    ("DescribeTasks", "TaskGroupId"), ("DescribeTasks", "TaskStatus"), ("DescribeTasks", "StartTime"),
    ("DescribeTasks", "EndTime"), ("DescribeInstances", "DeviceAvailable"), ("DescribeImages", "IsSupportCloudinit"),
}  # fmt: skip


@pytest.fixture(scope="module")
def client() -> Client:
    client = Client(Service(Options(seed="filters"), VirtualClock()))
    world = build_world(client)
    client.ecs("CreateKeyPair", KeyPairName="mine")
    ids = world.running(Amount=2, KeyPairName="mine", DataDisk=[{"Size": 40, "Category": "cloud_essd"}])
    client.vpc("AllocateEipAddress")
    image = client.ecs("CreateImage", InstanceId=ids[0], ImageName="golden")["ImageId"]
    client.ecs("CreatePrefixList", PrefixListName="office", AddressFamily="IPv4", MaxEntries=3)
    client.ecs(
        "CreateAutoSnapshotPolicy", regionId="cn-hangzhou", repeatWeekdays='["1"]', timePoints='["1"]', retentionDays=3
    )
    client.ecs("CreateSnapshotGroup", InstanceId=ids[1])
    client.ecs("AttachInstanceRamRole", InstanceIds=json.dumps(ids), RamRoleName="reader")
    client.settle()
    client.ecs("ExportImage", ImageId=image, OSSBucket="bucket")
    return client


LISTS = [
    (product, action)
    for product in ("ecs", "vpc")
    for action in table(product)
    if (agreed := contract.find(product, action)) is not None and is_list(agreed)
]


def found(client: Client, product: str, action: str, **params: Any) -> int | str | None:
    try:
        body = client.call(product, action, **params)
    except Failed as refused:
        return str(refused.code)
    if "TotalCount" in body:
        return int(body["TotalCount"])
    return next((len(v) for wrap in body.values() if isinstance(wrap, dict) for v in wrap.values()), None)


def values_of(kind: Any, name: str) -> list[Any]:
    """What nothing has; of words and flags all, since some of them must differ."""
    if isinstance(kind, contract.Words):
        return list(kind.listed)
    if isinstance(kind, list):
        return [["none"]] if not isinstance(kind[0], contract.Fields) else [[{"Key": "none", "Value": "none"}]]
    return {"b": [True, False], "i": [99_999], "f": [99_999.0]}.get(
        kind, ['["none"]' if name.endswith("Ids") else "none"]
    )


@pytest.mark.parametrize(("product", "action"), LISTS)
def test_every_filter_is_looked_at(client: Client, product: str, action: str) -> None:
    agreed = contract.find(product, action)
    assert agreed is not None
    everything = found(client, product, action)
    if not isinstance(everything, int) or everything == 0:
        pytest.skip("nothing to filter, or something has to be named")
    ignored = []
    for name, kind in agreed.request.types.items():
        if name in NO_FILTERS or (action, name) in WITHOUT_EFFECT or name.startswith("Maximum"):
            continue
        answers = {found(client, product, action, **{name: value}) for value in values_of(kind, name)}
        if answers == {everything}:
            ignored.append(name)
    assert ignored == []
