"""The old tag actions of ECS, and the key lists of VPC."""

from __future__ import annotations

from collections import Counter

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations import taggable
from ecsplan.emulator.operations.tags import MAX_TAGS, id_of, kind_of, shown_id
from ecsplan.emulator.paging import newest_first, read_token, write_token
from ecsplan.emulator.wire import Refusal, invalid

COUNTS = {"instance": "Instance", "disk": "Disk", "image": "Image", "snapshot": "Snapshot", "eni": "Eni",
          "securitygroup": "Securitygroup", "keypair": "KeyPair", "snapshotpolicy": "SnapshotPolicy",
          "launchtemplate": "LaunchTemplate"}  # fmt: skip


def _target(call: Call) -> Thing:
    kind = kind_of(call)
    id_ = call.need("ResourceId")
    return call.require(kind, id_of(call, kind, id_), "InvalidResourceId.NotFound", "ResourceId")


def add_tags(call: Call) -> Body:
    thing = _target(call)
    merged = {**thing.tags, **call.tags()}
    if len(merged) > MAX_TAGS:
        raise Refusal(400, "OperationDenied.QuotaExceed", f"At most {MAX_TAGS} tags.")
    call.account.set_tags(thing, merged)
    return {}


def remove_tags(call: Call) -> Body:
    """With a value only that very pair; without pairs all tags go."""
    thing, pairs = _target(call), call.params.get("Tag") or []
    unwanted = [(p.get("Key") or p.get("key"), p.get("Value", p.get("value"))) for p in pairs]
    kept = {
        key: value
        for key, value in thing.tags.items()
        if pairs and not any(key == k and v in (None, "", value) for k, v in unwanted)
    }
    call.account.set_tags(thing, kept)
    return {}


def describe_tags(call: Call) -> Body:
    """Each pair in use, with how many things of each type have it."""
    only = kind_of(call) if call.get("ResourceType") else None
    counts: dict[tuple[str, str], Counter[str]] = {}
    for (product, _), kind in taggable().items():
        if product != "ecs" or only not in (None, kind) or kind not in COUNTS:
            continue
        for thing in call.matching_tags(call.candidates(kind)):
            if call.get("ResourceId") not in (None, shown_id(thing)):
                continue
            for pair in call.sight.tags(thing).items():
                if _is_wanted(call, pair):
                    counts.setdefault(pair, Counter())[COUNTS[kind]] += 1
    rows = [
        {
            "TagKey": key,
            "TagValue": value,
            "ResourceTypeCount": {name: found.get(name, 0) for name in (*COUNTS.values(), "Ddh", "Volume")},
        }
        for (key, value), found in sorted(counts.items())
    ]
    return _numbered(call, "Tags", "Tag", rows)


def _is_wanted(call: Call, pair: tuple[str, str]) -> bool:
    wanted = call.params.get("Tag") or []
    keys = [(p.get("Key") or p.get("key"), p.get("Value", p.get("value"))) for p in wanted]
    return not keys or any(pair[0] == key and value in (None, "", pair[1]) for key, value in keys)


def _numbered(call: Call, outer: str, inner: str, rows: list[Body]) -> Body:
    number, size = call.get("PageNumber", 1), call.get("PageSize", 50)
    if number < 1 or not 1 <= size <= 100:
        raise invalid("PageSize", "It is from 1 to 100.", "InvalidParameter.PageSize")
    page = rows[(number - 1) * size : number * size]
    return {"TotalCount": len(rows), "PageNumber": number, "PageSize": size, outer: {inner: page}}


def describe_resource_by_tags(call: Call) -> Body:
    only = kind_of(call) if call.get("ResourceType") else None
    rows = [
        {"ResourceId": shown_id(thing), "ResourceType": type_, "RegionId": call.region}
        for (product, type_), kind in taggable().items()
        if product == "ecs" and only in (None, kind)
        for thing in newest_first(call.matching_tags(call.candidates(kind)))
        if thing.tags
    ]
    return _numbered(call, "Resources", "Resource", rows)


def _vpc_things(call: Call) -> list[Thing]:
    only = kind_of(call) if call.get("ResourceType") else None
    ids = call.many("ResourceId", 50)
    kinds = [kind for (product, _), kind in taggable().items() if product == "vpc" and only in (None, kind)]
    return [thing for kind in kinds for thing in call.candidates(kind) if not ids or thing.id in ids]


def _by_token(call: Call, outer: str, inner: str, rows: list[Body]) -> Body:
    size, start = min(max(call.get("MaxResult", 50), 1), 50), read_token(call.get("NextToken")) or 0
    body: Body = {outer: {inner: rows[start : start + size]}}
    body["NextToken"] = write_token(start + size) if start + size < len(rows) else ""
    return body


def describe_vpc_tags(call: Call) -> Body:
    pairs = sorted({pair for thing in _vpc_things(call) for pair in thing.tags.items() if _is_wanted(call, pair)})
    return _by_token(call, "TagResources", "TagResource", [{"TagKey": k, "TagValue": v} for k, v in pairs])


def describe_tag_keys(call: Call) -> Body:
    keys = sorted({key for thing in _vpc_things(call) for key in thing.tags if call.get("Keyword", "") in key})
    return _by_token(call, "TagKeys", "TagKey", [{"TagKey": key, "Type": "Custom"} for key in keys])


ECS = {
    "AddTags": add_tags,
    "RemoveTags": remove_tags,
    "DescribeTags": describe_tags,
    "DescribeResourceByTags": describe_resource_by_tags,
}
VPC = {"DescribeTags": describe_vpc_tags, "DescribeTagKeys": describe_tag_keys}
