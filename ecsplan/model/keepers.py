"""Who else keeps an object: another tool, another service, another account. Told by tags and owners. Pure.

Tags: recorded answers of DescribeInstances and DescribeDisks, and the pages of Auto Scaling and ACK on their tags.
ServiceManaged: DescribeNetworkInterfaces, DescribeSecurityGroups (a boolean), DescribeEipAddresses (1).
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ecsplan.model.algebra import Raw
from ecsplan.model.decoder import Decoder
from ecsplan.model.resource import RemoteObject


class Kept(NamedTuple):
    """Why a file may not name an object, and what to do about it."""

    reason: str
    remedy: str


SCALING_GROUP = "acs:autoscaling:scalingGroupId"
SCALING, SERVICE, ACCOUNT = "Auto Scaling", "a cloud service", "another account"
# The beginning of a tag key → the tool that writes such keys.
PREFIXES = (
    ("acs:ros:", "ROS"),
    ("acs:autoscaling:", SCALING),
    ("ack.aliyun.com", "ACK"),
    ("ack.alibabacloud.com", "ACK"),
    ("k8s.aliyun.com", "ACK"),
    ("kubernetes.do.not.delete", "ACK"),
    ("kubernetes.io/", "Kubernetes"),
    ("ehpc.aliyun.com", "E-HPC"),
    ("acs:emr:", "EMR"),
    ("webplus", "Web+"),
    ("acs:oos:", "OOS"),
    ("acs:bpstudio:", "BPStudio"),
    ("pulumi:", "Pulumi"),
    ("crossplane-", "Crossplane"),
    ("ecsplan:", "ecsplan"),  # tags that this version cannot read
)
_WHOLE = {"ess": SCALING}  # keys that are no beginnings
# Services that make and end their objects by themselves.
SERVICES = (SCALING, "ACK", "Kubernetes", "E-HPC", "EMR", "Web+", SERVICE, ACCOUNT)
# What a person declares of an object of these is undone.
RUN_BY_THEMSELVES = (*SERVICES, "ROS", "Crossplane")
# Keys whose value names the tool: `managed-by: terraform`.
_TELLING = ("managedby", "createdby", "provisionedby", "provisioner", "iac")
_NAMES = {"terraform": "Terraform", "opentofu": "OpenTofu", "pulumi": "Pulumi", "ansible": "Ansible"}


@Decoder
def is_shared(raw: Raw) -> bool:
    """Whether another account owns it, and shares it."""
    return bool(raw.get("ShareType") == "Shared")


@Decoder
def is_managed(raw: Raw) -> bool:
    """Whether a cloud service manages it. ServiceManaged is 0 and 1 in VPC, a boolean in ECS."""
    return bool(raw.get("ServiceManaged") == 1)


@Decoder
def _service(raw: Raw) -> str:
    return str(raw.get("ServiceID") or "the service that made it")


@Decoder
def _account(raw: Raw) -> str:
    return str(raw.get("OwnerId") or "")


def claimed(obj: RemoteObject, account: str = "") -> tuple[str, str]:
    """The keeper and what shows it; two empty texts for what nobody seems to keep. `account` is our own number, if it
    is known."""
    return next(keepers(obj, account), ("", ""))


def keepers(obj: RemoteObject, account: str = "") -> Iterator[tuple[str, str]]:
    """All of them, those first that the service itself knows."""
    owner, tags = obj.fact(_account), obj.tags
    if obj.fact(is_shared) or (account and owner.isdecimal() and owner != account):
        yield ACCOUNT, f"owned by {owner or 'the account that shares it'}"
    if obj.fact(is_managed):
        yield SERVICE, f"managed by {obj.fact(_service)}"
    for key in sorted(tags):
        tool = _by_key(key.lower()) or _by_value(key, tags[key])
        if tool:
            yield tool, f"{key}={tags[key]}" if tags[key] else key


_LEAVE = "Auto Scaling creates and deletes its machines: take it out of its group first"
_NAME = "write its id where something refers to it: only its owner can change it"


def refused(obj: RemoteObject, is_machine: bool) -> Kept | None:
    """What a file may not name: it is not the account's to change, or its service would fight for it."""
    shared = obj.fact(is_shared)
    for keeper, because in keepers(obj):
        if keeper == SERVICE or (keeper == ACCOUNT and shared):
            return Kept(f"is {because}", _NAME)
        if is_machine and because.startswith(SCALING_GROUP):
            return Kept(f"is a machine of a scaling group ({because})", _LEAVE)
    return None


@lru_cache(1 << 12)  # ten thousand machines carry the same few keys
def _by_key(key: str) -> str:
    if key in _NAMES or key.partition(":")[0] in _NAMES:
        return _NAMES[key.partition(":")[0]]
    return _WHOLE.get(key) or next((tool for prefix, tool in PREFIXES if key.startswith(prefix)), "")


def _by_value(key: str, value: str) -> str:
    if "".join(filter(str.isalnum, key.lower())) not in _TELLING or not value:
        return ""
    known = next((name for word, name in _NAMES.items() if word in value.lower()), "")
    return known or value
