"""What reads answer, and what they leave out."""

from __future__ import annotations

import json
from typing import Any

from tests.emulator.client import Client, World

ASKED = ["META_OPTIONS", "NETWORK_PRIMARY_ENI_IP", "LOGIN_AS_NON_ROOT", "CPU_OPTIONS_TOPOLOGY_TYPE"]


def instance(client: Client, id_: str, **params: Any) -> dict[str, Any]:
    """The row of DescribeInstances."""
    (row,) = client.ecs("DescribeInstances", InstanceIds=json.dumps([id_]), **params)["Instances"]["Instance"]
    return dict(row)


def test_instances_tell_some_things_only_when_asked(world: World) -> None:
    """DescribeInstances, AdditionalAttributes: the provider asks for each; recorded rows have empty MetadataOptions
    and ImageOptions, and no Ipv6Sets."""
    (id_,) = world.running(HttpTokens="required", HttpEndpoint="enabled", CpuOptions={"Core": 1, "ThreadsPerCore": 2})
    bare = instance(world.client, id_)
    assert bare["MetadataOptions"] == {"HttpTokens": "", "HttpEndpoint": ""}
    assert bare["ImageOptions"] == {}
    assert "TopologyType" not in bare["CpuOptions"]
    assert all("Ipv6Sets" not in eni for eni in bare["NetworkInterfaces"]["NetworkInterface"])
    asked = instance(world.client, id_, AdditionalAttributes=ASKED)
    assert (asked["MetadataOptions"]["HttpTokens"], asked["MetadataOptions"]["HttpEndpoint"]) == ("required", "enabled")
    assert asked["ImageOptions"] == {"LoginAsNonRoot": False}
    assert asked["CpuOptions"]["TopologyType"] == ""
    assert [eni["Ipv6Sets"] for eni in asked["NetworkInterfaces"]["NetworkInterface"]] == [{"Ipv6Set": []}]
    one = instance(world.client, id_, AdditionalAttributes=["META_OPTIONS"])
    assert one["MetadataOptions"]["HttpTokens"] == "required" and one["ImageOptions"] == {}
