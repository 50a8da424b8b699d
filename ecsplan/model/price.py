"""Prices of a plan: the price items of kinds, and the lines made of the service's answers. Plain values.

Amounts are Decimal and never rounded before they are shown. A month has 730 hours.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from msgspec import Struct

from ecsplan.model.address import Address

HOURS_OF_A_MONTH = Decimal(730)
WEEKS_OF_A_MONTH = HOURS_OF_A_MONTH / Decimal(168)
ZERO = Decimal(0)


class PricedDisk(Struct, frozen=True):
    """A pay-as-you-go disk, or one that is sold with a machine. `size` in GiB."""

    category: str
    size: int
    level: str = ""
    iops: int = 0


class PricedMachine(Struct, frozen=True):
    """A machine with its system disk and the disks that are sold with it. `bandwidth` in Mbit/s is paid for as
    such (PayByBandwidth). `zone` only where the price depends on it (spot). `off`: it has given its vCPUs back, and the
    rest is paid for. `period` and `unit` are the term that is bought.
    """

    instance_type: str
    image: str
    system: PricedDisk
    disks: tuple[PricedDisk, ...] = ()
    bandwidth: int = 0
    charge_type: str = "PostPaid"
    period: int = 1
    unit: str = "Month"
    spot: str = "NoSpot"
    zone: str = ""
    off: bool = False

    @property
    def months(self) -> Decimal:
        return {"Week": 1 / WEEKS_OF_A_MONTH, "Month": Decimal(1), "Year": Decimal(12)}[self.unit] * self.period


@dataclass(frozen=True, slots=True)
class PricedUpgrade:
    """The rest of a running term, at more than was paid: one of several alike machines is asked about."""

    id: str = field(compare=False)
    before: PricedMachine
    instance_type: str = ""
    disks: tuple[PricedDisk, ...] = ()


@dataclass(frozen=True, slots=True)
class PricedRenewal:
    """A further term of a subscription: one of several alike machines is asked about."""

    id: str = field(compare=False)
    of: PricedMachine
    period: int = 1
    unit: str = "Month"


class PricedTraffic(Struct, frozen=True):
    """A GB of a machine's public traffic, where it is paid for by use."""


Shape = PricedDisk | PricedMachine | PricedUpgrade | PricedRenewal | PricedTraffic
"""What one question to the service is about; alike things are one shape, and asked about once."""


class Cost(Struct, frozen=True):
    """What one change is paid for. `before` and `after` by the month, `due` at once, `then` at each renewal or by
    use. `unpriced` says what has no price here, and `notes` what a reader should know."""

    before: tuple[Shape, ...] = ()
    after: tuple[Shape, ...] = ()
    due: tuple[Shape, ...] = ()
    then: tuple[PricedRenewal | PricedTraffic, ...] = ()
    unpriced: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class PriceLine(Struct, frozen=True):
    """Of one change: by the month before and after it, and at once; None where that is not known, for `unpriced`."""

    address: Address
    before: Decimal | None = ZERO
    after: Decimal | None = ZERO
    due: Decimal | None = ZERO
    unpriced: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def more(self) -> Decimal | None:
        """By the month."""
        return None if self.before is None or self.after is None else self.after - self.before

    def and_of(self, other: "PriceLine") -> "PriceLine":
        return PriceLine(
            self.address,
            _sum(self.before, other.before),
            _sum(self.after, other.after),
            _sum(self.due, other.due),
            (*self.unpriced, *other.unpriced),
            (*self.notes, *other.notes),
        )


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other


class Prices(Struct, frozen=True):
    """Of the changes of a plan, in their order. `currency` is the account's; empty where nothing was told. `is_on`:
    prices were asked for; `calls` is what that took, and no part of a saved plan."""

    is_on: bool = False
    currency: str = ""
    lines: tuple[PriceLine, ...] = ()
    calls: int = 0

    def by_address(self) -> dict[Address, PriceLine]:
        """One line for each address; a replacement that was cut off has two changes, of the old and the new one."""
        found: dict[Address, PriceLine] = {}
        for line in self.lines:
            found[line.address] = found[line.address].and_of(line) if line.address in found else line
        return found

    @property
    def before(self) -> Decimal:
        return sum((line.before for line in self.lines if line.before is not None), ZERO)

    @property
    def after(self) -> Decimal:
        return sum((line.after for line in self.lines if line.after is not None), ZERO)

    @property
    def due(self) -> Decimal:
        return sum((line.due for line in self.lines if line.due is not None), ZERO)

    @property
    def unknown(self) -> tuple[PriceLine, ...]:
        """Lines that are in the totals only in part, or not at all."""
        return tuple(line for line in self.lines if line.unpriced or None in (line.before, line.after, line.due))


NO_PRICES = Prices()
