"""Whether what runs on a machine is well: it is, unless the standing fault `unwell` says otherwise.

A rule selects machines by `id`, by `match` (a pattern of the name), by `type` or by `image` (patterns too), and says in
`what` which of the service's views show it: status, assistant, command, balancer, metric.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Call

VIEWS = ("status", "assistant", "command", "balancer", "metric")
_SELECTORS = {"match": "InstanceName", "type": "InstanceType", "image": "ImageId"}


def trouble(call: Call, instance: Thing, view: str) -> Mapping[str, Any] | None:
    """The rule that makes a machine unwell in a view; None where it is well."""
    for rule in call.unwell:
        if view in rule.get("what", VIEWS) and _selects(rule, instance):
            return rule
    return None


def _selects(rule: Mapping[str, Any], instance: Thing) -> bool:
    if "id" in rule and rule["id"] != instance.id:
        return False
    return all(
        name not in rule or fnmatchcase(str(instance.get(field, "")), rule[name]) for name, field in _SELECTORS.items()
    )


def serves(call: Call, instance: Thing | None) -> bool:
    """Whether a balancer's health check gets an answer from it."""
    return instance is not None and instance.status == "Running" and trouble(call, instance, "balancer") is None
