"""Live resources as a table, as JSON and as CSV."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.resource import LiveObject
from ecsplan.render.table import csv_text, table
from ecsplan.render.words import plural

LIST_FORMAT = "ecsplan-list/v1"
COLUMNS = ("address", "id", "name", "status", "zone", "ip", "region")
_ADDRESSES = ("public_ip", "ip_address", "private_ip", "cidr_block")


class ListRow(Struct, frozen=True):
    address: str
    kind: str
    id: str
    name: str
    status: str
    zone: str
    ip: str
    region: str
    stopped_mode: str = ""

    @property
    def told(self) -> str:
        """The status, and how it is off."""
        return f"{self.status} ({self.stopped_mode})" if self.stopped_mode else self.status


def list_rows(objects: Iterable[tuple[Address, LiveObject]], region: str) -> tuple[ListRow, ...]:
    return tuple(_row(address, found, region) for address, found in sorted(objects, key=lambda pair: pair[0]))


def _row(address: Address, found: LiveObject, region: str) -> ListRow:
    zone, ip = zone_of(found), addresses_of(found)
    mode = str(found.attributes.get("stopped_mode") or "")
    return ListRow(str(address), found.kind, found.id, found.name, found.status, zone, ip, region, mode)


def zone_of(found: LiveObject) -> str:
    return str(found.attributes.get("zone") or "")


def addresses_of(found: LiveObject) -> str:
    """Where it can be reached, the most public first; for a network, its range."""
    return " ".join(str(found.attributes[name]) for name in _ADDRESSES if found.attributes.get(name))


def list_table(rows: Sequence[ListRow], stack: str, region: str) -> str:
    """Columns as wide as their widest cell; the region only where there are several."""
    if not rows:
        return f"{stack} owns nothing in {region}.\n"
    several = len({row.region for row in rows}) > 1 or rows[0].region != region
    columns = COLUMNS if several else COLUMNS[:-1]
    cells = ([row.told if name == "status" else getattr(row, name) for name in columns] for row in rows)
    drawn = table(columns, cells)
    return f"{drawn}\n\n{plural(len(rows), 'resource')}.\n"


def list_document(stack: str, rows: Iterable[ListRow]) -> dict[str, Any]:
    names = ("address", "kind", "id", "name", "status", "stopped_mode", "zone", "ip", "region")
    return {
        "format": LIST_FORMAT,
        "stack": stack,
        "resources": [{name: getattr(row, name) or None for name in names} for row in rows],
    }


def list_csv(rows: Iterable[ListRow]) -> str:
    return csv_text(COLUMNS, ([getattr(row, name) for name in COLUMNS] for row in rows))
