"""The `lifecycle` block of a resource."""

import re
from collections.abc import Callable
from typing import Any

from ecsplan.config.expressions.interpolation import evaluate
from ecsplan.config.expressions.scope import Scope
from ecsplan.config.resources.nested_blocks import attribute_names
from ecsplan.config.resources.rollout_block import rollout_of
from ecsplan.config.syntax.faults import ExpressionError, Faults
from ecsplan.config.syntax.nodes import Node
from ecsplan.model.address import Address
from ecsplan.model.capabilities.holding import HoldsData
from ecsplan.model.composites import ListOf, MapOf
from ecsplan.model.kind import Kind
from ecsplan.model.quoting import shown
from ecsplan.model.resource import Lifecycle, matches
from ecsplan.model.rules import Rule
from ecsplan.model.safety import MOST_DAYS, RISKS
from ecsplan.model.spelling import near, with_article
from ecsplan.model.values import Boolean, Choice, Integer, Mistake

_VERBS = ("create", "update", "delete")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"([0-9]{1,9})([smh]?)$")
ON_IMAGE_CHANGE = ("replace", "reinstall", "ignore")
ON_USER_DATA_CHANGE = ("update", "replace", "ignore")
LIFECYCLE_KEYS = (
    "prevent_destroy",
    "create_before_destroy",
    "ignore_changes",
    "additive",
    "exclusive",
    "on_image_change",
    "snapshot_before",
    "on_user_data_change",
    "rollout",
    "timeouts",
)


def lifecycle_of(node: Node | None, kind: Kind, scope: Scope, address: Address, faults: Faults) -> Lifecycle:
    """What the block says; each fault is said at its key."""
    if node is None or node.value is None:
        return Lifecycle()
    if not isinstance(node.value, dict):
        faults.add(
            "lifecycle is not a mapping",
            f"keys: {', '.join(LIFECYCLE_KEYS)}",
            node.source,
            address,
            rule=Rule.LIFECYCLE,
        )
        return Lifecycle()
    found: dict[str, Any] = {}
    for key, child in node.value.items():
        reader = _READERS.get(key)
        if reader is None:
            faults.add(
                f"lifecycle has no key {key}",
                near(key, _READERS, "keys"),
                child.key_source,
                address,
                rule=Rule.LIFECYCLE,
            )
        elif child.value is not None:
            try:
                found |= reader(key, evaluate(child, scope), kind)
            except ExpressionError as error:
                faults.add_failed(error, child, address)
            except Mistake as mistake:
                faults.add(mistake.summary, mistake.words, child.at(mistake.path).source, address, rule=Rule.LIFECYCLE)
    return Lifecycle(**found)


def _boolean(key: str, value: object, kind: Kind) -> dict[str, object]:
    try:
        return {key: Boolean().parse(value)}
    except Mistake as mistake:
        raise Mistake(f"{key}: {mistake.summary}", mistake.words) from None


def _names(key: str, value: object, kind: Kind) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Mistake(f"{key} is {shown(value)}", f"write a list of attributes of {with_article(kind.name)}")
    return tuple(value)


def _ignore_changes(key: str, value: object, kind: Kind) -> dict[str, object]:
    known = set(attribute_names(kind))
    maps = tuple(a.name + "." for a in kind.attributes if isinstance(a.type, MapOf))
    names = _names(key, value, kind)
    for place, name in enumerate(names):
        if "*" in name and not (name.startswith(maps) or any(matches(name, one) for one in known)):
            summary = f"ignore_changes: {with_article(kind.name)} has no attribute like {name}"
            raise Mistake(summary, "write a pattern that some attribute fits, like tags.* or system_disk.*", (place,))
        if "*" not in name and name not in known and not name.startswith(maps):
            detail = near(name, known, "attributes")
            raise Mistake(f"ignore_changes: {with_article(kind.name)} has no attribute {name}", detail, (place,))
    return {key: tuple(sorted(set(names)))}


def _collections(key: str, value: object, kind: Kind) -> dict[str, object]:
    """additive, exclusive: attributes that hold several things."""
    known = [a.name for a in kind.attributes if isinstance(a.type, (ListOf, MapOf))]
    names = _names(key, value, kind)
    for place, name in enumerate(names):
        if name not in known:
            detail = near(name, known, "lists and mappings of this kind")
            raise Mistake(f"{key}: {name} is not a list or mapping of {with_article(kind.name)}", detail, (place,))
    return {key: tuple(sorted(set(names)))}


def _on_image_change(key: str, value: object, kind: Kind) -> dict[str, object]:
    if not any(a.name == "image" for a in kind.attributes):
        raise Mistake(f"{with_article(kind.name)} has no image", "remove on_image_change")
    return {key: Choice(*ON_IMAGE_CHANGE).parse(value)}


def _snapshot_before(key: str, value: object, kind: Kind) -> dict[str, object]:
    """A list of risks, or `{risks: [...], retention_days: 7}`."""
    if kind.capability(HoldsData) is None:
        raise Mistake(f"{with_article(kind.name)} has no disk of which a snapshot could be taken", f"remove {key}")
    given = value if isinstance(value, dict) else {"risks": value}
    if unknown := next((name for name in given if name not in ("risks", "retention_days")), None):
        raise Mistake(f"{key} has no key {unknown}", near(unknown, ("risks", "retention_days"), "keys"), (unknown,))
    at: tuple[str | int, ...] = ("risks",) if isinstance(value, dict) else ()
    risks = given.get("risks")
    if not isinstance(risks, list) or not risks:
        raise Mistake(
            f"{key} is {shown(risks)}", f"write a list of {', '.join(RISKS)}", at if risks is not None else ()
        )
    for place, risk in enumerate(risks):
        if risk not in RISKS:
            raise Mistake(f"{key}: {shown(risk)} is not a risk", near(str(risk), RISKS, "risks"), (*at, place))
    found: dict[str, Any] = {key: tuple(risk for risk in RISKS if risk in risks)}
    if given.get("retention_days") is not None:
        found["snapshot_days"] = _days(given["retention_days"])
    return found


def _days(value: object) -> int:
    try:
        return Integer(1, MOST_DAYS).parse(value)
    except Mistake as mistake:
        raise Mistake(f"retention_days: {mistake.summary}", mistake.words, ("retention_days",)) from None


def _on_user_data_change(key: str, value: object, kind: Kind) -> dict[str, object]:
    if not any(a.name == "user_data" for a in kind.attributes):
        raise Mistake(f"{with_article(kind.name)} has no user_data", "remove on_user_data_change")
    return {key: Choice(*ON_USER_DATA_CHANGE).parse(value)}


def _rollout(key: str, value: object, kind: Kind) -> dict[str, object]:
    return rollout_of(value)


def _timeouts(key: str, value: object, kind: Kind) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Mistake(f"timeouts is {shown(value)}", "write {create: 10m, delete: 5m}")
    found = []
    for verb, duration in value.items():
        if verb not in _VERBS:
            raise Mistake(f"timeouts has no key {verb}", near(verb, _VERBS, "keys"), (verb,))
        found.append((verb, seconds_of(duration, verb)))
    return {key: tuple(sorted(found))}


def seconds_of(duration: object, verb: str) -> float:
    """`600`, `90s`, `10m`, `2h` in seconds. Raises Mistake."""
    match = _DURATION.match(str(duration))
    seconds = int(match[1]) * _UNITS[match[2]] if match and not isinstance(duration, bool) else 0
    if not seconds:
        raise Mistake(f"{verb}: {shown(duration)} is not a duration", "write seconds, or 90s, 10m, 2h", (verb,))
    return float(seconds)


_READERS: dict[str, Callable[[str, object, Kind], dict[str, object]]] = {
    "prevent_destroy": _boolean,
    "create_before_destroy": _boolean,
    "ignore_changes": _ignore_changes,
    "additive": _collections,
    "exclusive": _collections,
    "on_image_change": _on_image_change,
    "snapshot_before": _snapshot_before,
    "on_user_data_change": _on_user_data_change,
    "rollout": _rollout,
    "timeouts": _timeouts,
}
