"""Every fault of the menu: what the client gets, what the account holds afterwards, and that the log says so."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from ecsplan.emulator import contract
from ecsplan.emulator.fault_forms import MENU
from ecsplan.emulator.faults import Faults
from ecsplan.emulator.operations import table
from ecsplan.emulator.service import (
    ConnectionDropped,
    HttpRequest,
    HttpResponse,
    Options,
    Service,
    VirtualClock,
    is_list,
)

from .client import CONTROL, Client, Failed, World, build_world, flatten, v1_request, v3_request


def fault(client: Client, name: str, **spec: Any) -> None:
    client.control("POST", "faults", [{"fault": name, **spec}])


def raw(client: Client, action: str, product: str = "ecs", **params: Any) -> HttpResponse:
    flat = flatten({"Action": action, "RegionId": client.region, **params})
    return client.service.handle(v3_request(flat, product, client.service.clock.now()))


def code_of(client: Client, action: str, **params: Any) -> str | None:
    try:
        client.ecs(action, **params)
    except Failed as failed:
        return str(failed.code)
    return None


DISK = {"ZoneId": "cn-hangzhou-h", "Size": 40}


def disks(client: Client) -> int:
    return int(client.ecs("DescribeDisks")["TotalCount"])


def test_throttle_by_window_names_when_to_come_back(client: Client) -> None:
    fault(client, "throttle", action="DescribeDisks", limit=2, window=10, status=429, header=True)
    client.service.clock.sleep(10 - client.service.clock.now() % 10)
    assert [code_of(client, "DescribeDisks") for _ in range(3)] == [None, None, "Throttling.User"]
    refused = raw(client, "DescribeDisks")
    assert refused.status == 429
    assert 0 < int(refused.headers["x-acs-retry-after"]) <= 10_000
    assert code_of(client, "DescribeZones") is None
    client.service.clock.sleep(10)
    assert code_of(client, "DescribeDisks") is None


def test_throttle_by_bucket_fills_again(client: Client) -> None:
    fault(client, "throttle", limit=2, window=2, style="bucket", code="Throttling")
    assert [code_of(client, "DescribeDisks") for _ in range(3)] == [None, None, "Throttling"]
    client.service.clock.sleep(1)
    assert [code_of(client, "DescribeDisks") for _ in range(2)] == [None, "Throttling"]


def test_an_error_hits_the_nth_call_of_its_action(client: Client) -> None:
    fault(client, "error", action="CreateDisk", nth=[2, 3], code="InternalError", status=500)
    assert [code_of(client, "CreateDisk", **DISK) for _ in range(4)] == [None, "InternalError", "InternalError", None]
    assert disks(client) == 2


def test_an_error_after_the_commit(client: Client) -> None:
    fault(client, "error", action="CreateDisk", code="ServiceUnavailable", status=503, commit=True)
    assert code_of(client, "CreateDisk", **DISK) == "ServiceUnavailable"
    assert disks(client) == 1


@pytest.mark.parametrize(("name", "made"), [("drop_before_commit", 0), ("drop_after_commit", 1)])
def test_a_dropped_connection(client: Client, name: str, made: int) -> None:
    fault(client, name, action="CreateDisk")
    with pytest.raises(ConnectionDropped):
        client.ecs("CreateDisk", **DISK)
    assert disks(client) == made
    entry = next(call for call in client.control("GET", "calls")["calls"] if call["action"] == "CreateDisk")
    assert entry["faults"][0]["fault"] == name
    assert entry["status"] == 0


def test_a_delay_passes_on_the_clock(client: Client) -> None:
    fault(client, "delay", ms=2500)
    before = client.service.clock.now()
    client.ecs("DescribeDisks")
    assert client.service.clock.now() - before == pytest.approx(2.5)


def test_a_cut_body_is_shorter_than_announced(client: Client) -> None:
    fault(client, "cut_body", n=7)
    response = raw(client, "DescribeDisks")
    assert response.cut
    assert len(response.body) == 7 < int(response.headers["Content-Length"])


@pytest.mark.parametrize("commit", [False, True])
def test_html_in_the_place_of_an_answer(client: Client, commit: bool) -> None:
    fault(client, "html_200", action="CreateDisk", commit=commit)
    response = raw(client, "CreateDisk", **DISK)
    assert (response.status, response.body[:6]) == (200, b"<html>")
    assert disks(client) == commit


def test_a_status_without_envelope(client: Client) -> None:
    fault(client, "status_5xx_without_envelope", status=504)
    response = raw(client, "DescribeDisks")
    assert response.status == 504
    assert b"Code" not in response.body


def test_xml_when_json_was_asked_for(client: Client) -> None:
    fault(client, "xml_when_json")
    response = raw(client, "DescribeDisks")
    assert response.headers["Content-Type"] == "text/xml;charset=utf-8"


def test_a_new_thing_is_not_visible_for_some_reads(client: Client) -> None:
    fault(client, "not_visible_for", action="CreateDisk", reads=2)
    disk = client.ecs("CreateDisk", **DISK)["DiskId"]
    assert code_of(client, "DeleteDisk", DiskId=disk) == "InvalidDiskId.NotFound"
    assert [client.ecs("DescribeDisks", DiskIds=json.dumps([disk]))["TotalCount"] for _ in range(3)] == [0, 0, 1]


def test_tags_are_found_late(client: Client) -> None:
    fault(client, "tag_index_lag", seconds=5)
    tag = [{"Key": "team", "Value": "web"}]
    disk = client.ecs("CreateDisk", **DISK, Tag=tag)["DiskId"]
    assert client.ecs("DescribeDisks", Tag=tag)["TotalCount"] == 0
    assert client.ecs("ListTagResources", ResourceType="disk", ResourceId=[disk])["TagResources"]["TagResource"] == []
    assert client.ecs("DescribeDisks", DiskIds=json.dumps([disk]))["TotalCount"] == 1
    client.service.clock.sleep(5)
    assert client.ecs("DescribeDisks", Tag=tag)["TotalCount"] == 1


def test_a_list_and_a_get_disagree(client: Client) -> None:
    disk = client.ecs("CreateDisk", **DISK)["DiskId"]
    fault(client, "list_vs_get_disagree", action="DescribeDisks", times=5)
    assert client.ecs("DescribeDisks")["TotalCount"] == 0
    assert client.ecs("DescribeDisks", DiskIds=json.dumps([disk]))["TotalCount"] == 1


def test_a_vpc_that_a_list_leaves_out_is_found_by_its_id(client: Client) -> None:
    vpc = client.vpc("CreateVpc", CidrBlock="10.0.0.0/8")["VpcId"]
    fault(client, "list_vs_get_disagree", action="*", times=9)
    assert client.vpc("DescribeVpcs")["TotalCount"] == 0
    assert client.vpc("DescribeVpcs", VpcId=vpc)["TotalCount"] == 1


@pytest.mark.parametrize(("shift", "seen"), [(1, 11), (-1, 12)])
def test_a_page_shifts(client: Client, shift: int, seen: int) -> None:
    for _ in range(12):
        client.ecs("CreateDisk", **DISK)
    fault(client, "page_shift", action="DescribeDisks", nth=2, shift=shift)
    first = client.ecs("DescribeDisks", MaxResults=10)
    second = client.ecs("DescribeDisks", MaxResults=10, NextToken=first["NextToken"])
    ids = [row["DiskId"] for page in (first, second) for row in page["Disks"]["Disk"]]
    assert len(set(ids)) == seen
    assert len(ids) == 12 - shift


def test_empty_by_permission_is_told_by_a_dry_run_only(client: Client) -> None:
    client.ecs("CreateDisk", **DISK)
    fault(client, "empty_by_permission", action="DescribeDisks", times=2)
    assert client.ecs("DescribeDisks")["TotalCount"] == 0
    assert code_of(client, "DescribeDisks", DryRun=True) == "Forbidden.RAM"
    assert disks(client) == 1


def test_every_list_can_be_empty_by_permission(client: Client) -> None:
    """In the shape of its action, so that a client sees nothing strange."""
    fault(client, "empty_by_permission", times=10_000)
    lists = 0
    for product in ("ecs", "vpc"):
        for action in table(product):
            agreed = contract.find(product, action)
            if agreed is not None and is_list(agreed):
                more = {"ResourceType": "disk"} if "ResourceType" in agreed.request.required else {}
                body = client.call(product, action, **more)
                assert [v for wrap in body.values() if isinstance(wrap, dict) for v in wrap.values() if v] == [], action
                lists += 1
    assert lists > 40


def test_a_token_in_progress(client: Client) -> None:
    fault(client, "token_processing", action="CreateDisk", times=2)
    codes = [code_of(client, "CreateDisk", **DISK, ClientToken="t") for _ in range(4)]
    assert codes == ["LastTokenProcessing", "LastTokenProcessing", None, None]
    assert disks(client) == 1


def test_a_token_is_forgotten(client: Client) -> None:
    fault(client, "token_forgotten", after=60)
    first = client.ecs("CreateDisk", **DISK, ClientToken="t")["DiskId"]
    assert client.ecs("CreateDisk", **DISK, ClientToken="t")["DiskId"] == first
    client.service.clock.sleep(61)
    assert client.ecs("CreateDisk", **DISK, ClientToken="t")["DiskId"] != first


def test_a_token_answers_with_a_deleted_id(client: Client) -> None:
    fault(client, "token_replays_deleted_id")
    first = client.ecs("CreateDisk", **DISK, ClientToken="t")["DiskId"]
    client.service.clock.sleep(10 * 86400)
    client.ecs("DeleteDisk", DiskId=first)
    assert client.ecs("CreateDisk", **DISK, ClientToken="t")["DiskId"] == first
    assert disks(client) == 0


def status(client: Client, id_: str) -> str | None:
    rows = client.ecs("DescribeInstances", InstanceIds=json.dumps([id_]))["Instances"]["Instance"]
    return rows[0]["Status"] if rows else None


def test_a_state_is_stuck(world: World) -> None:
    fault(world.client, "state_stuck", kind="instance", state="Starting", seconds=60)
    (id_,) = world.run()
    world.client.service.clock.sleep(30)
    assert status(world.client, id_) == "Starting"
    world.client.service.clock.sleep(60)
    assert status(world.client, id_) == "Running"


@pytest.mark.parametrize(("instead", "seen"), [("Stopped", "Stopped"), ("vanish", None)])
def test_a_state_fails(world: World, instead: str, seen: str | None) -> None:
    fault(world.client, "state_fail", kind="instance", state="Running", instead=instead, times=1)
    (id_,) = world.running()
    assert status(world.client, id_) == seen


@pytest.mark.parametrize(("least", "code"), [(2, None), (4, "OperationDenied.NoStock")])
def test_part_of_a_batch(world: World, least: int, code: str | None) -> None:
    fault(world.client, "partial_batch", action="RunInstances", k=3)
    if code is None:
        assert len(world.run(Amount=5, MinAmount=least)) == 3
    else:
        with pytest.raises(Failed, match=code):
            world.run(Amount=5, MinAmount=least)


def test_part_of_a_power_batch_is_reported_by_id(world: World) -> None:
    ids = world.running(Amount=3)
    fault(world.client, "partial_batch", action="StopInstances", k=1)
    body = world.client.ecs("StopInstances", InstanceId=ids, BatchOptimization="SuccessFirst")
    assert [row["Code"] == "200" for row in body["InstanceResponses"]["InstanceResponse"]] == [True, False, False]


def test_a_type_is_sold_out(world: World) -> None:
    fault(world.client, "stock_out", type="ecs.g7.large", zone="cn-hangzhou-h")
    with pytest.raises(Failed, match=r"OperationDenied\.NoStock") as refused:
        world.run()
    assert refused.value.status == 403
    assert world.run(InstanceType="ecs.g7.xlarge")
    body = world.client.ecs(
        "DescribeAvailableResource", DestinationResource="InstanceType", InstanceType="ecs.g7.large"
    )
    zones = {zone["ZoneId"]: zone["Status"] for zone in body["AvailableZones"]["AvailableZone"]}
    assert (zones.pop("cn-hangzhou-h"), set(zones.values())) == ("SoldOut", {"Available"})


def test_a_disk_category_is_sold_out(world: World) -> None:
    fault(world.client, "stock_out", category="cloud_essd")
    with pytest.raises(Failed, match=r"OperationDenied\.NoStock"):
        world.run()
    assert world.run(SystemDisk={"Category": "cloud_auto"})


def test_a_quota_runs_out(world: World) -> None:
    fault(world.client, "quota", action="RunInstances", code="QuotaExceed.ElasticQuota", n=3)
    world.run(Amount=3)
    with pytest.raises(Failed, match=r"QuotaExceed\.ElasticQuota"):
        world.run()


def test_dependencies_linger(world: World) -> None:
    (id_,) = world.running()
    fault(world.client, "dependency_lag", seconds=30)
    world.client.ecs("DeleteInstance", InstanceId=id_, Force=True)
    world.client.service.clock.sleep(5)
    assert status(world.client, id_) is None
    assert code_of(world.client, "DeleteSecurityGroup", SecurityGroupId=world.group) == "DependencyViolation"
    world.client.service.clock.sleep(30)
    assert code_of(world.client, "DeleteSecurityGroup", SecurityGroupId=world.group) is None


def test_a_skewed_clock_shows_in_the_date(client: Client) -> None:
    fault(client, "clock_skew", seconds=3600)
    refused = raw(client, "DescribeDisks")
    assert json.loads(refused.body)["Code"] == "InvalidTimeStamp.Expired"
    request = v1_request(
        flatten({"Action": "DescribeZones", "RegionId": "cn-hangzhou"}), "ecs", client.service.clock.now() + 3600
    )
    assert client.service.handle(request).status == 200


@pytest.mark.parametrize(
    ("form", "code"), [("code", "InvalidSecurityToken.Expired"), ("parameter", "InvalidParameter")]
)
def test_credentials_expire_at_a_call(client: Client, form: str, code: str) -> None:
    key = {"access_key_id": "STS.new", "access_key_secret": "s2", "security_token": "fresh"}
    fault(client, "sts_expire", at_call=3, form=form, next=key)
    assert [code_of(client, "DescribeDisks") for _ in range(4)] == [None, None, code, code]
    client.key, client.token = ("STS.new", "s2"), "fresh"
    assert code_of(client, "DescribeDisks") is None


def test_a_replayed_nonce_hides_a_call_that_was_carried_out(client: Client) -> None:
    fault(client, "nonce_replay", action="CreateDisk")
    assert code_of(client, "CreateDisk", **DISK) == "SignatureNonceUsed"
    assert disks(client) == 1


def test_somebody_else_edits(client: Client) -> None:
    disk = client.ecs("CreateDisk", **DISK, DiskName="mine")["DiskId"]
    fault(client, "foreign_edit", action="DescribeDisks", id=disk, set={"DiskName": "theirs"}, tags={"who": "they"})
    (row,) = client.ecs("DescribeDisks")["Disks"]["Disk"]
    assert (row["DiskName"], row["Tags"]["Tag"]) == ("theirs", [{"TagKey": "who", "TagValue": "they"}])


def test_somebody_else_deletes(world: World) -> None:
    ids = world.running(Amount=2)
    fault(world.client, "foreign_delete", kind="instance", action="DescribeInstances")
    (left,) = world.client.ecs("DescribeInstances")["Instances"]["Instance"]
    assert left["InstanceId"] in ids
    assert world.client.ecs("DescribeDisks")["TotalCount"] == 1


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("name", ["hold", "crash_client"])
def test_a_held_call_waits_for_resume(client: Client, name: str, when: str, made: int) -> None:
    fault(client, name, action="CreateDisk", when=when)
    ended: list[str] = []

    def create() -> None:
        try:
            ended.append(client.ecs("CreateDisk", **DISK)["DiskId"])
        except ConnectionDropped:
            ended.append("dropped")

    thread = threading.Thread(target=create)
    thread.start()
    assert client.service.faults.holds.wait(1, 10)
    assert [held["action"] for held in client.control("GET", "held")["held"]] == ["CreateDisk"]
    assert disks(client) == made
    client.control("POST", "resume", {"answer": when == "before"})
    thread.join(10)
    assert (ended == ["dropped"]) == (when == "after")
    assert client.control("GET", "held") == {"held": []}


def test_a_token_of_a_held_call_is_in_progress(client: Client) -> None:
    fault(client, "hold", action="CreateDisk", when="before")
    thread = threading.Thread(target=client.ecs, args=("CreateDisk",), kwargs={**DISK, "ClientToken": "t"})
    thread.start()
    assert client.service.faults.holds.wait(1, 10)
    assert code_of(client, "CreateDisk", **DISK, ClientToken="t") == "LastTokenProcessing"
    client.control("POST", "resume", {})
    thread.join(10)
    assert code_of(client, "CreateDisk", **DISK, ClientToken="t") is None
    assert disks(client) == 1


def test_a_schedule_file_repeats_exactly(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    spec = {"fault": "error", "action": "ecs:Describe*", "probability": 0.5, "code": "InternalError", "status": 500}
    path.write_text(json.dumps({"seed": "s", "faults": [spec]}), encoding="utf-8")
    runs = []
    for _ in range(2):
        client = Client(Service(Options(faults=path, seed="1"), VirtualClock()))
        runs.append([code_of(client, "DescribeDisks") for _ in range(40)])
    assert runs[0] == runs[1]
    assert {None, "InternalError"} == set(runs[0])


def test_an_unknown_fault_is_refused_as_a_whole(client: Client) -> None:
    body = json.dumps([{"fault": "delay"}, {"fault": "explode"}]).encode()
    response = client.service.handle(HttpRequest("POST", "/_emulator/faults", CONTROL, body))
    assert response.status == 400
    assert b"explode" in response.body
    assert client.control("GET", "faults") == {"faults": []}
    with pytest.raises(ValueError, match="unknown seconds"):
        Faults().add([{"fault": "delay", "seconds": 1}])


def test_faults_are_taken_away(client: Client) -> None:
    fault(client, "empty_by_permission", times=9)
    fault(client, "delay", ms=1)
    first = client.control("GET", "faults")["faults"][0]["id"]
    client.control("POST", "faults", {"clear": [first]})
    assert [rule["fault"] for rule in client.control("GET", "faults")["faults"]] == ["delay"]
    client.control("POST", "faults", {"clear": True})
    assert client.control("GET", "faults") == {"faults": []}


def test_the_menu_is_the_one_that_was_promised() -> None:
    promised = (
        "throttle error drop_before_commit drop_after_commit delay cut_body html_200 status_5xx_without_envelope "
        "xml_when_json not_visible_for tag_index_lag list_vs_get_disagree page_shift empty_by_permission "
        "token_processing token_forgotten token_replays_deleted_id state_stuck state_fail partial_batch stock_out "
        "quota dependency_lag clock_skew sts_expire nonce_replay foreign_edit foreign_delete crash_client hold "
        "unwell"
    )
    assert set(MENU) == set(promised.split())


def test_the_same_world_under_every_standing_fault(client: Client) -> None:
    """None of them may break a plain run of calls that it does not concern."""
    fault(client, "tag_index_lag", seconds=1)
    fault(client, "state_stuck", kind="nat", state="x")
    fault(client, "stock_out", type="ecs.c7.large", zone="cn-hangzhou-h")
    assert build_world(client).running(Amount=2)
