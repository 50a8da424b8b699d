"""The machines of a stack as the inventories of other tools: Ansible, OpenSSH, Prometheus, and CSV.

Names are made of addresses (`instance.web[0]` is `web-0`), groups of blocks, zones, statuses and tags. What stands
in a tag is anybody's text: it is written so that no tool takes it for a template, a line or an option.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import yaml
from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.marks import SYSTEM_PREFIXES
from ecsplan.model.resource import LiveObject
from ecsplan.render.table import csv_text

Network = Literal["private", "public"]
COLUMNS = ("host", "address", "id", "status", "private_ip", "public_ip", "zone", "instance_type")


class Host(Struct, frozen=True):
    """One machine. `host` is its name for other tools; `group` that of the block with count or for_each it is in."""

    host: str
    group: str
    address: str
    id: str
    status: str
    private_ip: str
    public_ip: str
    zone: str
    instance_type: str
    tags: Mapping[str, str]

    def reached_by(self, network: Network) -> str:
        """Its address in a network; empty where it has none there."""
        return self.private_ip if network == "private" else self.public_ip


def hosts_of(objects: Iterable[tuple[Address, LiveObject]]) -> tuple[Host, ...]:
    """The machines among the objects of a stack, by address, without those that others replace."""
    found = sorted(objects, key=lambda pair: (pair[0], pair[1].id))
    hosts: list[Host] = []
    taken: set[str] = set()
    for address, obj in found:
        if obj.kind == "instance" and not obj.retired:
            host = _host_name(address, obj, taken)
            taken.add(host)
            hosts.append(_host(host, address, obj))
    return tuple(hosts)


def _host_name(address: Address, obj: LiveObject, taken: set[str]) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", str(address).partition(".")[2]).strip("-.") or obj.id
    return f"{name}-{obj.id}" if name in taken else name


def _host(host: str, address: Address, obj: LiveObject) -> Host:
    def told(name: str) -> str:
        return str(obj.attributes.get(name) or "")

    return Host(
        host=host,
        group="" if address.key is None else address.name,
        address=str(address),
        id=obj.id,
        status=obj.status,
        private_ip=told("private_ip"),
        public_ip=told("elastic_ip") or told("public_ip"),
        zone=told("zone"),
        instance_type=told("instance_type"),
        tags={name: value for name, value in obj.tags.items() if not name.startswith(SYSTEM_PREFIXES)},
    )


def hosts_csv(hosts: Iterable[Host]) -> str:
    return csv_text(COLUMNS, ([getattr(host, name) for name in COLUMNS] for host in hosts))


class _Unsafe(str):
    """Text that Ansible does not take for a template."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write_unsafe(dumper: yaml.SafeDumper, text: _Unsafe) -> yaml.ScalarNode:
    return dumper.represent_scalar("!unsafe", str(text), style='"')


_Dumper.add_representer(_Unsafe, _write_unsafe)


def ansible_inventory(hosts: Sequence[Host], network: Network) -> str:
    """A static inventory in YAML for `ansible -i FILE`.

    Groups: each block with count or for_each by its name, `zone_*`, `status_*`, `tag_NAME_VALUE`.
    Source: Ansible's YAML inventory plugin.
    """
    groups: dict[str, dict[str, None]] = {}
    for host in hosts:
        for group in _groups(host):
            groups.setdefault(group, {})[host.host] = None
    tree = {
        "all": {
            "hosts": {host.host: _ansible_variables(host, network) for host in hosts},
            "children": {name: {"hosts": members} for name, members in sorted(groups.items())},
        }
    }
    return yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _groups(host: Host) -> Iterable[str]:
    named = (("zone_", host.zone), ("status_", host.status), ("", host.group))
    yield from (_identifier(prefix + value) for prefix, value in named if value)
    yield from (_identifier(f"tag_{name}_{value}") for name, value in sorted(host.tags.items()))


def _identifier(text: str) -> str:
    """A group's name, of letters, digits and `_`; one that another tool reserves gets a `_`."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_").lower() or "group"
    return f"{name}_" if name in ("all", "ungrouped") or name[0].isdigit() else name


def _ansible_variables(host: Host, network: Network) -> dict[str, Any]:
    found = {
        "ansible_host": host.reached_by(network),
        "ecsplan_address": host.address,
        "ecsplan_id": host.id,
        "ecsplan_status": host.status,
        "ecsplan_zone": host.zone,
        "ecsplan_instance_type": host.instance_type,
        "ecsplan_private_ip": host.private_ip,
        "ecsplan_public_ip": host.public_ip,
    }
    tags = {_Unsafe(name): _Unsafe(value) for name, value in sorted(host.tags.items())}
    return {name: _Unsafe(value) for name, value in found.items() if value} | ({"ecsplan_tags": tags} if tags else {})


def ssh_config(hosts: Iterable[Host], network: Network) -> str:
    """Lines for `Include` in `~/.ssh/config`. Keys are remembered by machine id: a new machine has a new key."""
    return "\n".join(
        f"# {host.address}, {host.id}\n"
        f"Host {host.host}\n    HostName {host.reached_by(network)}\n    HostKeyAlias {host.id}\n"
        for host in hosts
    )


def prometheus_targets(hosts: Iterable[Host], network: Network, port: int) -> str:
    """Targets for `file_sd_configs`; what is known of each is a `__meta_ecsplan_*` label, to relabel by."""
    return (
        json.dumps(
            [{"targets": [f"{host.reached_by(network)}:{port}"], "labels": dict(_labels(host))} for host in hosts],
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
    )


def _labels(host: Host) -> Iterable[tuple[str, str]]:
    names = {"host": host.host, "group": host.group, "address": host.address, "instance_id": host.id}
    more = {"status": host.status, "zone": host.zone, "instance_type": host.instance_type}
    yield from ((f"__meta_ecsplan_{name}", value) for name, value in {**names, **more}.items())
    for name, value in sorted(host.tags.items()):
        yield f"__meta_ecsplan_tag_{re.sub(r'[^A-Za-z0-9_]', '_', name)}", value
