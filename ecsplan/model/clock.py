"""The time as it is passed in: tests give one that does not wait."""

from typing import Protocol


class Clock(Protocol):
    """`now` is seconds since 1970 and never jumps; every wait goes through `sleep`."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...
