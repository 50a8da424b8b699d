"""What holds for all actions: formats, paging, tag filters, dry runs, tokens, regions, permissions, quotas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ecsplan.emulator.service import Options, Service, VirtualClock

from .client import Client, Failed, World, build_world, flatten, v1_request, v3_request

DISK = {"ZoneId": "cn-hangzhou-h", "Size": 40}


def refusal(client: Client, product: str, action: str, **params: Any) -> tuple[int, Any]:
    with pytest.raises(Failed) as refused:
        client.call(product, action, **params)
    return refused.value.status, refused.value.code


def test_xml_is_the_default_of_v1(client: Client) -> None:
    client.ecs("CreateDisk", **DISK, Description="a<b&c", Tag=[{"Key": "k", "Value": "v"}])
    params = flatten({"Action": "DescribeDisks", "RegionId": "cn-hangzhou"})
    for form in ("XML", "xml", ""):
        request = v1_request(params, "ecs", client.service.clock.now(), as_format=form)
        response = client.service.handle(request)
        root = ElementTree.fromstring(response.body)
        assert (root.tag, root.findtext("TotalCount")) == ("DescribeDisksResponse", "1")
        assert root.findtext("Disks/Disk/Description") == "a<b&c"
        assert root.findtext("Disks/Disk/Portable") == "true"
        assert root.findtext("Disks/Disk/Tags/Tag/TagKey") == "k"
        assert response.headers["Content-Type"] == "text/xml;charset=utf-8"


def test_xml_stays_well_formed_whatever_a_name_holds(client: Client) -> None:
    client.ecs("CreateDisk", **DISK, Tag=[{"Key": "odd", "Value": "a\x01\x0b]]>&<\ttab"}])
    params = flatten({"Action": "DescribeDisks", "RegionId": "cn-hangzhou"})
    request = v1_request(params, "ecs", client.service.clock.now(), as_format="XML")
    root = ElementTree.fromstring(client.service.handle(request).body)
    assert root.findtext("Disks/Disk/Tags/Tag/TagValue") == "a]]>&<\ttab"


def test_an_error_in_both_formats(client: Client) -> None:
    params = flatten({"Action": "DeleteDisk", "RegionId": "cn-hangzhou", "DiskId": "d-none"})
    request = v1_request(params, "ecs", client.service.clock.now(), as_format="XML")
    root = ElementTree.fromstring(client.service.handle(request).body)
    assert root.tag == "Error"
    assert [root.findtext(key) for key in ("Code", "HostId")] == ["InvalidDiskId.NotFound", "127.0.0.1"]
    body = json.loads(client.service.handle(v3_request(params, "ecs", client.service.clock.now())).body)
    assert body.keys() == {"RequestId", "HostId", "Code", "Message", "Recommend"}


def test_an_unknown_version(client: Client) -> None:
    request = v1_request({"Action": "DescribeDisks"}, "ecs", client.service.clock.now())
    forged = v3_request({"Action": "DescribeDisks"}, "ecs", client.service.clock.now())
    assert client.service.handle(request).status == 400
    headers = {**forged.headers, "x-acs-version": "1999-01-01"}
    assert b"SignatureDoesNotMatch" in client.service.handle(type(forged)("POST", "/", headers)).body


def test_the_host_name_gives_a_region(client: Client) -> None:
    host = "ecs.cn-beijing.aliyuncs.com"
    params = {"Action": "ModifyDiskAttribute", "DiskId": "d-none"}
    request = v3_request(params, "ecs", client.service.clock.now(), host=host)
    assert json.loads(client.service.handle(request).body)["HostId"] == host
    assert refusal(client, "ecs", "DescribeDisks", RegionId="cn-nowhere") == (404, "InvalidRegionId.NotFound")


def test_things_live_in_one_region(client: Client) -> None:
    disk = client.ecs("CreateDisk", **DISK)["DiskId"]
    assert client.ecs("DescribeDisks", RegionId="cn-beijing", DiskIds=json.dumps([disk]))["TotalCount"] == 0
    client.settle()
    client.ecs("DeleteDisk", DiskId=disk)


@pytest.mark.parametrize(("asked", "shown"), [(None, 10), (1, 10), (11, 11), (501, 500), (10_000, 500)])
def test_max_results_is_clamped_silently(client: Client, asked: int | None, shown: int) -> None:
    for _ in range(6):
        for _ in range(100):
            client.ecs("CreateDisk", **DISK)
        if asked is None or asked < 500:
            break
    params = {} if asked is None else {"MaxResults": asked}
    body = client.ecs("DescribeDisks", **params)
    assert len(body["Disks"]["Disk"]) == shown


@pytest.mark.parametrize(("product", "action", "size"), [("vpc", "DescribeVpcs", 51), ("ecs", "DescribeKeyPairs", 51)])
def test_a_page_size_beyond_its_maximum_is_refused(client: Client, product: str, action: str, size: int) -> None:
    assert refusal(client, product, action, PageSize=size)[0] == 400
    assert client.call(product, action, PageSize=size - 1)["PageSize"] == size - 1
    assert refusal(client, product, action, PageNumber=0)[0] == 400


def test_every_page_is_seen_once_by_number(client: Client) -> None:
    made = {client.ecs("CreateDisk", **DISK)["DiskId"] for _ in range(25)}
    seen = []
    for number in (1, 2, 3):
        seen += [d["DiskId"] for d in client.ecs("DescribeDisks", PageNumber=number, PageSize=10)["Disks"]["Disk"]]
    assert sorted(seen) == sorted(made)
    assert client.ecs("DescribeDisks", PageNumber=4)["Disks"]["Disk"] == []


def test_a_wrong_next_token_is_refused(client: Client) -> None:
    assert refusal(client, "ecs", "DescribeDisks", NextToken="bm9uc2Vuc2U=") == (400, "InvalidNextToken")


def test_a_tag_filter_finds_a_thousand_and_does_not_say_so(world: World) -> None:
    client = world.client
    tag = [{"Key": "stack", "Value": "big"}]
    for _ in range(11):
        world.run(Amount=100, Tag=tag)
    assert client.ecs("DescribeInstances")["TotalCount"] == 1100
    assert client.ecs("DescribeInstances", Tag=tag)["TotalCount"] == 1000
    rows, token = 0, None
    while token != "":
        body = client.ecs(
            "ListTagResources", ResourceType="instance", Tag=tag, **({"NextToken": token} if token else {})
        )
        rows, token = rows + len(body["TagResources"]["TagResource"]), body["NextToken"]
    assert rows == 1100


def test_an_empty_id_filter_finds_nothing(client: Client) -> None:
    client.ecs("CreateDisk", **DISK)
    assert client.ecs("DescribeDisks", DiskIds="[]")["TotalCount"] == 0
    assert refusal(client, "ecs", "DescribeDisks", DiskIds="d-1")[0] == 403
    assert refusal(client, "ecs", "DescribeDisks", DiskIds=json.dumps([f"d-{n}" for n in range(101)]))[0] == 403


def test_the_three_spellings_of_a_dry_run(world: World) -> None:
    client = world.client
    with pytest.raises(Failed, match="DryRunOperation"):
        world.run(DryRun=True)
    with pytest.raises(Failed, match=r"DryRun\.InvalidAmount"):
        world.run(DryRun=True, Amount=2)
    ids = world.running(Amount=2)
    assert refusal(client, "ecs", "StopInstances", InstanceId=ids, DryRun=True) == (400, "DRYRUN.SUCCESS")
    assert refusal(client, "ecs", "StartInstances", InstanceId=ids, DryRun=True) == (403, "IncorrectInstanceStatus")
    careless = {"InstanceId": ids, "DryRun": True, "BatchOptimization": "SuccessFirst"}
    assert refusal(client, "ecs", "StartInstances", **careless) == (400, "DRYRUN.SUCCESS")
    assert refusal(client, "vpc", "DeleteVpc", VpcId=world.vpc, DryRun=True)[1].startswith("DependencyViolation")
    assert client.ecs("DescribeInstances", Status="Running")["TotalCount"] == 2


def test_a_refused_call_leaves_its_token_free(client: Client) -> None:
    assert refusal(client, "ecs", "CreateDisk", ZoneId="nowhere", Size=40, ClientToken="t")[0] == 404
    assert client.ecs("CreateDisk", **DISK, ClientToken="t")["DiskId"]
    assert refusal(client, "ecs", "CreateDisk", **DISK, ClientToken="é")[1] == "InvalidClientToken.ValueNotSupported"
    assert refusal(client, "ecs", "CreateDisk", **DISK, ClientToken="x" * 65)[0] == 400


def test_a_denied_key_sees_nothing_and_may_do_nothing(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = [
        {"access_key_id": "all", "access_key_secret": "s"},
        {"access_key_id": "few", "access_key_secret": "s", "deny": ["ecs:DescribeDisks", "ecs:CreateDisk", "vpc:*"]},
    ]
    path.write_text(json.dumps({"credentials": keys}), encoding="utf-8")
    service = Service(Options(credentials=path), VirtualClock())
    owner, guest = Client(service, key=("all", "s")), Client(service, key=("few", "s"))
    owner.ecs("CreateDisk", **DISK)
    assert guest.ecs("DescribeDisks")["Disks"] == {"Disk": []}
    assert guest.vpc("DescribeVpcs")["TotalCount"] == 0
    assert refusal(guest, "ecs", "DescribeDisks", DryRun=True) == (403, "Forbidden.RAM")
    assert refusal(guest, "ecs", "CreateDisk", **DISK) == (403, "Forbidden.RAM")
    assert refusal(owner, "ecs", "DescribeDisks", DryRun=True) == (400, "DryRunOperation")


def test_quotas_are_applied_and_can_be_set() -> None:
    client = Client(Service(Options(quotas={"eips_per_account": 2}), VirtualClock()))
    for _ in range(2):
        client.vpc("AllocateEipAddress")
    assert refusal(client, "vpc", "AllocateEipAddress") == (400, "QuotaExceeded.Eip")
    for _ in range(10):
        client.vpc("CreateVpc")
    assert refusal(client, "vpc", "CreateVpc") == (400, "QuotaExceeded.Vpc")


def test_the_same_seed_gives_the_same_account() -> None:
    worlds = [build_world(Client(Service(Options(seed="s"), VirtualClock(1_800_000_000)))) for _ in range(2)]
    states = []
    for world in worlds:
        world.running(Amount=2, InternetMaxBandwidthOut=1)
        states.append(world.client.control("GET", "state"))
    assert states[0] == states[1]


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ({"Key": "acs:x", "Value": ""}, "InvalidTagKey.Malformed"),
        ({"Key": "aliyun", "Value": ""}, "InvalidTagKey.Malformed"),
        ({"Key": "k" * 129, "Value": ""}, "InvalidTagKey.Malformed"),
        ({"Key": "k", "Value": "http://x"}, "InvalidTagValue.Malformed"),
        ({"Value": "v"}, "InvalidTagKey.Malformed"),
    ],
)
def test_bad_tags_are_refused(client: Client, tag: dict[str, str], code: str) -> None:
    assert refusal(client, "ecs", "CreateDisk", **DISK, Tag=[tag]) == (400, code)


def test_tags_are_overwritten_kept_and_counted(client: Client) -> None:
    disk = client.ecs("CreateDisk", **DISK, Tag=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])["DiskId"]
    more = [{"Key": "b", "Value": "3"}, {"Key": "c", "Value": ""}]
    client.ecs("TagResources", ResourceType="disk", ResourceId=[disk], Tag=more)
    (row,) = client.ecs("DescribeDisks")["Disks"]["Disk"]
    assert {t["TagKey"]: t["TagValue"] for t in row["Tags"]["Tag"]} == {"a": "1", "b": "3", "c": ""}
    many = [{"Key": f"k{n}", "Value": ""} for n in range(18)]
    params = {"ResourceType": "disk", "ResourceId": [disk], "Tag": many}
    assert refusal(client, "ecs", "TagResources", **params) == (400, "OperationDenied.QuotaExceed")
    for key, values, rows in (("a", ["1"], 3), ("*", ["3"], 3), ("a", ["2"], 0), ("x*", [], 0)):
        fits = [{"TagKey": key, "TagValues": values}]
        body = client.ecs("ListTagResources", ResourceType="disk", TagFilter=fits)
        assert len(body["TagResources"]["TagResource"]) == rows
    client.ecs("UntagResources", ResourceType="disk", ResourceId=[disk], TagKey=["a", "none"])
    client.ecs("UntagResources", ResourceType="disk", ResourceId=[disk], All=True)
    assert client.ecs("DescribeDisks")["Disks"]["Disk"][0]["Tags"] == {"Tag": []}
    assert refusal(client, "ecs", "TagResources", ResourceType="moon", ResourceId=["x"], Tag=more)[0] == 404
