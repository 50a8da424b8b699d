"""Gates that a machine must pass before a rollout goes on: checks as values, and what was measured.

A check travels in the lifecycle of a resource as sorted pairs of names and values, so that it is compared, saved and
hashed like every other value; `Check.of` reads it.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from msgspec import Struct, field

Pairs = tuple[tuple[str, Any], ...]
KINDS = ("status", "assistant", "command", "tcp", "http", "balancer", "metric", "local")
TIMES = ("timeout", "interval", "retries", "successes")
TIMEOUT, INTERVAL = 300.0, 5.0


class CheckResult(Enum):
    """What one look told. `UNKNOWN`: nothing could be told, which is no failure; `WAITING`: there is no answer yet."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WAITING = "waiting"


class Measurement(Struct, frozen=True):
    """One look at one check. `is_final`: looking again cannot change it (the check itself is wrong)."""

    result: CheckResult
    text: str = ""
    is_final: bool = False


class Check(Struct, frozen=True):
    """`timeout` is how long it may take until it is passed, `interval` the seconds between looks, `successes` how many
    looks in a row must pass, `retries` how many may fail before (None: any number, until the timeout)."""

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = TIMEOUT
    interval: float = INTERVAL
    successes: int = 1
    retries: int | None = None

    @classmethod
    def of(cls, pairs: Pairs) -> "Check":
        found = dict(pairs)
        kind = str(found.pop("kind"))
        times = {name: found.pop(name) for name in TIMES if name in found}
        return cls(kind, found, **times)

    @property
    def pairs(self) -> Pairs:
        times = {name: getattr(self, name) for name in TIMES if getattr(self, name) is not None}
        return tuple(sorted({"kind": self.kind, **self.settings, **times}.items()))

    @property
    def text(self) -> str:
        """`http http://{private_ip}:8080/health`, for people."""
        shown = [str(value) for name, value in sorted(self.settings.items()) if name in SHOWN]
        return " ".join([self.kind, *shown])


SHOWN = ("url", "port", "run", "clb", "alb", "nlb", "name", "below", "above")


class Gate(Struct, frozen=True):
    """What a step of the kind waits for: the checks of each of its addresses, or `pause` seconds where it has none.

    `rolls_back`: where one of its wave does not pass, the wave gets its values before again. `rollout`: the
    group, or the named rollout, whose wave it belongs to.
    """

    checks: tuple[Check, ...] = ()
    pause: float = 0.0
    rolls_back: bool = False
    rollout: str = ""

    @property
    def seconds(self) -> float:
        """About how long it takes."""
        return self.pause + sum(check.interval * check.successes for check in self.checks)

    @property
    def text(self) -> str:
        if not self.checks:
            return f"pause of {self.pause:.0f} s"
        more = "; a wave that fails is rolled back" if self.rolls_back else ""
        return ", ".join(check.text for check in self.checks) + more


class Target(Struct, frozen=True):
    """The machine that is looked at, as it is live. `others` are its interfaces, which may be servers too."""

    id: str
    status: str
    running: str
    region: str = ""
    name: str = ""
    private_ip: str = ""
    public_ip: str = ""
    others: tuple[str, ...] = ()

    @property
    def servers(self) -> tuple[str, ...]:
        """By which ids it may be in the group of a balancer."""
        return (self.id, *self.others)

    def filled(self, text: str) -> str:
        """`{private_ip}`, `{public_ip}`, `{id}` and `{name}` in a text."""
        for name in PLACEHOLDERS:
            text = text.replace(f"{{{name}}}", getattr(self, name))
        return text


PLACEHOLDERS = ("private_ip", "public_ip", "id", "name")


def checks_of(found: Iterable[Pairs]) -> tuple[Check, ...]:
    return tuple(map(Check.of, found))
