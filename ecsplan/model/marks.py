"""The marks on a live object: tags that say which stack and address it is, and what is to be known of it.

A key names the kind of the object that carries it (`ecsplan:disk`): a rule of the Tag service copies an instance's
tags over equal keys of its disks, interfaces and EIPs, and cannot reach a mark of their own. Earlier versions wrote the
same keys on all kinds (`ecsplan:address`); those are read where there is no mark of the object's own kind. Marks are
claims, not proof. Whatever cannot be read is unknown, never an error.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address, Part, Place, Span, parse_place
from ecsplan.model.algebra import Value, Values
from ecsplan.model.resource import Lifecycle, Owner

PREFIX = "ecsplan:"
SYSTEM_PREFIXES = ("aliyun", "acs:", "http://", "https://", PREFIX)
LONGEST = 128  # characters of a tag's value

MOST_ON_AN_OBJECT = 20  # tags that the services take
_USUAL = Lifecycle()

# Names of marks: the key is `ecsplan:KIND:NAME`, that of the owner `ecsplan:KIND` alone.
OWNER = ""
APPLIED = "applied"
APPLIED_MORE = "applied2"
APPLIED_LAST = "applied3"
OPEN = "open"  # what of the record a run has begun to change; gone when it is done
SECRETS = "secrets"  # the versions, in the format of the record before this one
RETIRED = "retired"
PROTECTED = "protected"
MEMBERS = "members"  # which of a batch has which number
SAFETY = "snapshot"  # for how many days a snapshot is kept that is taken before it goes
RESTART = "restart"  # it ran before a change stopped it, and is to run again

# What earlier versions wrote, whatever the kind: each of the names above, and these.
_OLD_NAMES = (APPLIED, APPLIED_MORE, SECRETS, RETIRED, PROTECTED, RESTART)
_OLD_STACK, _OLD_ADDRESS, _OLD_SLOT, _OLD_PART_OF = (PREFIX + name for name in ("stack", "address", "slot", "part-of"))
OLD_KEYS = frozenset({_OLD_STACK, _OLD_ADDRESS, _OLD_SLOT, _OLD_PART_OF, *(PREFIX + name for name in _OLD_NAMES)})
_OLD_SLOTS = {"disk": "data_disks", "network_interface": "network_interfaces"}
OLD_RESTART = PREFIX + RESTART
SNAPSHOTS = "snapshots"  # of an image: parts of it, by the image's id

TABLE = 50  # members of a batch whose table fits a tag, and one call of TagResources
_SIGNS = 2
_TABLE = re.compile(r"(?P<first>[0-9]{1,9}):(?P<salt>[0-9]{1,5}):(?P<hashes>(?:[A-Za-z0-9_-]{2})+)\Z")


class Marks(Struct, frozen=True):
    """What the marks of one object say. `named` are their texts by name; `is_own`: they are those of its own kind."""

    owner: Owner | None
    named: Mapping[str, str]
    is_own: bool = True

    def __contains__(self, name: str) -> bool:
        return name in self.named


NONE = Marks(None, {})


def marks_at_most(lifecycle: Lifecycle = _USUAL) -> int:
    """How many tags ours may be: the owner, two of what was applied, one in passing, and what outlives the block."""
    return 4 + int(lifecycle.prevent_destroy) + bool(lifecycle.safety_mark)


def key_of(kind: str, name: str = OWNER) -> str:
    return f"{PREFIX}{kind}:{name}" if name else PREFIX + kind


def read_tags(raw: Any) -> dict[str, str]:
    """Tags as a mapping, whichever of the services' two spellings they come in."""
    found = {}
    for tag in raw or ():
        name = tag.get("TagKey", tag.get("Key"))
        if name is not None:
            found[str(name)] = str(tag.get("TagValue", tag.get("Value")) or "")
    return found


def read_marks(tags: Mapping[str, str], kind: str, born_with: str = "") -> Marks:
    """The marks that count for an object of a kind: its own, else older ones, else those that it was born with.

    `born_with` is the kind whose create call tags objects of this one too.
    """
    if not any(name.startswith(PREFIX) for name in tags):
        return NONE
    if key_of(kind) in tags:
        return _marks(tags, kind)
    if born_with and key_of(born_with) in tags:
        return _marks(tags, born_with, is_own=False)
    return _old(tags, kind)


def _marks(tags: Mapping[str, str], kind: str, *, is_own: bool = True) -> Marks:
    return Marks(read_owner(tags[key_of(kind)]), _named(tags, kind), is_own)


def _named(tags: Mapping[str, str], kind: str) -> dict[str, str]:
    start = key_of(kind) + ":"
    return {name.removeprefix(start): text for name, text in tags.items() if name.startswith(start)}


@lru_cache(1 << 14)  # a batch, its disks and its interfaces all carry the same text
def read_owner(text: str) -> Owner | None:
    """The owner that a mark spells; None for what is no such text."""
    stack, _, spelled = text.partition("/")
    if not stack or not spelled:
        return None
    try:
        place = parse_place(spelled)
    except ValueError:
        return None
    return owner_of(stack, place)


def owner_of(stack: str, place: Place) -> Owner:
    if isinstance(place, Part):
        return Owner(stack, place.owner, part=place)
    if isinstance(place, Span):
        return Owner(stack, place.group, span=place)
    return Owner(stack, place)


def _old(tags: Mapping[str, str], kind: str) -> Marks:
    """One key served all kinds: on a disk, the address of an instance is that of what it was born with.

    A flag may be of today: a machine is marked before it is stopped, and its owner is written anew in the end.
    """
    stack, spelled = tags.get(_OLD_STACK), tags.get(_OLD_ADDRESS)
    if not stack or not spelled:
        return NONE
    try:
        address = Address.parse(spelled)
    except ValueError:
        return NONE
    named = {name: tags[PREFIX + name] for name in _OLD_NAMES if PREFIX + name in tags} | _named(tags, kind)
    part = None
    if address.kind != kind:
        if tags.get(_OLD_PART_OF):
            part = Part(address, SNAPSHOTS, tags[_OLD_PART_OF])
        elif tags.get(_OLD_SLOT) and kind in _OLD_SLOTS:
            part = Part(address, _OLD_SLOTS[kind], tags[_OLD_SLOT])
    return Marks(Owner(stack, address, part), named, is_own=address.kind == kind or part is not None)


def mark(stack: str, place: Place) -> str:
    """The text of the owner's mark."""
    return f"{stack}/{place}"


def pairs(tags: Values) -> list[dict[str, Value]]:
    """Tags as TagResources and the create calls take them."""
    return [{"Key": name, "Value": text} for name, text in tags.items()]


def owner_tag(kind: str, stack: str, place: Place) -> list[dict[str, Value]]:
    """The mark of an object that is made, or changes its owner."""
    return pairs({key_of(kind): mark(stack, place)})


def spanning(tags: Iterable[Mapping[str, str]], kind: str, span: Span) -> list[dict[str, Value]]:
    """The tags of one member's create call as those of its whole batch."""
    found = {tag["Key"]: tag["Value"] for tag in tags}
    stack = found[key_of(kind)].partition("/")[0]
    return pairs(found | {key_of(kind): mark(stack, span)})


def user_tags(tags: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What people tagged: neither the service's tags nor ours."""
    return tuple(sorted((k, v) for k, v in tags.items() if not k.startswith(SYSTEM_PREFIXES)))


def birth_marks(kind: str, params: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Whose a new object is to be, as its create call says."""
    keys = (key_of(kind), _OLD_STACK, _OLD_ADDRESS)  # a journal may be of an earlier version
    tags: Iterable[Mapping[str, str]] = params.get("TemplateTag") or params.get("Tag") or ()
    return {(tag["Key"], tag["Value"]) for tag in tags if tag["Key"] in keys}


def members_table(ids: Sequence[str], first: int) -> str:
    """Which ids, in the order of their numbers, the members of a batch have: `FIRST:SALT:HASHES`, two signs an id.

    At most TABLE of them fit. The salt is the first by which no two of them look alike.
    """
    for salt in range(1 << 16):
        hashes = [_short_hash(salt, one) for one in ids]
        if len(set(hashes)) == len(hashes):
            return f"{first}:{salt}:{''.join(hashes)}"
    raise ValueError(f"no salt tells {len(ids)} ids apart")


def number_in_table(text: str, object_id: str) -> int | None:
    """The number of an id in its batch; None where the table has none, or cannot be read."""
    found = _TABLE.match(text)
    if found is None:
        return None
    hashes, own = found["hashes"], _short_hash(int(found["salt"]), object_id)
    places = [at for at in range(0, len(hashes) - 1, _SIGNS) if hashes[at : at + _SIGNS] == own]
    return int(found["first"]) + places[0] // _SIGNS if len(places) == 1 else None


def _short_hash(salt: int, object_id: str) -> str:
    digest = hashlib.sha256(f"{salt}:{object_id}".encode()).digest()
    return urlsafe_b64encode(digest)[:_SIGNS].decode()
