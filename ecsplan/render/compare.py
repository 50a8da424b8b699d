"""Two environments held against each other, for people and for programs."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.compare import Difference
from ecsplan.model.kind import Kinds
from ecsplan.model.stack import Stack
from ecsplan.render.attributes import AttributeRow, rows_of
from ecsplan.render.values import plain
from ecsplan.render.words import members, plural

COMPARE_FORMAT = "ecsplan-compare/v1"
_SCOPE = ("region", "account")


class Compared(Struct, frozen=True):
    """The two stacks, and what differs; `names` are those that a reader knows them by."""

    stacks: tuple[Stack, Stack]
    names: tuple[str, str]
    differences: tuple[Difference, ...]
    kinds: Kinds

    def scope(self) -> Iterable[tuple[str, str, str]]:
        one, other = self.stacks
        for name in _SCOPE:
            before, after = str(getattr(one, name) or "any"), str(getattr(other, name) or "any")
            if before != after:
                yield name, before, after


def compare_text(compared: Compared) -> str:
    """A line for each difference; members of a group that differ alike are one."""
    one, other = (f"{name} (stack {stack.name})" for name, stack in zip(compared.names, compared.stacks, strict=True))
    lines = [f"- {one}", f"+ {other}", ""]
    lines += [f"~ {name}: {before} → {after}" for name, before, after in compared.scope()]
    for addresses, rows, only_in in _folded(compared):
        told = members(addresses)
        if only_in is not None:
            lines.append(f"{'-+'[only_in]} {told}: only in {compared.names[only_in]}")
        else:
            lines.append(f"~ {told}")
            lines += [f"    {row.sign} {row.name}: {row.text()}" for row in rows]
    if not compared.differences:
        lines.append("No resource differs.")
    else:
        lines += [
            "",
            f"{plural(len(compared.differences), 'resource')} differ{'s' * (len(compared.differences) == 1)}.",
        ]
    return "\n".join(lines) + "\n"


def _folded(compared: Compared) -> list[tuple[list[Address], Sequence[AttributeRow], int | None]]:
    groups: dict[Any, tuple[list[Address], Sequence[AttributeRow], int | None]] = {}
    for difference in compared.differences:
        rows = tuple(rows_of(difference.attributes, compared.kinds.get(difference.address.kind)))
        alike = tuple((row.sign, row.name, row.text()) for row in rows)
        key = (difference.address.group, difference.only_in, alike)
        groups.setdefault(key, ([], rows, difference.only_in))[0].append(difference.address)
    return list(groups.values())


def compare_document(compared: Compared) -> dict[str, Any]:
    return {
        "format": COMPARE_FORMAT,
        "environments": list(compared.names),
        "stacks": [stack.name for stack in compared.stacks],
        "scope": {name: [before, after] for name, before, after in compared.scope()},
        "resources": [
            {
                "address": str(difference.address),
                "only_in": None if difference.only_in is None else compared.names[difference.only_in],
                "attributes": [
                    {"name": row.name, "values": [plain(row.before), plain(row.after)]}
                    for row in rows_of(difference.attributes, compared.kinds.get(difference.address.kind))
                ],
            }
            for difference in compared.differences
        ],
    }
