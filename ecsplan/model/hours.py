"""Hours of the week in a time zone: `Mon-Fri 22:00-06:00 Asia/Shanghai`. For maintenance windows and power schedules.

Wall-clock time as people there read it: a range that a change of the clocks shortens or doubles is as long as the
clock on the wall says. A range that ends at or before its beginning goes on into the next day.
"""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from ecsplan.model.quoting import shown

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_RANGE = re.compile(r"^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})\Z")
_DAY = timedelta(days=1)
SAYS = "days, hours and a time zone, like Mon-Fri 22:00-06:00 Asia/Shanghai, or daily 02:00-04:00 UTC"


class Hours(Struct, frozen=True):
    """`days` are those on which a range begins (0 is Monday), `first` and `end` minutes of the day (end up to 1440)."""

    days: frozenset[int]
    first: int
    end: int
    zone: str
    text: str

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """Raises ValueError with what is wrong."""
        words = text.split()
        if len(words) != 3:
            raise ValueError(f"{shown(text)} is not {SAYS}")
        days, hours, zone = words
        first, end = _minutes(hours)
        try:
            ZoneInfo(zone)
        except (OSError, ValueError, KeyError):  # a missing zone is a KeyError
            raise ValueError(f"{shown(zone)} is not a time zone; write one like Asia/Shanghai or UTC") from None
        return cls(frozenset(_days(days)), first, end, zone, text)

    @property
    def per_week(self) -> float:
        """Hours of all its ranges in a week, by the clock on the wall."""
        return ((self.end - self.first) % 1440 or 1440) / 60 * len(self.days)

    def holds(self, at: float) -> bool:
        """Whether a time (seconds since 1970) lies in one of the ranges."""
        return any(first.timestamp() <= at < end.timestamp() for first, end in self._near(at))

    def next_start(self, at: float) -> float:
        """When the next range begins, or the time itself where one has begun; seconds since 1970."""
        if self.holds(at):
            return at
        return min(first.timestamp() for first, _ in self._near(at) if first.timestamp() > at)

    def end_of(self, at: float) -> float:
        """When the range ends that a time lies in."""
        return max(end.timestamp() for first, end in self._near(at) if first.timestamp() <= at < end.timestamp())

    def _near(self, at: float) -> Iterator[tuple[datetime, datetime]]:
        """The ranges that begin from the day before to the week after."""
        zone = ZoneInfo(self.zone)
        today = datetime.fromtimestamp(at, zone).date()
        for offset in range(-1, 9):
            day = today + offset * _DAY
            if day.weekday() in self.days:
                begin = datetime.combine(day, time(self.first // 60, self.first % 60), zone)
                last = day if self.end > self.first else day + _DAY
                end = datetime.combine(last + (_DAY if self.end == 1440 else 0 * _DAY),
                                       time(self.end % 1440 // 60, self.end % 60), zone)  # fmt: skip
                yield begin, end


def _minutes(text: str) -> tuple[int, int]:
    found = _RANGE.match(text)
    if not found:
        raise ValueError(f"{shown(text)} is not a range of hours; write one like 22:00-06:00")
    hour, minute, last_hour, last_minute = map(int, found.groups())
    first, end = hour * 60 + minute, last_hour * 60 + last_minute
    if minute > 59 or last_minute > 59 or first >= 1440 or end > 1440:
        raise ValueError(f"{shown(text)} is not a range of hours: they go from 00:00 to 24:00")
    return first, end


def _days(text: str) -> Iterator[int]:
    if text == "daily":
        yield from range(7)
        return
    for piece in text.split(","):
        first, dash, last = piece.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"{shown(piece)} is not a day of the week; write {', '.join(DAYS)}, Mon-Fri, or daily")
        begin = DAYS.index(first)
        length = (DAYS.index(last) - begin) % 7 if dash else 0
        yield from ((begin + step) % 7 for step in range(length + 1))
