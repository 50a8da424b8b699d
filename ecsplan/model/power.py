"""Power operations: what is asked, of which machines, and what became of each. Used by power/, engine and cli."""

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct, field

from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.resource import LiveObject


class Verb(Enum):
    START = "start"
    STOP = "stop"
    REBOOT = "reboot"


class Order(Struct, frozen=True):
    """`force` cuts the power instead of shutting down; `stop_charging` is the economical mode of a stop. `drains`: what
    takes requests takes none before it goes away."""

    verb: Verb
    force: bool = False
    stop_charging: bool = False
    drains: bool = True


class PowerPlan(Struct, frozen=True):
    """What would be done: `machines` are acted on, `settled` are there already. `in_service` are those that the file
    puts behind a balancer; `beside` are their interfaces that are there in their own names, by the machine's id."""

    order: Order
    stack: str
    region: str
    machines: Mapping[Address, LiveObject]
    settled: Mapping[Address, LiveObject] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
    in_service: tuple[Address, ...] = ()
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Became(Enum):
    DONE = "done"
    ALREADY = "already"
    FAILED = "failed"
    SKIPPED = "skipped"  # nobody asked the service: the run was interrupted before


class Powered(Struct, frozen=True):
    """What became of one machine. `code` and `message` are the service's, where it refused."""

    address: Address
    id: str
    before: str
    became: Became
    status: str = ""
    code: str = ""
    message: str = ""
    request_id: str | None = None


class PowerReport(Struct, frozen=True):
    machines: tuple[Powered, ...]
    calls: int = 0
    seconds: float = 0.0
    interrupted: bool = False

    def count(self, became: Became) -> int:
        return sum(machine.became is became for machine in self.machines)
