"""Which resource of RAM each parameter of a call names, and the actions that RAM does not narrow.

Source: the RAM authorization tables of ECS (2014-05-26) and VPC (2016-04-28), and the resource fields of the actions'
own pages. Where two of them disagree the wider one is written down: a right that is missing stops a run half-way.
"""

from collections.abc import Mapping

EVERYTHING = "*"

BY_PARAMETER: Mapping[str, str] = {
    "InstanceId": "ecs:instance",
    "DiskId": "ecs:disk",
    "DiskIds": "ecs:disk",
    "SnapshotId": "ecs:snapshot",
    "ImageId": "ecs:image",
    "SecurityGroupId": "ecs:securitygroup",
    "NetworkInterfaceId": "ecs:eni",
    "AutoSnapshotPolicyId": "ecs:snapshotpolicy",
    "autoSnapshotPolicyId": "ecs:snapshotpolicy",
    "KeyPairName": "ecs:keypair",
    "KeyPairNames": "ecs:keypair",
    "DeploymentSetId": "ecs:deploymentset",
    "DedicatedHostId": "ecs:ddh",
    "VpcId": "vpc:vpc",
    "VSwitchId": "vpc:vswitch",
    "AllocationId": "vpc:eip",
    "RamRoleName": "ram:role",
}
"""Parameter: service and resource type of the ARN `acs:SERVICE:REGION:ACCOUNT:TYPE/ID`."""

BY_TAGGED_TYPE: Mapping[str, str] = {
    "instance": "ecs:instance",
    "disk": "ecs:disk",
    "snapshot": "ecs:snapshot",
    "image": "ecs:image",
    "securitygroup": "ecs:securitygroup",
    "eni": "ecs:eni",
    "keypair": "ecs:keypair",
    "snapshotpolicy": "ecs:snapshotpolicy",
    "ddh": "ecs:ddh",
    "vpc": "vpc:vpc",
    "vswitch": "vpc:vswitch",
    "eip": "vpc:eip",
}
"""ResourceType of TagResources, UntagResources and JoinResourceGroup, in lower case."""

MADE: Mapping[str, tuple[str, ...]] = {
    "CreateVpc": ("vpc:vpc",),
    "CreateVSwitch": ("vpc:vswitch",),
    "AllocateEipAddress": ("vpc:eip",),
    "CreateDisk": ("ecs:disk",),
    "CreateSnapshot": ("ecs:snapshot",),
    "CreateImage": ("ecs:image", "ecs:snapshot"),
    "CopyImage": ("ecs:image",),
    "CreateSecurityGroup": ("ecs:securitygroup",),
    "CreateNetworkInterface": ("ecs:eni",),
    "CreateKeyPair": ("ecs:keypair",),
    "ImportKeyPair": ("ecs:keypair",),
    "CreateAutoSnapshotPolicy": ("ecs:snapshotpolicy",),
}
"""The types that an action makes: asked for as TYPE/*, beside the resources that its parameters name."""

NOT_NARROWED = frozenset({
    "RunInstances", "CreateInstance", "AuthorizeSecurityGroup", "AuthorizeSecurityGroupEgress",
    "ModifySecurityGroupRule", "ModifySecurityGroupEgressRule", "ResetDisks", "CreateDeploymentSet", "CreatePrefixList",
    "CancelTask",
})  # fmt: skip
"""Actions that take no resource, or for which the tables disagree: they need `*`."""

WITHOUT_RIGHTS = frozenset({"GetCallerIdentity"})
