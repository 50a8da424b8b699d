"""Two of the smallest machines: names, tags, dry runs, stopping, another system disk, and deletion."""

import json
from typing import Any

import pytest

from ecsplan.model.call import ErrorClass

from .account import Account
from .choosing import CATEGORY, SIZE
from .conftest import Network
from .findings import Findings
from .purse import Purse
from .test_network import tags_of

SYSTEM = {"Category": CATEGORY, "PerformanceLevel": "PL0", "Size": SIZE}


def _params(account: Account, network: Network) -> dict[str, Any]:
    return {
        "ImageId": network.image, "InstanceType": network.instance_type, "VSwitchId": network.vswitch,
        "SecurityGroupId": network.group, "SystemDisk": {**SYSTEM, "DiskName": account.name("system")},
        "InstanceName": account.name("m-[1,2]"), "Amount": 2, "Tag": account.tags(),
    }  # fmt: skip


def rows(account: Account, ids: list[str], **more: Any) -> dict[str, Any]:
    found = account.call("DescribeInstances", InstanceIds=json.dumps(ids), **more)["Instances"]["Instance"]
    return {raw["InstanceId"]: raw for raw in found}


def in_status(account: Account, ids: list[str], status: str) -> tuple[Any, float]:
    def look() -> Any:
        found = rows(account, ids)
        return len(found) == len(ids) and all(raw["Status"] == status for raw in found.values()) and found

    return account.until(look, f"{status} machines")


@pytest.fixture(scope="module")
def machines(account: Account, network: Network, purse: Purse, findings: Findings) -> list[str]:
    """Two that run, made in one call."""
    params = _params(account, network)
    purse.buy("two machines", 2, ResourceType="instance", InstanceType=network.instance_type, SystemDisk=SYSTEM,
              ZoneId=network.zone)  # fmt: skip
    with findings.that("a dry run of RunInstances is answered with a code of its own, and makes nothing") as finding:
        one = {**params, "Amount": 1, "InstanceName": account.name("m")}
        error = account.refused("RunInstances", DryRun=True, **one)
        finding.seen["code"], finding.seen["status"] = error.code, error.status
        assert error.error_class is ErrorClass.DRY_RUN, f"{error.code}: {error.message}"
    token = account.token()
    with findings.that("RunInstances answers an id for each machine, and the same ids for the same token"):
        ids = account.call("RunInstances", token=token, **params)["InstanceIdSets"]["InstanceIdSet"]
        assert len(ids) == 2
        assert account.call("RunInstances", token=token, **params)["InstanceIdSets"]["InstanceIdSet"] == ids
    with findings.that("new machines run by themselves") as finding:
        finding.seen["seconds"] = in_status(account, ids, "Running")[1]
    return list(ids)


def test_ordered_names_are_given_in_the_order_of_the_answer(
    account: Account, machines: list[str], findings: Findings
) -> None:
    with findings.of("whether names in order follow the order of the answered ids") as finding:
        found = rows(account, machines)
        finding.seen["in order"] = [found[one]["InstanceName"] for one in machines] == [
            account.name("m-01"), account.name("m-02"),
        ]  # fmt: skip
    with findings.that("ordered names are numbered from the given number"):
        assert {raw["InstanceName"] for raw in found.values()} == {account.name("m-01"), account.name("m-02")}


def test_what_is_born_with_a_machine_carries_its_tags(
    account: Account, machines: list[str], findings: Findings
) -> None:
    with findings.that("a machine carries the tags of its create call"):
        assert all(tags_of(raw) == {"ecsplan-live": account.run} for raw in rows(account, machines).values())
    with findings.of("what else carries the tags of RunInstances") as finding:
        disks = account.call("DescribeDisks", InstanceId=machines[0])["Disks"]["Disk"]
        finding.seen["system disk"] = "ecsplan-live" in tags_of(disks[0])
        sets = account.call("DescribeNetworkInterfaces", InstanceId=machines[0])["NetworkInterfaceSets"]
        finding.seen["primary interface"] = "ecsplan-live" in tags_of(sets["NetworkInterfaceSet"][0])


def test_a_part_of_a_machine_is_told_only_when_it_is_asked_for(
    account: Account, machines: list[str], findings: Findings
) -> None:
    with findings.of("which members DescribeInstances answers only when they are asked for") as finding:
        bare = rows(account, machines[:1])[machines[0]]
        asked = rows(
            account, machines[:1], AdditionalAttributes=["META_OPTIONS", "DDH_CLUSTER", "NETWORK_PRIMARY_ENI_IP"]
        )
        more = asked[machines[0]]
        finding.seen["only when asked for"] = sorted(more.keys() - bare.keys())
        finding.seen["HttpTokens without asking"] = (bare.get("MetadataOptions") or {}).get("HttpTokens") or "nothing"
    with findings.that("the metadata options are told when they are asked for"):
        assert (more.get("MetadataOptions") or {}).get("HttpTokens")


def test_dry_runs_of_batches_have_a_code_of_their_own(
    account: Account, machines: list[str], findings: Findings
) -> None:
    with findings.that("a dry run of StopInstances is known as one") as finding:
        error = account.refused("StopInstances", InstanceId=machines, DryRun=True)
        finding.seen["code"], finding.seen["status"] = error.code, error.status
        assert error.error_class is ErrorClass.DRY_RUN


def test_a_machine_that_runs_is_not_deleted_without_force(
    account: Account, machines: list[str], findings: Findings
) -> None:
    with findings.that("a running machine is not deleted without Force") as finding:
        error = account.refused("DeleteInstance", InstanceId=machines[0])
        finding.seen["code"], finding.seen["status"] = error.code, error.status
        assert rows(account, machines[:1])[machines[0]]["Status"] == "Running"


def test_stopping_and_what_a_stop_without_a_mode_means(
    account: Account, machines: list[str], findings: Findings
) -> None:
    first, second = machines
    with findings.that("StoppedMode KeepCharging is kept, and shown") as finding:
        account.call("StopInstance", InstanceId=first, StoppedMode="KeepCharging")
        found, finding.seen["seconds"] = in_status(account, [first], "Stopped")
        assert found[first]["StoppedMode"] == "KeepCharging"
    with findings.of("what a stop without a mode means on this account") as finding:
        account.call("StopInstance", InstanceId=second)
        found, _ = in_status(account, [second], "Stopped")
        finding.seen["StoppedMode"] = found[second]["StoppedMode"]
    with findings.that("stopping what is stopped is a success, or known as busy or done") as finding:
        error = account.refusal("StopInstance", InstanceId=first)
        finding.seen["code"] = error.code if error else "success"
        assert error is None or error.error_class in (ErrorClass.CONFLICT, ErrorClass.DONE)


def test_another_system_disk_and_what_it_keeps(
    account: Account, network: Network, machines: list[str], findings: Findings
) -> None:
    """Runs after the stop: the first machine is off."""
    first = machines[0]

    def system() -> Any:
        disks = account.call("DescribeDisks", InstanceId=first, DiskType="system")["Disks"]["Disk"]
        return disks and disks[0]["Status"] == "In_use" and disks[0]

    before = account.until(system, "the system disk")[0]
    with findings.that("ReplaceSystemDisk answers the id of another disk") as finding:
        answer = account.call("ReplaceSystemDisk", token=account.token(), InstanceId=first, ImageId=network.image)
        finding.seen["members"] = sorted(answer)

        def other() -> Any:
            disk = system()
            return disk and disk["DiskId"] != before["DiskId"] and disk

        after, finding.seen["seconds"] = account.until(other, "another system disk")
    with findings.of("what a new system disk keeps of the old one where nothing is said") as finding:
        for member in ("Size", "Category", "PerformanceLevel", "DiskName", "DeleteWithInstance", "Encrypted"):
            finding.seen[member] = "kept" if after.get(member) == before.get(member) else "changed"
        finding.seen["tags"] = "kept" if tags_of(after) == tags_of(before) else "changed"


def test_deleted_machines_leave_the_list_and_take_their_disks_along(
    account: Account, machines: list[str], findings: Findings
) -> None:
    disks = [d["DiskId"] for one in machines for d in account.call("DescribeDisks", InstanceId=one)["Disks"]["Disk"]]
    with findings.that("a stopped machine is deleted with its system disk") as finding:
        for one in machines:
            account.call("DeleteInstance", InstanceId=one)
        finding.seen["seconds"] = account.until(lambda: not rows(account, machines), "they are gone")[1]
        left = account.until(
            lambda: not account.call("DescribeDisks", DiskIds=json.dumps(disks))["Disks"]["Disk"], "so are their disks"
        )
        finding.seen["seconds until the disks are gone"] = left[1]
