"""When objects were born, as far as that tells which belong together and which is the older. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from ecsplan.model.resource import Listed

_FIELDS = ("CreationTime", "AllocationTime", "CreateTime")
TOGETHER = 10.0  # minutes between a machine and what the same call made
FORM = "%Y-%m-%dT%H:%M"


def born(obj: Listed) -> float | None:
    """Minutes since 1970; machines are dated to the minute. None where the service does not tell."""
    return _minutes(birth_text(obj)[:16])


def birth_text(obj: Listed) -> str:
    """The time as the service tells it: later is greater among objects of one kind. Empty where it does not tell."""
    return next((str(obj.raw[name]) for name in _FIELDS if obj.raw.get(name)), "")


@lru_cache(4096)
def _minutes(text: str) -> float | None:
    try:
        return datetime.strptime(text, FORM).replace(tzinfo=UTC).timestamp() / 60
    except ValueError:
        return None


def born_together(one: Listed, other: Listed) -> bool:
    """Whether one call may have made both. Not so where a time is missing."""
    first, second = born(one), born(other)
    return first is not None and second is not None and abs(first - second) <= TOGETHER


def oldest(objects: Iterable[Listed]) -> list[Listed]:
    """The first born; several where their times are the same, or not told."""
    found = list(objects)
    times = {obj.id: born(obj) for obj in found}
    known = [time for time in times.values() if time is not None]
    if len(known) < len(found):
        return found
    return [obj for obj in found if times[obj.id] == min(known)]
