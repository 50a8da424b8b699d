"""Hours of the week, over midnight, over changes of the clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.model.hours import DAYS, Hours


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("hours", "time", "holds"),
    [
        ("Mon-Fri 08:00-20:00 UTC", "2026-11-27T08:00", True),  # a Friday
        ("Mon-Fri 08:00-20:00 UTC", "2026-11-27T20:00", False),
        ("Mon-Fri 08:00-20:00 UTC", "2026-11-28T12:00", False),
        ("Fri 22:00-06:00 UTC", "2026-11-28T05:59", True),
        ("Fri 22:00-06:00 UTC", "2026-11-27T05:59", False),
        ("Sat-Mon 00:00-24:00 UTC", "2026-11-30T23:59", True),
        ("Sat,Sun 00:00-24:00 UTC", "2026-11-30T00:00", False),
        ("daily 00:00-00:00 UTC", "2026-11-30T12:00", True),
        ("daily 08:00-20:00 Asia/Shanghai", "2026-11-30T00:30", True),
    ],
)
def test_it_holds_from_its_first_minute_to_its_last(hours: str, time: str, holds: bool):
    assert Hours.parse(hours).holds(at(time)) is holds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mon-Fri 08:00-20:00", "is not days, hours and a time zone"),
        ("Mo 08:00-20:00 UTC", "'Mo' is not a day of the week"),
        ("Mon 8-20 UTC", "is not a range of hours"),
        ("Mon 08:60-20:00 UTC", "from 00:00 to 24:00"),
        ("Mon 08:00-24:01 UTC", "from 00:00 to 24:00"),
        ("Mon 08:00-20:00 Asia/Hangzhou", "is not a time zone"),
        ("Mon 08:00-20:00 ../../etc/passwd", "is not a time zone"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str, said: str):
    with pytest.raises(ValueError, match=said):
        Hours.parse(text)


def test_the_night_on_which_clocks_go_forward_is_an_hour_shorter():
    hours = Hours.parse("Sat 22:00-06:00 Europe/Berlin")
    begin = hours.next_start(at("2026-03-28T12:00"))
    assert hours.end_of(begin) - begin == 7 * 3600


@given(
    st.sampled_from(["daily", *DAYS, "Mon-Fri", "Sat,Sun"]), st.integers(0, 1439), st.integers(0, 1440),
    st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]), st.integers(0, 400 * 86400),
)  # fmt: skip
def test_the_next_start_holds_and_the_minute_before_it_does_not(days: str, first: int, end: int, zone: str, later: int):
    hours = Hours.parse(f"{days} {first // 60:02}:{first % 60:02}-{end // 60:02}:{end % 60:02} {zone}")
    time = datetime(2026, 1, 1, tzinfo=UTC).timestamp() + later
    start = hours.next_start(time)
    assert start >= time and start - time <= timedelta(days=8).total_seconds()
    assert hours.holds(start) or hours.end_of(start)  # never: a range that cannot be found again
    if start > time:
        assert not hours.holds(start - 1)
