"""Everything that can be replaced, alone and together with what it is linked to, in both orders.

One stack has every link between two kinds. A case is a pair of linked resources of it, with what these refer to
themselves; what is replaced, by an attribute that cannot change in place where the kind has one, else by --replace;
and which of the two is to create first.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from ecsplan.model.address import Address, Ref
from ecsplan.model.composites import refs_in
from ecsplan.model.copying import replace
from ecsplan.model.resource import Resource
from ecsplan.model.stack import Stack
from tests.survival.stacks import KEY, stack_of
from tests.survival.world import Saved, World

MACHINE = "instance_type: ecs.g7.large, system_disk: {category: cloud_essd, size: 40}, vswitch: app"
LINKED = f"""\
  vpc: {{main: {{cidr_block: 10.0.0.0/16}}}}
  vswitch: {{app: {{vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}}}
  security_group:
    web:
      vpc: main
      ingress: [{{protocol: tcp, ports: 443, security_group: db}}, {{protocol: all, security_group: web}}]
    db: {{vpc: main, ingress: [{{protocol: tcp, ports: 5432, security_group: web}}]}}
  key_pair: {{ops: {{public_key: {KEY}}}}}
  auto_snapshot_policy: {{daily: {{hours: [3], weekdays: [1], retention_days: 7}}}}
  disk:
    data: {{instance: web, zone: cn-hangzhou-h, category: cloud_essd, size: 40, snapshot_policy: daily}}
    copy: {{snapshot: kept, zone: cn-hangzhou-h, category: cloud_essd, size: 40}}
  snapshot: {{kept: {{disk: data}}}}
  image: {{golden: {{instance: web, version: "1"}}}}
  instance:
    web:
      {{{MACHINE}, image: ubuntu_22_04_x64_20G_alibase_20260522.vhd, security_groups: [web], key_pair: ops,
        network_interfaces: {{inside: {{vswitch: app, security_groups: [db]}}}},
        lifecycle: {{on_image_change: replace}}}}
    app:
      {{{MACHINE}, image: golden, security_groups: [db], lifecycle: {{on_image_change: replace}},
        data_disks: {{logs: {{category: cloud_essd, size: 40, snapshot: kept}}}}}}
    row:
      {{{MACHINE}, image: ubuntu_22_04_x64_20G_alibase_20260522.vhd, security_groups: [web], count: 2,
        lifecycle: {{on_image_change: replace}}}}
  network_interface:
    plugged: {{vswitch: app, security_groups: [web], instance: web}}
    loose: {{vswitch: app, security_groups: [web]}}
  eip:
    front: {{bandwidth: 5, charge_type: PayByTraffic, instance: web}}
    back: {{bandwidth: 5, charge_type: PayByTraffic, instance: loose}}
"""
OTHER: dict[str, tuple[str, Any]] = {
    "vswitch": ("cidr_block", "10.0.3.0/24"),
    "key_pair": ("public_key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID/EzP50WHDiwNmfcfMP8GVsje3UHMHX09N2sNvmheLz"),
    "instance": ("image", "ubuntu_24_04_x64_20G_alibase_20260916.vhd"),
    "image": ("version", "2"),
    "disk": ("encrypted", True),
    "network_interface": ("primary_ip", "10.0.1.77"),
    "eip": ("charge_type", "PayByBandwidth"),
}
"""An attribute that cannot change in place, and another value for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """`before` is what stands there, `after` what is applied then, with `replaces` on the command line.

    What stands there is the same for all of one `base`: in which order things are replaced is written nowhere.
    """

    name: str
    base: str
    before: Stack
    after: Stack
    replaces: tuple[str, ...]
    changed: tuple[Address, ...]

    def __str__(self) -> str:
        return self.name


@cache
def whole() -> Stack:
    return stack_of(LINKED)


def links() -> list[tuple[Address, Address]]:
    """What refers to what, a member of a group for all of them."""
    found = {
        (resource.address, ref.address)
        for resource in whole().resources
        for value in resource.attributes.values()
        for ref in refs_in(value)
        if ref.address != resource.address and resource.address.key in (None, 0)
    }
    return sorted(found)


def ways() -> Iterator[Way]:
    for holder, held in links():
        for replaced in ((holder,), (held,), (holder, held)):
            for first in ((), (holder,), (held,), (holder, held)):
                for by_value in (False, True):
                    if not by_value or all(address.kind in OTHER for address in replaced):
                        yield _way(holder, held, replaced, first, by_value)


def _way(
    holder: Address, held: Address, replaced: tuple[Address, ...], first: tuple[Address, ...], by_value: bool
) -> Way:
    part = _around(holder, held)
    groups = {address.group for address in first}
    stack = replace(whole(), resources=tuple(_ordered(r, r.address.group in groups) for r in part))
    how = "by value" if by_value else "by --replace"
    base = f"{holder} on {held}"
    told = f"{base}: {', '.join(map(str, replaced))} {how}"
    name = told + (f", {', '.join(map(str, first))} first" if first else "")
    changed = {address.group for address in replaced}
    if not by_value:
        return Way(name, base, stack, stack, tuple(sorted(map(str, changed))), replaced)
    other = tuple(_changed(r, changed) if r.address.group in changed else r for r in stack.resources)
    return Way(name, base, stack, replace(stack, resources=other), (), replaced)


def _around(*addresses: Address) -> list[Resource]:
    """Some resources, whole groups of them, with all that they refer to."""
    declared = whole().by_address()
    found: set[Address] = set()
    todo = [member for address in addresses for member in declared if member.group == address.group]
    while todo:
        address = todo.pop()
        if address not in found:
            found.add(address)
            todo += [ref.address for value in declared[address].attributes.values() for ref in refs_in(value)]
    return [resource for resource in whole().resources if resource.address in found]


def _ordered(resource: Resource, create_first: bool) -> Resource:
    return replace(resource, lifecycle=replace(resource.lifecycle, create_before_destroy=create_first))


def _changed(resource: Resource, changed: Collection[Address]) -> Resource:
    """With the other value; an address lies in the range that its vSwitch has then."""
    name, value = OTHER[resource.address.kind]
    if name == "primary_ip" and Address("vswitch", "app") in changed:
        value = "10.0.3.77"
    return replace(resource, attributes={**resource.attributes, name: value})


def renamed(stack: Stack, old: Address) -> Stack:
    """The stack with one block, or all members of one, under another name, here and in what refers to it."""
    return replace(stack, resources=tuple(_renamed(resource, old) for resource in stack.resources))


def _renamed(resource: Resource, old: Address) -> Resource:
    attributes = {name: _with_new_name(value, old) for name, value in resource.attributes.items()}
    if resource.address.group != old:
        return replace(resource, attributes=attributes)
    name = resource.name.replace(f"-{old.name}", f"-{old.name}-new")
    if "name" in attributes:
        attributes["name"] = name
    return replace(resource, address=_new_name(resource.address), name=name, attributes=attributes)


def _new_name(address: Address) -> Address:
    return replace(address, name=f"{address.name}-new")


def _with_new_name(value: Any, old: Address) -> Any:
    if isinstance(value, Ref):
        return replace(value, address=_new_name(value.address)) if value.address.group == old else value
    return tuple(_with_new_name(item, old) for item in value) if isinstance(value, tuple) else value


WAYS = list(ways())


def before(way: Way) -> Saved:
    """The account in which a way begins."""
    return _built(way.base)


@cache
def _built(base: str) -> Saved:
    way = next(way for way in WAYS if way.base == base)
    with World(seed=1) as world:
        run = world.apply(way.before)
        assert run.is_complete, str(run)
        return world.save()
