"""Live objects that no stack claims, as a table, as JSON and as CSV."""

from collections.abc import Iterable, Sequence
from typing import Any

from ecsplan.model.resource import LiveObject
from ecsplan.model.selection import Unmanaged
from ecsplan.render.listing import addresses_of, zone_of
from ecsplan.render.table import csv_text, table
from ecsplan.render.words import plural

UNMANAGED_FORMAT = "ecsplan-unmanaged/v1"
COLUMNS = ("kind", "id", "name", "status", "zone", "ip", "vpc", "tool", "because", "region")

Placed = tuple[str, Unmanaged[LiveObject]]  # region and what was found there


def _row(placed: Placed) -> tuple[str, ...]:
    region, found = placed
    obj = found.obj
    zone, ip = zone_of(obj), addresses_of(obj)
    return (obj.kind, obj.id, obj.name, obj.status, zone, ip, found.vpc, found.tool, found.because, region)


def unmanaged_table(found: Sequence[Placed]) -> str:
    """The region only where there are several; why another tool seems to own it stands in the other formats."""
    if not found:
        return "Every live object belongs to a stack.\n"
    several = len({region for region, _ in found}) > 1
    kept = [place for place, name in enumerate(COLUMNS) if name != "because" and (several or name != "region")]
    rows = [[_row(placed)[place] for place in kept] for placed in found]
    owned = sum(bool(one.tool) for _, one in found)
    told = f"; {owned:,} seem to be another tool's" if owned else ""
    return f"{table([COLUMNS[p] for p in kept], rows)}\n\n{plural(len(found), 'object')} that no stack claims{told}.\n"


def unmanaged_document(found: Iterable[Placed]) -> dict[str, Any]:
    objects = [
        {**{name: cell or None for name, cell in zip(COLUMNS, _row(placed), strict=True)}, "tags": placed[1].obj.tags}
        for placed in found
    ]
    return {"format": UNMANAGED_FORMAT, "objects": objects}


def unmanaged_csv(found: Iterable[Placed]) -> str:
    return csv_text(COLUMNS, map(_row, found))
