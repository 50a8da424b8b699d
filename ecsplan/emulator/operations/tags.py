"""Tags and resource groups of everything that can have them, in both products."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations import taggable
from ecsplan.emulator.operations._inheritance import inherit
from ecsplan.emulator.operations.key_pairs import place
from ecsplan.emulator.paging import newest_first, read_token, write_token
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

MAX_TAGS = 20
ROWS_PER_PAGE = 50
ALIASES = {"volume": "disk"}
GROUPED = {"bandwidthpackage": "bandwidthpackage"}  # what MoveResourceGroup alone calls so


def kind_of(call: Call) -> str:
    given = str(call.need("ResourceType")).lower()
    kind = taggable().get((call.product, ALIASES.get(given, given)))
    if kind is None:
        raise invalid("ResourceType", code="InvalidResourceType.NotFound")
    return kind


def id_of(call: Call, kind: str, id_: str) -> str:
    return place(call.region, id_) if kind == "keypair" else id_


def shown_id(thing: Thing) -> str:
    return str(thing["KeyName"]) if thing.kind == "keypair" else thing.id


def _targets(call: Call, kind: str) -> list[Thing]:
    """All of them exist, or nothing is done."""
    things = []
    for id_ in call.many("ResourceId", 50):
        thing = call.find(kind, id_of(call, kind, id_))
        if thing is None:
            raise not_found("InvalidResourceId.NotFound", "ResourceId", id_)
        things.append(thing)
    return things


def tag_resources(call: Call) -> Body:
    """Overwrites the keys that are there, keeps the others."""
    tags = call.tags()
    for thing in _targets(call, kind_of(call)):
        merged = {**thing.tags, **tags}
        if len(merged) > MAX_TAGS:
            raise Refusal(400, "OperationDenied.QuotaExceed", f"At most {MAX_TAGS} tags: {shown_id(thing)}.")
        call.account.set_tags(thing, merged)
        inherit(call, thing if thing.kind == "instance" else None)
    return {}


def untag_resources(call: Call) -> Body:
    keys = call.many("TagKey", 20)
    if not keys and not call.get("All"):
        raise missing("TagKey")
    for thing in _targets(call, kind_of(call)):
        kept = {} if not keys else {key: value for key, value in thing.tags.items() if key not in keys}
        if len(kept) != len(thing.tags):
            call.account.set_tags(thing, kept)
    return {}


def list_tag_resources(call: Call) -> Body:
    """One row a tag; pages end between things or within one."""
    kind, pairs = kind_of(call), call.params.get("Tag") or []
    ids = call.many("ResourceId", 50)
    if not ids and not pairs and not call.get("TagFilter"):
        raise missing("ResourceId")
    if ids:
        things = [t for t in (call.find(kind, id_of(call, kind, id_)) for id_ in ids) if t is not None]
    else:
        things = call.candidates(kind)
    wanted = [(pair.get("Key", ""), pair.get("Value")) for pair in pairs]
    if any(not key for key, _ in wanted):
        raise missing("Tag.1.Key")
    size = min(max(call.get("MaxResults", ROWS_PER_PAGE), 1), ROWS_PER_PAGE)
    start = read_token(call.get("NextToken")) or 0
    # Only the rows of this page are made: an account may have a hundred thousand.
    rows = list(islice(_rows(call, newest_first(things), wanted), start, start + size + 1))
    type_ = call.get("ResourceType")
    page = [
        {"ResourceId": id_, "ResourceType": type_, "TagKey": key, "TagValue": value} for id_, key, value in rows[:size]
    ]
    more = write_token(start + size) if len(rows) > size else ""
    return {"TagResources": {"TagResource": page}, "NextToken": more}


def _rows(call: Call, things: Iterable[Thing], wanted: list[tuple[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Every tag of each thing that carries all wanted pairs and fits all filters."""
    filters = call.many("TagFilter", 5)
    for thing in things:
        tags = call.sight.tags(thing)
        if all(key in tags and (value in (None, "") or tags[key] == value) for key, value in wanted) and all(
            _fits(tags, one) for one in filters
        ):
            shown = shown_id(thing)
            for key, value in tags.items():
                yield shown, key, value


def _fits(tags: Mapping[str, str], given: Mapping[str, Any]) -> bool:
    """`TagFilter.N`: a key and values that may hold `*`."""
    values = given.get("TagValues") or ["*"]
    return any(
        fnmatchcase(key, given.get("TagKey", "")) and any(fnmatchcase(value, pattern) for pattern in values)
        for key, value in tags.items()
    )


def _move(call: Call, group: str) -> Body:
    kind = GROUPED.get(str(call.need("ResourceType")).lower()) or kind_of(call)
    id_ = call.need("ResourceId")
    thing = call.require(kind, id_of(call, kind, id_), "InvalidResourceId.NotFound", "ResourceId")
    call.account.change(thing, ResourceGroupId=group)
    return {}


ECS = {
    "TagResources": tag_resources,
    "UntagResources": untag_resources,
    "ListTagResources": list_tag_resources,
    "JoinResourceGroup": lambda call: _move(call, call.get("ResourceGroupId", "")),
}
VPC = {
    "TagResources": tag_resources,
    "UnTagResources": untag_resources,
    "ListTagResources": list_tag_resources,
    "MoveResourceGroup": lambda call: _move(call, call.need("NewResourceGroupId")),
}
