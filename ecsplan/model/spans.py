"""Spans of time as people write them: `90m`, `8h`, `3d`."""

import re

from ecsplan.model.quoting import shown

PATTERN = r"^[1-9][0-9]{0,4}[mhd]$"
_SECONDS = {"m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds_of(text: str) -> float:
    """Raises ValueError for what is none."""
    if not re.fullmatch(PATTERN, text):
        raise ValueError(f"{shown(text)} is not a duration; write a number and m, h or d, like 8h")
    return int(text[:-1]) * _SECONDS[text[-1]]


def span_text(seconds: float) -> str:
    """In the largest unit that it is a whole number of."""
    for unit in "dhm":
        if seconds >= _SECONDS[unit] and seconds % _SECONDS[unit] == 0:
            return f"{int(seconds // _SECONDS[unit])}{unit}"
    return f"{seconds:.0f}s"
