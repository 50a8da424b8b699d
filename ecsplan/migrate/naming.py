"""Blocks named after those of another tool: `module.net.alicloud_vswitch.app[0]` is `net_app[0]`. Pure."""

import hashlib
from collections.abc import Mapping

from ecsplan.migrate.sorting import Target
from ecsplan.model.address import Address
from ecsplan.model.copying import replace
from ecsplan.model.export import Called
from ecsplan.model.migration import Entry

LONGEST = 60  # of a block's name
LONGEST_MARK = 120  # of STACK/ADDRESS in a tag


def called(objects: Mapping[Target, Entry], stack: str) -> dict[Target, Called]:
    found = {target: Called(_block(entry), entry.key) for target, entry in objects.items()}
    too_long = {
        (target[0], one.name)
        for target, one in found.items()
        if isinstance(one.key, str) and len(f"{stack}/{Address(target[0], one.name, one.key)}") > LONGEST_MARK
    }
    return {
        target: _alone(one) if (target[0], one.name) in too_long else one for target, one in found.items()
    }  # fmt: skip


def _block(entry: Entry) -> str:
    steps = [part for name, key in entry.path for part in ((name,) if key is None else (name, str(key)))]
    return shortened("_".join([*steps, entry.logical]))


def _alone(one: Called) -> Called:
    """A member whose key does not fit into a tag: a block of its own."""
    return replace(one, name=shortened(f"{one.name}_{one.key}"), key=None)


def shortened(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 7]}_{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"
