"""Tags in create calls, tokens, names and refusals of what costs nothing."""

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ecsplan.model.call import ErrorClass

from .account import VPC, Account
from .conftest import Network
from .findings import Findings


def a_public_key() -> str:
    """One whose private half is thrown away."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


def tags_of(raw: dict[str, object]) -> dict[str, str]:
    tags = (raw.get("Tags") or {}).get("Tag") or []  # type: ignore[attr-defined]
    return {tag.get("Key") or tag.get("TagKey"): tag.get("Value") or tag.get("TagValue") for tag in tags}


def test_what_is_made_carries_the_tags_of_its_create_call(
    account: Account, network: Network, findings: Findings
) -> None:
    for what, operation, product, outer, inner, ids in (
        ("a VPC", "DescribeVpcs", VPC, "Vpcs", "Vpc", {"VpcId": network.vpc}),
        ("a vSwitch", "DescribeVSwitches", VPC, "VSwitches", "VSwitch", {"VSwitchId": network.vswitch}),
        ("a security group", "DescribeSecurityGroups", None, "SecurityGroups", "SecurityGroup",
         {"SecurityGroupId": network.group}),
    ):  # fmt: skip
        with findings.that(f"{what} is made with the tags of its create call") as finding:
            more = [product] if product else []
            (raw,) = account.call(operation, *more, **ids)[outer][inner]
            finding.seen["keys"] = sorted(tags_of(raw))
            assert tags_of(raw) == {"ecsplan-live": account.run}


def test_a_key_pair_may_have_a_colon_in_its_name_and_is_unique(account: Account, findings: Findings) -> None:
    name, key = f"{account.run}:key", a_public_key()
    with findings.that("the name of a key pair may hold a colon"):
        account.call("ImportKeyPair", KeyPairName=name, PublicKeyBody=key, Tag=account.tags())
    with findings.that("a key pair is made with the tags of its create call, and shown with them"):
        (raw,) = account.call("DescribeKeyPairs", KeyPairName=name)["KeyPairs"]["KeyPair"]
        assert tags_of(raw) == {"ecsplan-live": account.run}
    with findings.that("a second key pair of one name is refused: it serves as a lock") as finding:
        error = account.refused("ImportKeyPair", KeyPairName=name, PublicKeyBody=key)
        finding.seen["code"] = error.code
        assert error.error_class is ErrorClass.ALREADY
    with findings.that("deleting a key pair that is not there is a success") as finding:
        account.call("DeleteKeyPairs", KeyPairNames=json.dumps([name]))
        account.call("DeleteKeyPairs", KeyPairNames=json.dumps([name]))


def test_a_token_is_answered_as_before_and_refused_for_something_else(
    account: Account, network: Network, findings: Findings
) -> None:
    made = {"VpcId": network.vpc, "SecurityGroupName": account.name("token"), "Tag": account.tags()}
    token = account.token()
    with findings.that("a create with the same token and parameters answers the first id"):
        first = account.call("CreateSecurityGroup", token=token, **made)["SecurityGroupId"]
        assert account.call("CreateSecurityGroup", token=token, **made)["SecurityGroupId"] == first
    with findings.that("the same token with other parameters is refused") as finding:
        error = account.refused("CreateSecurityGroup", token=token, **{**made, "SecurityGroupName": account.name("x")})
        finding.seen["code"], finding.seen["status"] = error.code, error.status
        assert error.error_class is ErrorClass.FATAL
    with findings.of("whether a token answers an id that has been deleted meanwhile") as finding:
        account.call("DeleteSecurityGroup", SecurityGroupId=first)
        again = account.call("CreateSecurityGroup", token=token, **made)["SecurityGroupId"]
        finding.seen["answers the deleted id"] = again == first


def test_what_is_in_use_is_not_deleted(account: Account, network: Network, findings: Findings) -> None:
    with findings.that("a VPC with a vSwitch in it is refused as busy, and stays") as finding:
        error = account.refused("DeleteVpc", VPC, VpcId=network.vpc)
        finding.seen["code"], finding.seen["status"] = error.code, error.status
        assert error.error_class in (ErrorClass.CONFLICT, ErrorClass.NEW_TOKEN)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("DeleteSecurityGroup", {"SecurityGroupId": "sg-bp1ecsplanlive00000"}),
        ("DeleteDisk", {"DiskId": "d-bp1ecsplanlive000000"}),
        ("DeleteInstance", {"InstanceId": "i-bp1ecsplanlive000000"}),
        ("DeleteSnapshot", {"SnapshotId": "s-bp1ecsplanlive000000"}),
        ("DeleteNetworkInterface", {"NetworkInterfaceId": "eni-bp1ecsplanlive0000"}),
    ],
)
def test_deleting_what_is_not_there_is_known_as_absent(
    operation: str, params: dict[str, str], account: Account, findings: Findings
) -> None:
    with findings.that(f"{operation} of something that is not there is absent, or a success") as finding:
        error = account.refusal(operation, **params)
        finding.seen["code"] = error.code if error else "success"
        assert error is None or error.error_class is ErrorClass.ABSENT, finding.seen["code"]


def test_reads_by_ids_that_are_not_there_answer_nothing(account: Account, findings: Findings) -> None:
    for operation, params, outer in (
        ("DescribeInstances", {"InstanceIds": '["i-bp1ecsplanlive000000"]'}, "Instances"),
        ("DescribeDisks", {"DiskIds": '["d-bp1ecsplanlive000000"]'}, "Disks"),
    ):
        with findings.that(f"{operation} of an id that is not there answers an empty list"):
            answer = account.call(operation, **params)
            assert answer["TotalCount"] == 0 and not next(iter(answer[outer].values()), [])


def test_the_dry_run_of_a_list_proves_that_it_may_be_read(account: Account, findings: Findings) -> None:
    for operation in ("DescribeInstances", "DescribeDisks", "DescribeSecurityGroups"):
        with findings.that(f"a dry run of {operation} is answered with a code of its own") as finding:
            error = account.refused(operation, DryRun=True)
            finding.seen["code"] = error.code
            assert error.error_class is ErrorClass.DRY_RUN


def test_how_late_lists_are(account: Account, network: Network, findings: Findings) -> None:
    with findings.of("after how many seconds the list of security groups shows a new one") as finding:
        name = account.name("late")
        made = account.call("CreateSecurityGroup", token=account.token(), VpcId=network.vpc, SecurityGroupName=name)

        def listed() -> bool:
            rows = account.call("DescribeSecurityGroups", MaxResults=100)["SecurityGroups"]["SecurityGroup"]
            return any(row["SecurityGroupId"] == made["SecurityGroupId"] for row in rows)

        finding.seen["seconds"] = account.until(listed, "the list shows the group")[1]
    with findings.of("after how many seconds a tag that was added is found by a read with it") as finding:
        tag = [{"Key": "ecsplan-live-late", "Value": account.run}]
        account.call("TagResources", ResourceType="securitygroup", ResourceId=[made["SecurityGroupId"]], Tag=tag)

        def tagged() -> bool:
            return bool(account.call("DescribeSecurityGroups", Tag=tag)["SecurityGroups"]["SecurityGroup"])

        finding.seen["seconds"] = account.until(tagged, "the tag is found")[1]
