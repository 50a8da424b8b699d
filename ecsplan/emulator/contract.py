"""The documented contract of each action: parameters with types, keys of the answer. Built from the API reference."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

VERSIONS = {
    "2014-05-26": "ecs", "2016-04-28": "vpc", "2015-04-01": "sts", "2018-08-28": "tag",
    "2014-05-15": "slb", "2020-06-16": "alb", "2022-04-30": "nlb", "2019-01-01": "cms",
    "2020-07-06": "actiontrail", "2020-05-10": "quotas",
}  # fmt: skip

# STS, the Tag service and ActionTrail have one action here each; the contract's file does not cover these products.
STS: dict[str, Any] = {
    "GetCallerIdentity": {
        "q": {},
        "r": dict.fromkeys(("AccountId", "Arn", "IdentityType", "PrincipalId", "RequestId", "RoleId", "UserId"), "s"),
    }
}

TAG: dict[str, Any] = {
    "ListAssociatedResourceRules": {
        "q": {"MaxResult": "i", "NextToken": "s", "RegionId": "s", "SettingName": ["s"], "Status": "s=Enable|Disable"},
        "r": {
            "NextToken": "s",
            "RequestId": "s",
            "Rules": [{"ExistingStatus": "s", "SettingName": "s", "Status": "s", "TagKeys": ["s"]}],
        },
    }
}

WHO = {"type": "s", "userName": "s", "principalId": "s", "accountId": "s", "accessKeyId": "s"}
ACTIONTRAIL: dict[str, Any] = {
    "LookupEvents": {
        "q": {
            "Direction": "s=FORWARD|BACKWARD",
            "EndTime": "s",
            "LookupAttribute": [{"Key": "s", "Value": "s"}],
            "MaxResults": "s",
            "NextToken": "s",
            "RegionId": "s",
            "StartTime": "s",
        },
        "r": {
            "EndTime": "s",
            "Events": [
                {
                    "apiVersion": "s",
                    "errorCode": "s",
                    "eventId": "s",
                    "eventName": "s",
                    "eventRW": "s",
                    "eventTime": "s",
                    "eventType": "s",
                    "referencedResources": {},
                    "requestId": "s",
                    "serviceName": "s",
                    "sourceIpAddress": "s",
                    "userAgent": "s",
                    "userIdentity": WHO,
                }
            ],
            "NextToken": "s",
            "RequestId": "s",
            "StartTime": "s",
        },
    }
}


@dataclass(frozen=True, slots=True)
class Words:
    """A text that is one of a list; the service takes it in any case."""

    listed: tuple[str, ...]
    folded: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fields:
    """One level of a request: the type of each name, and those that must be given."""

    types: dict[str, Any]
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """One action. A type is `s i b f`, Words, Fields for a struct, or a list of one of these."""

    name: str
    request: Fields
    response: dict[str, Any]
    deprecated: bool

    def takes(self, parameter: str) -> bool:
        return parameter in self.request.types


def _fields(tree: dict[str, Any]) -> Fields:
    types = {key.removesuffix("!"): _type(value) for key, value in tree.items()}
    return Fields(types, tuple(key[:-1] for key in tree if key.endswith("!")))


def _type(value: Any) -> Any:
    if isinstance(value, list):
        return [_type(value[0])]
    if isinstance(value, str) and value.startswith("s="):
        words = tuple(value[2:].split("|"))
        return Words(words, frozenset(word.casefold() for word in words))
    return _fields(value) if isinstance(value, dict) else value


# Where the official provider, which reads these answers every day, knows another type than the reference says.
LAUNCH = ("LaunchTemplateVersionSets", "LaunchTemplateVersionSet", "LaunchTemplateData")
SEEN: tuple[tuple[str, str, tuple[str, ...], Any], ...] = (
    ("ecs", "DescribeLaunchTemplateVersions", (*LAUNCH, "DataDisks", "DataDisk", "Encrypted"), "b"),
    ("ecs", "DescribeLaunchTemplateVersions", (*LAUNCH, "SystemDisk", "Encrypted"), "b"),
)


def _as_seen(products: dict[str, dict[str, Any]]) -> None:
    for product, action, path, shape in SEEN:
        place = products[product][action]["r"]
        for name in path[:-1]:
            place = place[name][0] if isinstance(place[name], list) else place[name]
        place[path[-1]] = shape


@cache
def _source() -> dict[str, dict[str, Any]]:
    data = Path(__file__).with_name("data")
    products: dict[str, dict[str, Any]] = {"sts": STS, "tag": TAG, "actiontrail": ACTIONTRAIL}
    for name in ("contract.json", "neighbours.json"):
        whole = json.loads(data.joinpath(name).read_text(encoding="utf-8"))
        products |= {VERSIONS[version]: actions for version, actions in whole.items()}
    _as_seen(products)
    return products


@cache
def find(product: str, action: str) -> Contract | None:
    entry = _source()[product].get(action)
    if entry is None:
        return None
    return Contract(action, _fields(entry["q"]), entry["r"], bool(entry.get("d")))


def actions(product: str) -> list[str]:
    return list(_source()[product])
