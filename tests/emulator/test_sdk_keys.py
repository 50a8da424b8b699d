"""Every built action is driven through the official SDK, and each documented key of its answer is filled, or listed.

`cases/unfilled.json` holds the documented keys that no answer had. It is exact both ways: run this file with
ECSPLAN_REWRITE=1 (and without -n) after keys were added, and review the diff.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ecsplan.emulator import contract, operations

UNFILLED = Path(__file__).parent / "cases" / "unfilled.json"
# The tests of `test_sdk_FAMILY.py` drive every action of these files of operations.
FAMILIES = {
    "assistant": ("assistant", "commands", "invocations"),
    "edges": ("disk_clones", "ha_vips", "ipv6_gateways", "network_acls", "port_range_lists"),
    "hosts": ("dedicated_host_billing", "dedicated_hosts"),
    "images": ("custom_images", "images", "tasks"),
    "instances": (
        "create_instance", "instance_billing", "instance_changes", "instance_network", "instance_options",
        "instance_power", "instance_reads", "instances", "run_instances",
    ),
    "interfaces": ("interface_addresses", "interface_permissions", "network_interfaces", "prefix_lists"),
    "nat": ("nat_entries", "nat_gateways"),
    "network": (
        "bandwidth_packages", "eips", "old_routes", "route_entries", "route_tables", "vpc_details", "vpcs", "vswitches",
    ),
    "placement": ("deployment_sets", "launch_templates"),
    "reads": ("account_attributes", "consoles", "offers", "price_lists", "places", "spot_offers", "statuses"),
    "security": ("instance_roles", "key_pairs", "security_group_rules", "security_groups"),
    "storage": (
        "disk_encryption", "disks", "snapshot_chains", "snapshot_groups", "snapshot_policies", "snapshots",
        "system_disks",
    ),
    "tags": ("old_tags", "tags"),
}  # fmt: skip
Seen = dict[tuple[str, str], set[str]]


def drive(module: ModuleType) -> Seen:
    """Runs a file's tests once more, each on a new emulator; what their calls were answered."""
    from .sdk import build_network, running_sdk

    seen: Seen = {}
    for name, test in vars(module).items():
        wants = set(inspect.signature(test).parameters) if name.startswith("test_") else set()
        if wants and wants <= {"sdk", "network"}:
            with running_sdk() as sdk:
                things: dict[str, Any] = {"sdk": sdk}
                if "network" in wants:
                    things["network"] = build_network(sdk)
                test(**{name: things[name] for name in wants})
                for product in (sdk.ecs, sdk.vpc):
                    for action, paths in product.seen.items():
                        seen.setdefault((product.name, action), set()).update(paths)
    return seen


def built(files: tuple[str, ...]) -> list[tuple[str, str]]:
    found = []
    for file in files:
        module = importlib.import_module(f"{operations.__name__}.{file}")
        found += [(product, action) for product in ("ecs", "vpc") for action in getattr(module, product.upper(), {})]
    return sorted(found)


def documented(shape: Any, path: str = "") -> set[str]:
    """Every key of an answer in the API's contract: `Disks.Disk[].DiskId`."""
    if isinstance(shape, list):
        return documented(shape[0], f"{path}[]")
    if not isinstance(shape, dict):
        return set()
    below = {f"{path}.{key}".lstrip("."): inner for key, inner in shape.items()}
    return set(below) | {found for key, inner in below.items() for found in documented(inner, key)}


def unfilled(seen: Seen, actions: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Documented keys that were in no answer, without what lies below such a key."""
    rows = {}
    for product, action in actions:
        agreed = contract.find(product, action)
        assert agreed is not None
        absent = documented(agreed.response) - seen[product, action]
        tops = [path for path in absent if not any(path.startswith((f"{up}.", f"{up}[]")) for up in absent)]
        if tops:
            rows[f"{product} {action}"] = sorted(tops)
    return rows


@pytest.mark.parametrize("family", FAMILIES)
def test_actions_and_keys(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    seen = drive(importlib.import_module(f".test_sdk_{family}", __package__))
    actions = built(FAMILIES[family])
    assert [action for action in actions if action not in seen] == []
    rows = unfilled(seen, actions)
    known = json.loads(UNFILLED.read_text(encoding="utf-8")) if UNFILLED.exists() else {}
    if os.environ.get("ECSPLAN_REWRITE"):
        known[family] = rows
        text = json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False)
        UNFILLED.write_text(f"{text}\n", encoding="utf-8")
    assert rows == known[family]


# No ECS or VPC: test_tag_rules.py, test_balancers.py, test_assistant.py, test_quotas.py, tests/engine/test_trail.py.
OTHER_PRODUCTS = {"quota_center", "tag_rules", "trail", "balancers_classic", "balancers_groups", "metrics"}


def test_every_file_of_operations_is_driven() -> None:
    files = {info.name for info in pkgutil.iter_modules(operations.__path__) if not info.name.startswith("_")}
    files -= OTHER_PRODUCTS
    assert files == {file for part in FAMILIES.values() for file in part}
