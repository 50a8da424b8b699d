"""The classes of change that a policy speaks of. A change may be of several."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CLASSES: Mapping[str, str] = {
    "create": "something is made",
    "update": "an attribute changes while everything runs on",
    "run": "a command runs inside a machine",
    "reboot": "a machine restarts",
    "stop_start": "a machine stops and starts",
    "stop": "a machine stops and stays off",
    "replace": "something gets a new id or address",
    "delete": "something is deleted",
    "data_loss": "data is lost that no snapshot keeps",
    "address_loss": "a public address is given back",
    "purchase": "a subscription is bought or renewed",
    "spend": "the cost a month rises",
    "access_opened": "traffic gets in, or out, that did not before",
    "access_closed": "traffic that got in, or out, no longer does",
    "adopt": "a live object is taken over",
    "release": "an object is given up and goes on living",
}
"""Name: what it means, for people."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a plan would do to one address. `amount` is the money a month that the change costs more, None
    where that is not known."""

    class_: str
    address: str
    kind: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    amount: float | None = None
