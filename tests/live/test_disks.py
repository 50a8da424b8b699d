"""A disk of the smallest size: tags, token, sizes, and deletion."""

from ecsplan.model.call import ErrorClass

from .account import Account
from .choosing import CATEGORY
from .conftest import Network
from .findings import Findings
from .purse import Purse
from .test_network import tags_of


def test_a_disk_from_its_create_call_to_its_end(
    account: Account, network: Network, purse: Purse, findings: Findings
) -> None:
    purse.buy("a disk", ResourceType="disk", DataDisk=[{"Category": CATEGORY, "Size": 20, "PerformanceLevel": "PL0"}])
    made = {"ZoneId": network.zone, "DiskCategory": CATEGORY, "PerformanceLevel": "PL0", "Size": 20,
            "DiskName": account.name("disk"), "Tag": account.tags()}  # fmt: skip
    token = account.token()
    with findings.that("CreateDisk with the same token answers the first id"):
        disk = account.call("CreateDisk", token=token, **made)["DiskId"]
        assert account.call("CreateDisk", token=token, **made)["DiskId"] == disk
    ids = f'["{disk}"]'

    def ready() -> object:
        rows = account.call("DescribeDisks", DiskIds=ids)["Disks"]["Disk"]
        return rows and rows[0]["Status"] == "Available" and rows[0]

    with findings.that("a disk becomes Available, with the tags of its create call") as finding:
        raw, finding.seen["seconds"] = account.until(ready, "the disk")
        assert tags_of(raw) == {"ecsplan-live": account.run}
        finding.seen["PerformanceLevel"] = raw.get("PerformanceLevel")
    with findings.that("a disk cannot be made smaller") as finding:
        error = account.refused("ResizeDisk", DiskId=disk, NewSize=10)
        finding.seen["code"] = error.code
        assert error.error_class is ErrorClass.FATAL
    with findings.that("a disk without a machine is resized, and shows its new size") as finding:
        account.call("ResizeDisk", DiskId=disk, NewSize=25, Type="offline")

        def larger() -> bool:
            return bool(account.call("DescribeDisks", DiskIds=ids)["Disks"]["Disk"][0]["Size"] == 25)

        finding.seen["seconds"] = account.until(larger, "the size")[1]
    with findings.that("a change to the category and level that it has is a success, or known as done"):
        account.call("ModifyDiskSpec", DiskId=disk, DiskCategory=CATEGORY, PerformanceLevel="PL0")
    with findings.that("the policies of all disks are listed without a filter, and one that is applied is among them"):
        policy = account.call("CreateAutoSnapshotPolicy", autoSnapshotPolicyName=account.name("policy"),
                              regionId=account.client.region, repeatWeekdays='["1"]', timePoints='["2"]',
                              retentionDays=7, Tag=account.tags())["AutoSnapshotPolicyId"]  # fmt: skip
        account.call("ApplyAutoSnapshotPolicy", autoSnapshotPolicyId=policy, diskIds=ids,
                     regionId=account.client.region)  # fmt: skip

        def told() -> bool:
            answer = account.call("DescribeAutoSnapshotPolicyAssociations", MaxResults=100)
            rows = answer["AutoSnapshotPolicyAssociations"]["AutoSnapshotPolicyAssociation"]
            return {"DiskId": disk, "AutoSnapshotPolicyId": policy} in rows

        account.until(told, "the association")
    with findings.that("a deleted disk leaves the list") as finding:
        account.call("DeleteDisk", DiskId=disk)
        gone = account.until(lambda: not account.call("DescribeDisks", DiskIds=ids)["Disks"]["Disk"], "it is gone")
        finding.seen["seconds"] = gone[1]
