"""Documentation of kinds and attributes, drawn from the tables that plans are made by."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.capabilities.power import Power
from ecsplan.model.kind import Kind, Kinds, Update
from ecsplan.model.taking_back import way_back
from ecsplan.render.paint import Paint, unpainted
from ecsplan.render.words import impact_words


def kinds_text(kinds: Kinds, paint: Paint = unpainted) -> str:
    width = max(map(len, kinds), default=0)
    lines = [f"{paint(f'{name:<{width}}', 'bold')}  {kinds[name].summary}" for name in sorted(kinds)]
    return "\n".join([*lines, "", "ecsplan explain KIND tells more."]) + "\n"


def kind_text(kind: Kind, paint: Paint = unpainted) -> str:
    """The kind, a line for each attribute, and an example that can be copied."""
    declared = [attribute for attribute in kind.attributes if not attribute.computed]
    computed = [attribute for attribute in kind.attributes if attribute.computed]
    lines = [paint(kind.name, "bold"), f"    {kind.summary}"]
    lines += [f"    {kind.docs}"] if kind.docs else []
    lines += ["", "Attributes (* required)", *_attribute_lines(kind, declared, paint)]
    if computed:
        lines += ["", "Decided by the cloud, for expressions", *_attribute_lines(kind, computed, paint)]
    return "\n".join([*lines, "", "Example", *_example(kind)]) + "\n"


def _attribute_lines(kind: Kind, attributes: list[Attribute], paint: Paint) -> Iterator[str]:
    width = max((len(attribute.name) for attribute in attributes), default=0) + 1
    for attribute in attributes:
        name = attribute.name + ("*" if attribute.required else "")
        yield f"    {paint(f'{name:<{width}}', 'bold')}  {attribute.summary or attribute.type.says}"
        if not attribute.computed:
            yield f"    {'':<{width}}  {paint(changes_briefly(kind, attribute), 'dim')}"


def attribute_text(kind: Kind, name: str, paint: Paint = unpainted) -> str:
    """An attribute in full; the name of a block stands for all its members."""
    found = [a for a in kind.attributes if a.name == name or a.name.startswith(name + ".")]
    return "\n".join("\n".join(_attribute_in_full(kind, attribute, paint)) + "\n" for attribute in found)


def _attribute_in_full(kind: Kind, attribute: Attribute, paint: Paint) -> Iterator[str]:
    yield paint(f"{kind.name}.{attribute.name}", "bold")
    if attribute.summary:
        yield f"    {attribute.summary}"
    yield f"    Value:    {attribute.says}"
    if attribute.computed:
        yield "    Decided by the cloud; expressions can read it."
        return
    yield f"    Required: {'yes' if attribute.required else 'no'}"
    if attribute.default is not None:
        yield f"    Default:  {json.dumps(attribute.default, ensure_ascii=False)}"
    if attribute.sensitive:
        yield "    Secret:   shown nowhere; it changes when its version does"
    yield from (
        f"    {'Changes:' if place == 0 else '        '}  {way}" for place, way in enumerate(changes(kind, attribute))
    )
    if back := way_back(kind, attribute):
        yield f"    Back:     {back}"
    if attribute.read_as is False and not attribute.only_at_birth:
        yield "    Read:     the service never tells it, so drift cannot be seen"


def changes_briefly(kind: Kind, attribute: Attribute) -> str:
    return "changes " + "; else ".join(changes(kind, attribute))


def changes(kind: Kind, attribute: Attribute) -> list[str]:
    """Every way in which the attribute can change, the gentle ones first."""
    power = kind.capability(Power)
    if attribute.only_at_birth:
        return [f"in no way: it counts only until the {kind.name} is owned"]
    ways = [_way(update) for update in kind.updates_for(attribute.name)]
    if power and power.attribute == attribute.name:
        ways.append(f"in place, by {power.start.operation} and {power.stop.operation}")
    if attribute.fixed == "replace":
        ways.append(f"by replacing the {kind.name} ({impact_words({Impact.NEW_IDENTITY, *kind.delete.impacts})})")
    elif attribute.fixed == "refuse":
        ways.append("not at all: a plan that asks for it is refused")
    if attribute.decided_by:
        ways.append(f"as lifecycle.{attribute.decided_by} says")
    return ways or ["in no way"]


def _way(update: Update) -> str:
    how = f"in place, by {update.operation}" if update.operation else "in place"
    state = f", while {update.needs_status}" if update.needs_status else ""
    note = f" ({update.note})" if update.note else ""
    impact = _impact(update)
    return f"{how}{state}: {impact}{note}"


def _impact(update: Update) -> str:
    stop = (Impact.STOP_START,) if update.needs_status else ()
    if not callable(update.impacts):
        return impact_words({*update.impacts, *stop})
    return f"{impact_words(stop)}, and more by the values" if stop else "its impact depends on the values"


def _example(kind: Kind) -> Iterator[str]:
    yield "    resources:"
    yield f"      {kind.name}:"
    yield "        example:"
    yield from _yaml(kind.example, 10)


def _yaml(mapping: Mapping[str, Any], indent: int) -> Iterator[str]:
    """The members of a mapping as YAML; JSON, which YAML includes, for what is inside."""
    for name, value in mapping.items():
        if isinstance(value, Mapping) and value:
            yield f"{'':<{indent}}{name}:"
            yield from _yaml(value, indent + 2)
        else:
            yield f"{'':<{indent}}{name}: {_scalar(value)}"


def _scalar(value: Any) -> str:
    bare = isinstance(value, str) and value.replace("_", "").replace("-", "").isalnum() and value[0].isalpha()
    return str(value) if bare and value not in ("true", "false", "null") else json.dumps(value, ensure_ascii=False)


def kind_document(kind: Kind, name: str = "") -> dict[str, Any]:
    """The same for programs; with a name, that attribute or block alone."""
    chosen = [a for a in kind.attributes if not name or a.name == name or a.name.startswith(name + ".")]
    return {
        "kind": kind.name,
        "summary": kind.summary,
        "docs": kind.docs or None,
        "attributes": [_attribute_document(kind, attribute) for attribute in chosen],
        "example": kind.example,
    }


def _attribute_document(kind: Kind, attribute: Attribute) -> dict[str, Any]:
    return {
        "name": attribute.name,
        "summary": attribute.summary or None,
        "value": attribute.says,
        "required": attribute.required,
        "computed": attribute.computed,
        "sensitive": attribute.sensitive,
        "changes": [] if attribute.computed else changes(kind, attribute),
        "taken_back": way_back(kind, attribute) or None,
    }
