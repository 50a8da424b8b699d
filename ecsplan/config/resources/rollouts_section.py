"""`rollouts` at the top level: what rolls together, across blocks and kinds, named by tags. Used by stack_reader.py.

Each member gets the settings in its lifecycle, with the name of its rollout, so that the plan needs no second concept.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ecsplan.config.expressions.interpolation import evaluate
from ecsplan.config.expressions.scope import Scope
from ecsplan.config.resources.rollout_block import KEYS, rollout_of
from ecsplan.config.syntax.faults import ExpressionError, Faults
from ecsplan.config.syntax.nodes import Node
from ecsplan.model.address import Address
from ecsplan.model.algebra import fields
from ecsplan.model.capabilities.power import Power
from ecsplan.model.composites import is_name
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kinds
from ecsplan.model.quoting import shown
from ecsplan.model.resource import Lifecycle, Resource
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import near
from ecsplan.model.values import Mistake

OWN_KEYS = ("tags", "kinds")
_SETTINGS = ("max_unavailable", "canary", "order", "pause", "on_failure", "checks")
_USUAL = Lifecycle()


class Named(Struct, frozen=True):
    """One entry: whom it is about, and its settings as fields of a Lifecycle."""

    name: str
    node: Node
    tags: Mapping[str, str]
    kinds: tuple[str, ...]
    settings: Mapping[str, Any]

    def has(self, resource: Resource) -> bool:
        found = fields(resource.attributes.get("tags"))
        return resource.address.kind in self.kinds and all(found.get(k) == v for k, v in self.tags.items())


def with_rollouts(
    root: Node, scope: Scope, resources: Sequence[Resource], kinds: Kinds, faults: Faults
) -> tuple[Resource, ...]:
    """The resources, with the settings of the rollouts that they are in."""
    rollouts = [*_read(root.value.get("rollouts"), scope, kinds, faults)]
    members: dict[str, str] = {}
    told: set[Address] = set()
    found = []
    for resource in resources:
        mine = [one for one in rollouts if one.has(resource)]
        members |= {one.name: str(resource.address) for one in mine}
        if mine and resource.address.group not in told and (fault := _clash(resource, mine)):
            told.add(resource.address.group)
            faults.add(*fault, mine[-1].node.key_source, resource.address.group, rule=Rule.LIFECYCLE)
        found.append(_in(resource, mine[0]) if mine else resource)
    for one in rollouts:
        if one.name not in members:
            wanted = " and ".join(f"{key}={value}" for key, value in sorted(one.tags.items()))
            detail = f"kinds: {', '.join(one.kinds)}; write tags that the members have"
            summary = f"rollouts.{one.name}: no resource has the tags {wanted}"
            faults.add(summary, detail, one.node.at(("tags",)).source, rule=Rule.LIFECYCLE)
    return tuple(found)


def _clash(resource: Resource, mine: Sequence[Named]) -> tuple[str, str] | None:
    if len(mine) > 1:
        named = " and ".join(f"rollouts.{one.name}" for one in mine)
        return f"it is in {named}", "write tags that tell the rollouts apart"
    if any(getattr(resource.lifecycle, name) != getattr(_USUAL, name) for name in _SETTINGS):
        return f"it has lifecycle.rollout, and is in rollouts.{mine[0].name}", "remove one of them"
    return None


def _in(resource: Resource, rollout: Named) -> Resource:
    return replace(resource, lifecycle=replace(resource.lifecycle, rollout=rollout.name, **rollout.settings))


def _read(node: Node | None, scope: Scope, kinds: Kinds, faults: Faults) -> Iterable[Named]:
    if node is None or node.value is None:
        return
    if not isinstance(node.value, dict):
        faults.add("rollouts is not a mapping", "write NAME: {tags: {…}}", node.source, rule=Rule.LIFECYCLE)
        return
    for name, child in node.value.items():
        try:
            if not is_name(name):
                detail = "start with a letter or _, go on with letters, digits, _ and -"
                raise Mistake(f"{shown(name)} is not a name for a rollout", detail)
            yield Named(name, child, **_entry(name, evaluate(child, scope), kinds))
        except ExpressionError as error:
            faults.add_failed(error, child)
        except Mistake as mistake:
            faults.add(mistake.summary, mistake.words, child.at(mistake.path).source, rule=Rule.LIFECYCLE)


def _entry(name: str, value: Any, kinds: Kinds) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Mistake(f"rollouts.{name} is {shown(value)}", f"write a mapping; keys: {', '.join((*OWN_KEYS, *KEYS))}")
    for key in value:
        if key not in OWN_KEYS and key not in KEYS:
            raise Mistake(f"rollouts.{name} has no key {key}", near(key, (*OWN_KEYS, *KEYS), "keys"), (key,))
    settings = rollout_of({key: item for key, item in value.items() if key in KEYS})
    return {"tags": _tags(name, value.get("tags")), "kinds": _kinds(name, value.get("kinds"), kinds),
            "settings": settings}  # fmt: skip


def _tags(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or not value:
        raise Mistake(f"rollouts.{name} needs tags", "write tags: {KEY: VALUE}, those of its members", ("tags",))
    return {str(key): str(item) for key, item in value.items()}


def _kinds(name: str, value: object, kinds: Kinds) -> tuple[str, ...]:
    """Machines, unless the entry names others."""
    if value is None:
        return tuple(kind.name for kind in kinds.values() if kind.capability(Power) is not None)
    known: Collection[str] = sorted(kind.name for kind in kinds.values() if _is_tagged(kind.name, kinds))
    if not isinstance(value, list) or not value:
        raise Mistake(f"rollouts.{name}: kinds is {shown(value)}", "write a list of kinds, like [instance]", ("kinds",))
    for place, item in enumerate(value):
        if item not in known:
            detail = near(str(item), known, "kinds with tags")
            raise Mistake(f"rollouts.{name}: there is no kind {shown(item)} with tags", detail, ("kinds", place))
    return tuple(value)


def _is_tagged(name: str, kinds: Kinds) -> bool:
    return any(attribute.name == "tags" for attribute in kinds[name].attributes)
