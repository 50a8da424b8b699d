"""The rows of a catalogue that a person looks for, in an order that helps to choose. Called by the engine; pure."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from ecsplan.model.catalog import Filter, ImageRow, InstanceType, Row


def picked(rows: Iterable[Row], wanted: Filter) -> tuple[Row, ...]:
    return tuple(sorted((row for row in rows if _fits(row, wanted)), key=_rank))


def _fits(row: Row, wanted: Filter) -> bool:
    checks = (
        wanted.zone is None or wanted.zone in _zones(row),
        wanted.family is None or _is_like(wanted.family, getattr(row, "family", "")),
        wanted.name is None or any(_is_in(wanted.name, text) for text in (row.id, getattr(row, "name", ""))),
        wanted.platform is None or any(_is_in(wanted.platform, text) for text in _platforms(row)),
        wanted.min_cpu is None or getattr(row, "cpu", 0) >= wanted.min_cpu,
        wanted.min_memory is None or getattr(row, "memory", 0) >= wanted.min_memory,
    )
    return all(checks)


def _zones(row: Row) -> tuple[str, ...]:
    return getattr(row, "zones", (row.id,))


def _platforms(row: Row) -> tuple[str, ...]:
    return (row.platform, row.os_type, row.architecture) if isinstance(row, ImageRow) else ()


def _is_like(pattern: str, text: str) -> bool:
    """The whole name; `ecs.` and `acs:` may be left out, `*` stands for anything."""
    names = (text, text.removeprefix("ecs.").removeprefix("acs:"))
    return any(fnmatchcase(name.lower(), pattern.lower()) for name in names)


def _is_in(pattern: str, text: str) -> bool:
    return _is_like(pattern, text) if "*" in pattern else pattern.lower() in text.lower()


def _rank(row: Row) -> tuple[Any, ...]:
    """The smallest machine of each family first; the newest image of each platform first."""
    if isinstance(row, InstanceType):
        return (row.family, row.cpu, row.memory, row.id)
    if isinstance(row, ImageRow):
        return (row.owner != "self", row.platform, row.family, [-ord(letter) for letter in row.created], row.id)
    return (row.id,)
