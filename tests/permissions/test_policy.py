"""Calls as a RAM policy."""

import json

from ecsplan.kinds import load_kinds
from ecsplan.model.address import Address, Ref
from ecsplan.model.call import Call, Merge, Product
from ecsplan.permissions.policy import LONGEST, Scope, document, documents, statements
from ecsplan.permissions.resources import arns_of

ARNS = arns_of(load_kinds())
SCOPE = Scope("cn-hangzhou", "1234567890123456")
ARN = "acs:ecs:cn-hangzhou:1234567890123456"


def policy(*calls: Call) -> dict[str, list[str]]:
    """Resources by action; the reads are left out."""
    return {action: list(s.resources) for s in statements(calls, (), SCOPE, ARNS) for action in s.actions}


def test_an_action_is_allowed_for_the_ids_that_it_names():
    found = policy(Call("ResizeDisk", {"DiskId": "d-1", "NewSize": 40}), Call("ResizeDisk", {"DiskId": "d-2"}))
    assert found == {"ecs:ResizeDisk": [f"{ARN}:disk/d-1", f"{ARN}:disk/d-2"]}


def test_both_sides_of_an_attachment_are_named():
    found = policy(Call("AttachDisk", {"DiskId": "d-1", "InstanceId": "i-1"}))
    assert found == {"ecs:AttachDisk": [f"{ARN}:disk/d-1", f"{ARN}:instance/i-1"]}


def test_an_id_that_the_plan_makes_is_any_of_its_type():
    found = policy(Call("AttachDisk", {"DiskId": Ref(Address("disk", "data")), "InstanceId": "i-1"}))
    assert found == {"ecs:AttachDisk": [f"{ARN}:disk/*", f"{ARN}:instance/i-1"]}


def test_many_ids_are_any_of_their_type():
    calls = [Call("StartInstances", targets=(f"i-{number}",), merge=Merge("InstanceId", 100)) for number in range(21)]
    assert policy(*calls) == {"ecs:StartInstances": [f"{ARN}:instance/*"]}
    assert len(policy(*calls[:20])["ecs:StartInstances"]) == 20


def test_what_is_made_and_what_it_is_made_in():
    found = policy(Call("CreateVSwitch", {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}, Product.VPC))
    assert found == {
        "vpc:CreateVSwitch": [f"acs:vpc:cn-hangzhou:{SCOPE.account}:{one}" for one in ("vpc/vpc-1", "vswitch/*")]
    }


def test_tags_are_written_on_the_resource_itself():
    call = Call("TagResources", {"ResourceType": "securitygroup", "ResourceId": ["sg-1"], "Tag": []})
    assert policy(call) == {"ecs:TagResources": [f"{ARN}:securitygroup/sg-1"]}


def test_machines_are_made_with_any_resource_and_their_role_is_passed():
    found = policy(Call("RunInstances", {"ImageId": "m-1", "RamRoleName": "web"}))
    assert found == {"ecs:RunInstances": ["*"], "ram:PassRole": [f"acs:ram:*:{SCOPE.account}:role/web"]}


def test_ids_in_a_json_text_are_told_apart():
    found = policy(Call("DeleteKeyPairs", {"KeyPairNames": '["a", "b"]'}))
    assert found == {"ecs:DeleteKeyPairs": [f"{ARN}:keypair/a", f"{ARN}:keypair/b"]}


def test_reads_are_one_statement_on_everything():
    reads = [(Product.ECS, "DescribeInstances"), (Product.VPC, "DescribeVpcs"), (Product.STS, "GetCallerIdentity")]
    (found,) = statements((), reads, SCOPE, ARNS)
    assert found.document() == {
        "Effect": "Allow", "Action": ["ecs:DescribeInstances", "vpc:DescribeVpcs"], "Resource": ["*"],
    }  # fmt: skip


def test_an_account_that_is_not_known_is_any():
    (found,) = statements([Call("ResizeDisk", {"DiskId": "d-1"})], (), Scope("cn-beijing"), ARNS)
    assert found.resources == ("acs:ecs:cn-beijing:*:disk/d-1",)


def test_a_long_policy_is_divided_between_statements():
    calls = [Call(f"Action{number}", {"DiskId": f"d-{number}"}) for number in range(60)]
    found = statements(calls, (), SCOPE, ARNS)
    several = list(documents(found))
    assert sum(len(one["Statement"]) for one in several) == len(document(found)["Statement"]) == 60
    assert all(len(json.dumps(one, separators=(",", ":"))) <= LONGEST for one in several)


def test_the_same_calls_in_another_order_are_the_same_policy():
    calls = [
        Call("ResizeDisk", {"DiskId": "d-1"}),
        Call("DeleteDisk", {"DiskId": "d-1"}),
        Call("StopInstance", {"InstanceId": "i-1"}),
    ]
    assert statements(calls, (), SCOPE, ARNS) == statements(reversed(calls), (), SCOPE, ARNS)


def test_more_than_can_be_listed_are_told_by_the_mark_of_the_stack_if_all_carry_it():
    calls = [Call("DeleteDisk", {"DiskId": f"d-{number}"}) for number in range(30)]
    marked = Scope("cn-beijing", "1", "shop", frozenset(f"d-{number}" for number in range(30)))
    (found,) = statements(calls, (), marked, ARNS)
    assert found.document() == {
        "Effect": "Allow", "Action": ["ecs:DeleteDisk"], "Resource": ["acs:ecs:cn-beijing:1:disk/*"],
        "Condition": {"StringLike": {"acs:ResourceTag/ecsplan:disk": ["shop/*"]}},
    }  # fmt: skip
    (other,) = statements([*calls, Call("DeleteDisk", {"DiskId": "d-of-old"})], (), marked, ARNS)
    assert other.tag is None
