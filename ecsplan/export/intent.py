"""The intent in the files of another tool, beside values: variables, lifecycle, order. Put into finished bodies;
pure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ecsplan.export.grouping import ExportedBlock
from ecsplan.export.values import References
from ecsplan.export.yaml_text import Commented
from ecsplan.model.export import Told

Bodies = Sequence[tuple[ExportedBlock, dict[str, Any]]]


def with_lifecycle(block: ExportedBlock, body: dict[str, Any], references: References) -> dict[str, Any]:
    """`depends_on` only where no reference says as much."""
    if block.called is None:
        return body
    spoken_of = set(_texts(body))
    needed = []
    for kind, object_id in block.called.depends_on:
        name = references.names.get((kind, object_id))
        group = name.partition("[")[0] if isinstance(name, str) else ""
        if group and not {group, f"{kind}.{group}", object_id} & spoken_of and group != block.name:
            needed.append(f"{kind}.{group}")
    if needed:
        body["depends_on"] = sorted(set(needed))
    for name, value in block.called.lifecycle.items():
        ours = body.setdefault("lifecycle", {})
        ours[name] = [*ours[name], *value] if isinstance(ours.get(name), list) else value
    return body


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Commented):
        yield from _texts(value.value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value.partition("[")[0]


def variables(bodies: Bodies, told: Told) -> dict[str, Any]:
    """The variables of the file. One that its uses do not agree on (it was worth several things) stays a value."""
    uses: dict[str, list[tuple[dict[str, Any], str]]] = {}
    for block, body in bodies:
        for attribute, name in (block.called.variables if block.called else {}).items():
            holder, last = _holder(body, attribute)
            if holder is not None and _is_plain(holder[last]):
                uses.setdefault(name, []).append((holder, last))
    declared = {}
    for name, places in sorted(uses.items()):
        value = places[0][0][places[0][1]]
        if all(type(holder[last]) is type(value) and holder[last] == value for holder, last in places):
            description = told.descriptions.get(name)
            declared[name] = {"default": value} | ({"description": description} if description else {})
            for holder, last in places:
                holder[last] = f"${{{name}}}"
    return declared


def _holder(body: dict[str, Any], attribute: str) -> tuple[dict[str, Any] | None, str]:
    *outer, last = attribute.split(".")
    holder: Any = body
    for step in outer:
        holder = holder.get(step) if isinstance(holder, dict) else None
    return (holder, last) if isinstance(holder, dict) and last in holder else (None, last)


def _is_plain(value: Any) -> bool:
    return isinstance(value, (bool, int, float)) or (isinstance(value, str) and "$" not in value)


def remark_of(block: ExportedBlock) -> str:
    said: Iterable[str] = (block.remark, *(block.called.remarks if block.called else ()))
    return "\n".join(text for text in said if text)
