"""One request as an operation sees it: typed parameters, the account, the clock, and what operations have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ecsplan.emulator import catalogue, limits
from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.clock import parse_time
from ecsplan.emulator.credentials import DEFAULT, Credential
from ecsplan.emulator.lags import Lags
from ecsplan.emulator.lifecycle import Lifecycle
from ecsplan.emulator.protocol import json_list
from ecsplan.emulator.settings import Settings
from ecsplan.emulator.sight import Sight, SoldOut
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

Body = dict[str, Any]
SYSTEM_TAGS = ("aliyun", "acs:")
TAG_FILTER_LIMIT = 1000


@dataclass(slots=True)
class Call:
    """`params` holds what the request gave, by the types of the API's contract; nothing else is in it."""

    product: str
    action: str
    params: Mapping[str, Any]
    account: Account
    lifecycle: Lifecycle
    now: float
    settle: float
    host_region: str = ""
    credential: Credential = DEFAULT
    quotas: Mapping[str, int] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    lags: Lags | None = None
    sight: Sight = field(default_factory=Sight)
    sold_out: SoldOut = field(default_factory=SoldOut)
    unwell: tuple[Mapping[str, Any], ...] = ()
    partial: int | None = None
    page_shift: int = 0
    home: str = ""
    log: Callable[[], list[dict[str, Any]]] = list  # of the calls before this one

    # Parameters

    def get(self, name: str, default: Any = None) -> Any:
        """An empty string counts as not given, as the service has it in filters and creates."""
        value = self.params.get(name)
        return default if value is None or value == "" else value

    def need(self, name: str) -> Any:
        value = self.get(name)
        if value is None or value == []:
            raise missing(name)
        return value

    def choice(self, name: str, *allowed: str, default: str | None = None) -> Any:
        """One of the words that the API lists; the comparison is exact."""
        value = self.get(name, default)
        if value is not None and value not in allowed:
            raise invalid(name, f"It is one of: {', '.join(allowed)}.", f"Invalid{name}.ValueNotSupported")
        return value

    def ids(self, name: str, limit: int = 100) -> list[str] | None:
        """A JSON array in one string; None when it was not given, and an empty array is a filter that finds nothing."""
        text = self.get(name)
        return None if text is None else list(dict.fromkeys(json_list(text, name, limit)))

    def commas(self, name: str, limit: int) -> list[str] | None:
        text = self.get(name)
        if text is None:
            return None
        values = [part.strip() for part in text.split(",") if part.strip()]
        if len(values) > limit:
            raise invalid(name, f"It holds at most {limit} items.")
        return values

    def many(self, name: str, limit: int) -> list[Any]:
        """A repeated parameter; too many is an error, not a cut."""
        values = self.params.get(name) or []
        if len(values) > limit:
            raise invalid(name, f"It holds at most {limit} items.", f"InvalidParameter.{name}")
        return list(values)

    def number(self, name: str, low: int, high: int, default: Any = None, code: str = "InvalidParameter") -> Any:
        value = self.get(name, default)
        if value is not None and not low <= int(value) <= high:
            raise invalid(name, f"It is from {low} to {high}.", code)
        return value

    # Where

    @property
    def region(self) -> str:
        """`RegionId`, else the region of the host name, else that of the object that the call is about."""
        region = self.get("RegionId") or self.get("regionId") or self.host_region or self.home
        if not region:
            raise missing("RegionId")
        if not catalogue.is_region(region):
            raise not_found("InvalidRegionId.NotFound", "RegionId", region)
        return str(region)

    def zone(self, name: str = "ZoneId") -> str | None:
        zone = self.get(name)
        if zone is not None and zone not in catalogue.zones(self.region):
            raise not_found("InvalidZoneId.NotFound", "ZoneId", zone)
        return None if zone is None else str(zone)

    # Things

    def find(self, kind: str, id_: str | None) -> Thing | None:
        """In the call's region if it names one; an object that is not visible yet is not found."""
        thing = self.account.get(kind, id_) if id_ else None
        if thing is None or not self.sight.shows(thing):
            return None
        named = self.get("RegionId") or self.get("regionId")
        if named and thing.region != named:
            return None
        self.home = self.home or thing.region
        return thing

    def require(self, kind: str, id_: str | None, code: str, what: str = "resource") -> Thing:
        thing = self.find(kind, id_)
        if thing is None:
            raise not_found(code, what, str(id_))
        return thing

    def listed(self, kind: str) -> list[Thing]:
        """Everything of a kind in the region, as this caller may see it."""
        things = self.account.in_region(kind, self.region)
        if self.sight.hides is None and (self.lags is None or not self.lags.unlists):
            return list(things)
        return [thing for thing in things if self._lists(thing)]

    def listed_by(self, kind: str, ids: Iterable[str]) -> list[Thing]:
        region = self.region
        found = (self.account.get(kind, id_) for id_ in dict.fromkeys(ids))
        return [t for t in found if t is not None and t.region == region and self.sight.shows(t)]

    def _lists(self, thing: Thing) -> bool:
        return self.sight.shows(thing) and (self.lags is None or self.lags.lists(thing, self.now))

    def seen(self, thing: Thing) -> Thing:
        """As a read shows it: with what lags as it was."""
        return thing if self.lags is None else self.lags.seen(thing, self.now)

    def lagging(self, thing: Thing, what: str) -> bool:
        return self.lags is not None and self.lags.lagging(thing, what, self.now)

    def in_settle(self, thing: Thing, then: str = "", share: float = 1.0, **values: Any) -> None:
        """Schedules what comes after the settling time (or a part of it)."""
        self.lifecycle.schedule(thing, self.now + self.settle * share, then, **values)

    def check_quota(self, key: str, used: int, code: str, wanted: int = 1) -> None:
        limit = self.quotas.get(key, catalogue.quota(key))
        if limit is not None and used + wanted > limit:
            raise Refusal(400, code, f"The maximum number of {key.replace('_', ' ')} is exceeded: {limit}.")

    # Tags

    def tags(self, name: str = "Tag") -> dict[str, str]:
        """The tags of a create or TagResources, checked by the service's rules."""
        return check_tags(self.params.get(name) or [], self.product)

    def matching_tags(self, things: list[Thing], name: str = "Tag") -> list[Thing]:
        """Those that carry every given pair; a pair without value matches any."""
        wanted = self.params.get(name) or []
        if not wanted:
            return things
        pairs = [(p.get("Key") or p.get("key") or "", p.get("Value", p.get("value"))) for p in wanted]
        found = [t for t in things if all(self._has_tag(t, key, value) for key, value in pairs)]
        return self.limited(found)

    def _has_tag(self, thing: Thing, key: str, value: str | None) -> bool:
        tags = self.sight.tags(thing)
        return key in tags and (value in (None, "") or tags[key] == value)

    def candidates(self, kind: str, name: str = "Tag") -> list[Thing]:
        """The things worth looking at: through the tag index when a tag filter is there, else all."""
        wanted = self.params.get(name) or []
        if wanted and not self.sight.bends_tags:
            pair = wanted[0]
            key, value = pair.get("Key") or pair.get("key"), pair.get("Value", pair.get("value"))
            if key:
                found = self.account.tagged(kind, self.region, key, value or None)
                return [thing for thing in found if self._lists(thing)]
        return self.listed(kind)

    def limited(self, things: list[Thing]) -> list[Thing]:
        """ECS finds at most 1,000 resources through a tag or resource group filter, and does not say so."""
        if self.product == "ecs" and len(things) > TAG_FILTER_LIMIT:
            return sorted(things, key=lambda t: -t.seq)[:TAG_FILTER_LIMIT]
        return things

    def filtered(self, things: list[Thing], **fields: str) -> list[Thing]:
        """Keeps what equals each given parameter: `filtered(things, VpcId="VpcId")`, parameter to field."""
        for parameter, name in fields.items():
            value = self.get(parameter)
            if value is not None:
                things = [thing for thing in things if thing.data.get(name) == value]
        group = self.get("ResourceGroupId")
        if group is not None:
            things = self.limited([t for t in things if t.data.get("ResourceGroupId", "") == group])
        return things

    def lacking(self, things: list[Thing], *parameters: str) -> list[Thing]:
        """Filters by what nothing here ever has (a lock, a managed service): nothing is left once one is given."""
        return [] if any(self.get(name) not in (None, False) for name in parameters) else things

    def created_between(self, things: list[Thing], field_name: str = "CreationTime") -> list[Thing]:
        """`Filter.N` with CreationStartTime and CreationEndTime."""
        for pair in self.many("Filter", 4):
            moment = parse_time(pair.get("Value") or "")
            sign = {"CreationStartTime": 1, "CreationEndTime": -1}.get(pair.get("Key") or "")
            if sign is None or moment is None:
                raise invalid("Filter", code="InvalidFilterKey.NotFound" if sign is None else "InvalidFilterValue")
            things = [t for t in things if sign * (parse_time(t.data.get(field_name, "")) or 0.0) >= sign * moment]
        return things

    def named(self, things: list[Thing], parameter: str, field_name: str) -> list[Thing]:
        """A name filter with `*` as wildcard."""
        pattern = self.get(parameter)
        if pattern is None:
            return things
        if "*" not in pattern:
            return [thing for thing in things if thing.data.get(field_name) == pattern]
        plain = pattern.replace("[", "[[]").replace("?", "[?]")
        return [thing for thing in things if fnmatchcase(str(thing.data.get(field_name, "")), plain)]


Render = Callable[[Call, Thing], Body]


def check_tags(pairs: Iterable[Mapping[str, Any]], product: str = "ecs") -> dict[str, str]:
    """VPC's documents keep the service's prefixes out of values too."""
    tags: dict[str, str] = {}
    given = list(pairs)
    if len(given) > 20:
        raise Refusal(400, "InvalidParameter.TagNumbers", "At most 20 tags may be given.")
    for pair in given:
        key = pair.get("Key") or pair.get("key") or ""
        value = pair.get("Value", pair.get("value"))
        if value is None:
            raise missing("Tag.1.Value")
        if not key or len(key) > 128 or key.startswith(SYSTEM_TAGS) or "http://" in key or "https://" in key:
            raise Refusal(400, "InvalidTagKey.Malformed", f"The specified Tag.n.Key {key} is not valid.")
        kept_out = product == "vpc" and value.startswith(SYSTEM_TAGS)
        if kept_out or len(value) > 128 or "http://" in value or "https://" in value:
            raise Refusal(400, "InvalidTagValue.Malformed", f"The specified Tag.n.Value {value} is not valid.")
        if key in tags:
            raise Refusal(400, "Duplicate.TagKey", f"The Tag.N.Key {key} is duplicate.")
        tags[key] = value
    return tags


def ecs_tags(thing: Thing) -> Body:
    return {"Tag": [{"TagKey": key, "TagValue": value} for key, value in thing.tags.items()]}


def vpc_tags(thing: Thing) -> Body:
    return {"Tag": [{"Key": key, "Value": value} for key, value in thing.tags.items()]}


def check_name(name: str | None, parameter: str, code: str, rule: str = "") -> str:
    """By the rule of the parameter (limits.py); an empty one counts as not given."""
    if name is None or name == "":
        return ""
    if not limits.NAMES[rule or parameter].fits(name):
        raise invalid(parameter, "Its length or its characters do not fit.", code)
    return name


def check_description(
    text: str | None,
    shortest: int = 2,
    longest: int = 256,
    letter_first: bool = False,
    code: str = "InvalidDescription.Malformed",
) -> str:
    if text is None or text == "":
        return ""
    fits = shortest <= len(text) <= longest and not text.startswith(("http://", "https://"))
    if not fits or (letter_first and not text[0].isalpha()):
        raise invalid("Description", f"It is {shortest} to {longest} characters.", code)
    return text
