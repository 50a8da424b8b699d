"""Canonical values as a stack file spells them: ids of exported objects by their names, records without noise. Pure."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.export.noise import record_noise
from ecsplan.model.composites import ListOf, MapOf, Record, Reference, SetOf
from ecsplan.model.digits import whole_number
from ecsplan.model.values import Mistake, ValueType


class References(Struct, frozen=True):
    """How the file speaks of live objects. `names`: by kind and id, of what it declares, or of other stacks.

    `parts`: a mapping for what is part of an exported object, like a disk inside an instance. `shared` are names that
    blocks of several kinds have.
    """

    names: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()

    def of(self, kind: Reference, value: Any) -> Any:
        for name in kind.kinds:
            if (name, value) in self.names:
                return self._spelled(name, kind, self.names[name, value])
        part = self.parts.get(str(value))
        return dict(part) if part is not None and _takes(kind, part) else value

    def _spelled(self, of_kind: str, kind: Reference, name: Any) -> Any:
        """With the kind in front where the plain name could mean several."""
        if isinstance(name, str):
            is_shared = len(kind.kinds) > 1 and name.partition("[")[0] in self.shared
            return f"{of_kind}.{name}" if is_shared else name
        return name if of_kind == kind.kinds[0] else {**name, "name": f"{of_kind}.{name['name']}"}


def _takes(kind: ValueType, value: Any) -> bool:
    try:
        kind.parse(value)
    except Mistake:
        return False
    return True


def plain(kind: ValueType, value: Any, references: References) -> Any:
    """Plain data for the YAML writer. Texts with `${` are escaped: the reader would take it for an expression."""
    if isinstance(kind, Reference):
        return escaped(references.of(kind, value))
    if isinstance(kind, MapOf):
        return {key: plain(kind.item, item, references) for key, item in value}
    if isinstance(kind, ListOf):
        items = [plain(_item_of(kind), item, references) for item in value]
        if items and all(isinstance(item, dict) for item in items):
            return _joined_ports(items)
        return sorted(items) if all(isinstance(item, int) for item in items) and isinstance(kind, SetOf) else items
    if isinstance(kind, Record):
        members = dict(value)
        known = [
            name
            for name, member in kind.by_name.items()
            if name in members and (kind.is_whole or member.required or not record_noise(name, members[name]))
        ]
        return {name: plain(kind.by_name[name].type, members[name], references) for name in known}
    return escaped(value)


def _item_of(kind: ListOf) -> ValueType:
    return kind.item


def escaped(value: Any) -> Any:
    return value.replace("${", "$${") if isinstance(value, str) else value


def unescaped(value: Any) -> Any:
    """As the reader will see it, for a check before it is written."""
    if isinstance(value, dict):
        return {key: unescaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unescaped(item) for item in value]
    return value.replace("$${", "${") if isinstance(value, str) else value


def _joined_ports(rules: list[dict[str, Any]]) -> list[Any]:
    """Rules that differ in nothing but their port are one rule with several."""
    found: dict[Any, dict[str, Any]] = {}
    for rule in rules:
        if "ports" not in rule:
            found[len(found)] = rule
            continue
        number = whole_number(str(rule["ports"]))
        ports = rule["ports"] if number is None else number
        rest = tuple((name, str(item)) for name, item in rule.items() if name != "ports")
        known = found.get(rest)
        if known is None:
            found[rest] = {**rule, "ports": ports}
        else:
            before = known["ports"] if isinstance(known["ports"], list) else [known["ports"]]
            known["ports"] = [*before, ports]
    for rule in found.values():
        if isinstance(rule.get("ports"), list):
            rule["ports"].sort(key=lambda port: int(str(port).partition("-")[0]))
    return list(found.values())
