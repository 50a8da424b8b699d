"""Catalogues as tables, as JSON and as CSV: the columns are the fields of the rows."""

from collections.abc import Sequence
from typing import Any

from ecsplan.model.catalog import Row
from ecsplan.render.table import csv_text, table
from ecsplan.render.words import plural

CATALOG_FORMAT = "ecsplan-catalog/v1"
_UNITS = {"memory": "memory_gib", "bandwidth": "bandwidth_gbps", "size": "size_gib"}


def catalog_table(rows: Sequence[Row], what: str) -> str:
    if not rows:
        return f"No {what.replace('-', ' ')} fit.\n"
    names = rows[0].__struct_fields__
    cells = [[_short(name, getattr(row, name), row.id) for name in names] for row in rows]
    drawn = table([_UNITS.get(name, name) for name in names], cells)
    return f"{drawn}\n\n{plural(len(rows), _one(what), what.replace('-', ' '))}.\n"


def _one(what: str) -> str:
    noun = what.replace("-", " ")
    return noun.removesuffix("ies") + "y" if noun.endswith("ies") else noun.removesuffix("s")


def _short(name: str, value: Any, own_id: str) -> str:
    """Zones by their last letter, as they share the rest with the region."""
    if name == "zones":
        return " ".join(zone.rpartition("-")[2] for zone in value) or "sold out"
    if name == "name" and value == own_id:
        return ""
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, float):
        return f"{value:g}" if value else ""
    return str(value)


def catalog_document(rows: Sequence[Row], what: str, region: str) -> dict[str, Any]:
    items = [{_UNITS.get(name, name): _plain(getattr(row, name)) for name in row.__struct_fields__} for row in rows]
    return {"format": CATALOG_FORMAT, "what": what, "region": region, "items": items}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def catalog_csv(rows: Sequence[Row]) -> str:
    names = rows[0].__struct_fields__ if rows else ("id",)
    cells = ([_text(getattr(row, name)) for name in names] for row in rows)
    return csv_text([_UNITS.get(name, name) for name in names], cells)
