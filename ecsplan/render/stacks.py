"""Stacks that live in an account, beside the folders that declare them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecsplan.model.estates import LiveStack
from ecsplan.render.table import table
from ecsplan.render.words import plural

STACKS_FORMAT = "ecsplan-stacks/v1"
COLUMNS = ("stack", "region", "live", "folder")

Row = tuple[str, str, LiveStack | None, tuple[str, ...]]
"""A stack, its region, what lives of it, and the folders that declare it."""


def rows_of(live: Iterable[LiveStack], folders: Mapping[tuple[str, str], Sequence[str]]) -> list[Row]:
    """`folders` are those that declare a stack, by its name and region. By name."""
    there = {(one.name, one.region): one for one in live}
    keys = sorted(there.keys() | folders.keys())
    return [(name, region, there.get((name, region)), tuple(folders.get((name, region), ()))) for name, region in keys]


def stacks_table(rows: Sequence[Row], looked_for_folders: bool, *, is_offline: bool = False) -> str:
    if not rows:
        return "No folder declares a stack.\n" if is_offline else "No stack lives here, and no folder declares one.\n"
    cells = [
        (
            name,
            region,
            _counted(live),
            ", ".join(folders) or ("no folder here declares it" if looked_for_folders else ""),
        )
        for name, region, live, folders in rows
    ]
    if is_offline:
        cells = [(name, region, "not asked", folder) for name, region, _, folder in cells]
    return f"{table(COLUMNS, cells)}\n\n{plural(len(rows), 'stack')}.\n"


def _counted(live: LiveStack | None) -> str:
    if live is None:
        return "nothing"
    return ", ".join(f"{count:,} {kind}" for kind, count in sorted(live.kinds.items()))


def stacks_document(rows: Iterable[Row], *, is_offline: bool = False) -> dict[str, Any]:
    """What lives is null where the cloud was not asked."""
    return {
        "format": STACKS_FORMAT,
        "stacks": [
            {
                "stack": name,
                "region": region,
                "live": None if is_offline else live.count if live else 0,
                "kinds": None if is_offline else dict(sorted(live.kinds.items())) if live else {},
                "folders": list(folders),
            }
            for name, region, live, folders in rows
        ],
    }
