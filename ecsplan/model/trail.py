"""Who changed something outside, as the account's audit log tells it."""

from msgspec import Struct


class Touch(Struct, frozen=True):
    """One call that changed an object: `user` as the log names it, `agent` the program, `at` in seconds since 1970."""

    user: str
    action: str
    agent: str
    at: float

    @property
    def text(self) -> str:
        from datetime import UTC, datetime

        when = datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"{self.action} by {self.user or 'somebody'} at {when} ({self.agent or 'unknown program'})"
