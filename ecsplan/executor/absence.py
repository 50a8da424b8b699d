"""The object that an error code reports as missing or unavailable: whether the run has just made it, and what a person
can do. Pure.

Used by outcome.py and run.py. The service names the kind of the thing in the code, in the words of its parameters.
"""

import re
from collections.abc import Iterable

from msgspec import Struct

from ecsplan.model.address import Ref

_CATALOG = "ecsplan catalog {} lists what there is; change it, then plan again"


class Noun(Struct, frozen=True):
    """A word of a code. `kinds` are the resources that are such a thing, or have one as a part: none where no stack
    makes one. `attributes` are what a file calls it."""

    pattern: str
    kinds: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    remedy: str = ""


# The first that fits counts: longer words come before those that they hold.
NOUNS = (
    Noun(r"imagefamily", (), ("image",), "no image of this family can be had here: " + _CATALOG.format("images")),
    Noun(r"instancetype", (), ("instance_type",), "no such type can be had here: " + _CATALOG.format("instance-types")),
    Noun(r"diskcategory", (), ("category",), "no such category can be had here: " + _CATALOG.format("disk-categories")),
    Noun(r"(auto)?snapshotpolicy", ("auto_snapshot_policy",), ("snapshot_policy",)),
    Noun(r"resourcegroup", (), ("resource_group",)),
    Noun(r"securitygroup|(source|dest)group", ("security_group",), ("security_groups", "security_group")),
    Noun(r"networkinterface|eni", ("network_interface", "instance.part"), ("network_interfaces",)),
    Noun(r"vswitch", ("vswitch",), ("vswitch",)),
    Noun(r"vpc", ("vpc",), ("vpc",)),
    Noun(r"keypair", ("key_pair",), ("key_pair",)),
    Noun(r"allocation|eip", ("eip",), ("eip",)),
    Noun(r"snapshot", ("snapshot",), ("snapshot",)),
    Noun(r"disk|volume", ("disk", "instance.part"), ("disk", "data_disks")),
    Noun(r"image", ("image",), ("image",), "no such image can be had here: " + _CATALOG.format("images")),
    Noun(r"instance|ecs", ("instance",), ("instance",)),
    Noun(r"zone", (), ("zone",), "there is no such zone here: " + _CATALOG.format("zones")),
    Noun(r"region", (), (), "there is no such region: " + _CATALOG.format("regions")),
    Noun(r"ramrole|role", (), ("ram_role",), "the account has no such RAM role: create it, or change its name"),
    Noun(r"prefixlist", (), ("ingress", "egress")),
    Noun(r"deploymentset", (), ("deployment_set",)),
    Noun(r"kms", (), ("kms_key",), "there is no such key in KMS: change it, then plan again"),
)


_MISSING = re.compile(r"notfound|notexist|\.(value|zone)?notsupported")


def noun_of(code: str) -> Noun | None:
    """What a code speaks of that says that something is not there, or not to be had; None where it says neither."""
    told = code.lower()
    return next((noun for noun in NOUNS if _MISSING.search(told) and re.search(noun.pattern, told)), None)


def place_of(code: str, sources: Iterable[str]) -> str:
    """Which of the declared attributes (`system_disk.category`) the code speaks of; nothing where none fits."""
    noun = noun_of(code)
    wanted = noun.attributes if noun else ()
    return next((name for name in sources if name in wanted or name.rpartition(".")[2] in wanted), "")


def may_be_unseen(code: str, refs: Iterable[Ref]) -> bool:
    """Whether what is said not to be there may be one of the things that the run has made, which `refs` name.

    An id of the file's own, a zone or a family of images does not come with time.
    """
    kinds = {ref.address.kind if ref.attribute == "id" else f"{ref.address.kind}.part" for ref in refs}
    noun = noun_of(code)
    return bool(kinds) if noun is None else not kinds.isdisjoint(noun.kinds)
