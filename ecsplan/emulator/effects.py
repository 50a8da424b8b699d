"""The effects on each object of the account, seen from the writes that hold, whatever any client declares.

Machines that do not run, ids that end, data that is lost, addresses that change, subscriptions that are paid for, ports
that open or close, disks that come or go on running machines, commands that run inside them, and writes to what the
caller did not make.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ecsplan.emulator.account import OUTSIDE, Account, Event, Thing
from ecsplan.emulator.prices import monthly_price
from ecsplan.emulator.reach import turns

Row = dict[str, Any]
GIB = 2**30
NAMES = ("InstanceName", "DiskName", "NetworkInterfaceName", "SecurityGroupName", "VSwitchName", "VpcName", "Name",
         "KeyName", "ImageName", "SnapshotName")  # fmt: skip
CHARGE = ("InstanceChargeType", "DiskChargeType", "ChargeType")
# How a thing is paid, and what its price comes from.
BILLED = (*CHARGE, "InternetChargeType", "ExpiredTime", "RenewalStatus", "AutoRenewPeriod", "AutoRenewUnit",
          "SpotStrategy", "SpotPriceLimit")  # fmt: skip
RATED = {
    "instance": ("InstanceType", "InternetMaxBandwidthOut"),
    "disk": ("Category", "PerformanceLevel", "Size", "ProvisionedIops", "BurstingEnabled"),
    "eip": ("Bandwidth", "BandwidthPackageId"),
    "bandwidthpackage": ("Bandwidth",),
    "natgateway": ("Spec",),
}
ADDRESSES = {"PrivateIpAddress": "private", "PrivateIps": "private", "Ipv6s": "ipv6", "Ipv4Prefixes": "private",
             "Ipv6Prefixes": "ipv6"}  # fmt: skip


@dataclass(slots=True)
class Record:
    """What was seen of one object. `off_since` is when it stopped to run, while it does not."""

    kind: str
    name: str
    creator: str
    born: bool
    off_since: float | None = None
    off_seconds: float = 0.0
    stops: int = 0
    reboots: int = 0
    ended: Row | None = None
    lost: list[Row] = field(default_factory=list)
    addresses: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    billing: list[Row] = field(default_factory=list)
    ports: list[Row] = field(default_factory=list)
    plugged: list[Row] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)
    written: list[Row] = field(default_factory=list)

    def shown(self, now: float) -> Row:
        """As JSON; what did not happen is left out."""
        row: Row = {"kind": self.kind, "name": self.name, "creator": self.creator, "born": self.born}
        off = self.off_seconds + (now - self.off_since if self.off_since is not None else 0.0)
        if off or self.off_since is not None:
            row["not_running"] = {"seconds": round(off, 3), "still": self.off_since is not None}
        rest = {"stops": self.stops, "reboots": self.reboots, "ended": self.ended, "lost": self.lost,
                "addresses": self.addresses, "orders": self.orders, "billing": self.billing, "ports": self.ports,
                "plugged": self.plugged, "runs": self.runs, "written": self.written}  # fmt: skip
        return row | {name: value for name, value in rest.items() if value}


class Effects:
    """The witness of an account. `mark` begins anew; `report` tells what was seen since."""

    def __init__(self, account: Account, now: float) -> None:
        self.account = account
        self.adopted: set[str] = set()
        self.mark(now)

    def mark(self, now: float) -> None:
        self.since = now
        self._first_seq = self.account.next_seq
        self._records: dict[str, Record] = {}

    def report(self, now: float) -> Row:
        objects = {id_: record.shown(now) for id_, record in sorted(self._records.items())}
        return {"since": self.since, "now": now, "objects": objects}

    def make_outside(self, ids: Iterable[str] | None = None) -> int:
        """These objects (or all) count as made by somebody else; answers how many."""
        wanted = None if ids is None else set(ids)
        things = [thing for thing in self.account.all() if wanted is None or thing.id in wanted]
        for thing in things:
            thing.creator = OUTSIDE.by
            self.account.dirty.add((thing.kind, thing.id))
        return len(things)

    # What is told

    def saw(self, events: list[Event]) -> None:
        """The writes of one call, or of the clock, once they hold."""
        for event in events:
            self._written(event)
            if event.thing.kind == "ipv6bandwidth":
                self._opened(event)
            if event.thing.kind == "attachment" and event.verb in ("add", "change"):
                self._plugged(event)
            if event.verb == "add":
                self._paid(event)
                self._run(event)
            elif event.verb == "remove":
                self._ended(event)
            elif event.verb == "change":
                self._changed(event)
        self._public(events)
        for turn in turns(self.account, events):
            row = {"opened": sorted(turn.opened), "closed": sorted(turn.closed)}
            self._of(turn.thing).ports.append({name: lines for name, lines in row.items() if lines} | why(events[-1]))

    def _of(self, thing: Thing) -> Record:
        record = self._records.get(thing.id)
        if record is None:
            name = next((str(thing[key]) for key in NAMES if thing.get(key)), "")
            born = thing.seq >= self._first_seq
            record = self._records[thing.id] = Record(thing.kind, name, thing.creator, born)
        return record

    def _written(self, event: Event) -> None:
        """By a caller who neither made it nor was said to have taken it over."""
        thing, by = event.thing, event.cause.by
        if by == OUTSIDE.by or by == thing.creator or thing.id in self.adopted:
            return
        written = self._of(thing).written
        row = why(event)
        if row not in written:
            written.append(row)

    def _ended(self, event: Event) -> None:
        thing, row = event.thing, why(event)
        record = self._of(thing)
        record.ended = row
        self._stopped_counting(record, event.at)
        if thing.kind == "disk":
            record.lost.append(lost(thing) | row)
        if thing.kind == "snapshot":
            record.lost.append({"bytes": int(thing["SourceDiskSize"]) * GIB, "of": thing["SourceDiskId"]} | row)
        given_up = {
            "eip": ("IpAddress",),
            "instance": ("PrivateIpAddress",),
            "eni": ("PrivateIps", "Ipv6s", "Ipv4Prefixes", "Ipv6Prefixes"),
        }
        for name in given_up.get(thing.kind, ()):
            for address in listed(thing.get(name)):
                what = "eip" if thing.kind == "eip" else ADDRESSES[name]
                record.addresses.append({"what": what, "from": address, "to": None} | row)

    def _changed(self, event: Event) -> None:
        thing, before, after = event.thing, event.before, event.after
        if thing.kind == "instance" and "Status" in after:
            self._moved(event)
        if thing.kind == "disk" and after.get("Status") == "ReIniting" != before["Status"]:
            self._of(thing).lost.append(lost(thing) | why(event))
        if thing.kind in ("disk", "eni") and "Status" in after:
            self._plugged(event)
        for name, what in ADDRESSES.items():
            if name in after and thing.kind in ("instance", "eni") and name in owned_addresses(thing):
                self._readdressed(event, what, listed(before[name]), listed(after[name]))
        for name in (*BILLED, *RATED.get(thing.kind, ())):
            if name in after and before[name] != after[name]:
                row = {"field": name, "from": before[name], "to": after[name]}
                self._of(thing).billing.append(row | why(event))
        self._paid(event)

    # Machines

    def _moved(self, event: Event) -> None:
        thing, before, after = event.thing, event.before["Status"], event.after["Status"]
        if before == "Running" and after != "Running":
            self._of(thing).off_since = event.at
        record = self._records.get(thing.id)
        if record is None or record.off_since is None:
            return
        if after == "Stopped" and before != "Stopped":
            record.stops += 1
        if after == "Starting" and before == "Stopping":
            record.reboots += 1
        if after == "Running":
            self._stopped_counting(record, event.at)

    @staticmethod
    def _stopped_counting(record: Record, at: float) -> None:
        if record.off_since is not None:
            record.off_seconds += at - record.off_since
            record.off_since = None

    def _opened(self, event: Event) -> None:
        """An IPv6 address that the Internet reaches from now on, or no longer, and what that costs its holder."""
        thing, verb = event.thing, event.verb
        holder = self.account.get("instance", thing["HolderId"]) or self.account.get("eni", thing["HolderId"])
        if holder is None or verb not in ("add", "remove", "change"):
            return
        before = 0 if verb == "add" else event.before.get("Bandwidth", thing["Bandwidth"])
        after = 0 if verb == "remove" else thing["Bandwidth"]
        record = self._of(holder)
        record.billing.append({"field": "Ipv6InternetBandwidth", "from": before, "to": after} | why(event))
        if not (before and after):
            line = {"opened" if after else "closed": [f"{thing['Address']} to the Internet"]}
            record.ports.append(line | why(event))

    def _run(self, event: Event) -> None:
        """A command on each of its machines."""
        if event.thing.kind == "invocation":
            for row in event.thing["Results"]:
                machine = self.account.get("instance", row["InstanceId"])
                if machine is not None:
                    self._of(machine).runs.append({"invocation": event.thing.id} | why(event))

    def _plugged(self, event: Event) -> None:
        """A disk or an interface that comes to a running machine, or leaves it."""
        thing, status = event.thing, event.after.get("Status", event.thing.get("Status"))
        machine = self.account.get("instance", thing.get("InstanceId") or "")
        if status in ("Attaching", "Detaching") and machine is not None and machine.status == "Running":
            way = "in" if status == "Attaching" else "out"
            told = self.account.get("disk", thing.get("DiskId") or "") or thing  # a shared disk has attachments
            self._of(told).plugged.append({"way": way, "machine": machine.id} | why(event))

    # Addresses

    def _readdressed(self, event: Event, what: str, before: list[str], after: list[str]) -> None:
        """One for one where one took the place of another; else what came and what went."""
        gone = [address for address in before if address not in after]
        come = [address for address in after if address not in before]
        record = self._of(event.thing) if gone or come else None
        while record is not None and (gone or come):
            row = {"what": what, "from": gone.pop(0) if gone else None, "to": come.pop(0) if come else None}
            record.addresses.append(row | why(event))

    def _public(self, events: list[Event]) -> None:
        """The public addresses of machines and interfaces: their own, and the EIPs that are bound to them. A call that
        turns the one into the other changes nothing."""
        gone: dict[str, list[str]] = defaultdict(list)
        come: dict[str, list[str]] = defaultdict(list)
        last: dict[str, Event] = {}
        for event in events:
            for target, address, there in self._public_parts(event):
                (come if there else gone)[target].append(address)
                last[target] = event
        for target, event in last.items():
            thing = self.account.get("instance", target) or self.account.get("eni", target) or event.thing
            kept = set(gone[target]) & set(come[target])
            before, after = ([a for a in side[target] if a not in kept] for side in (gone, come))
            self._readdressed(Event("change", thing, event.at, event.cause), "public", before, after)

    @staticmethod
    def _public_parts(event: Event) -> list[tuple[str, str, bool]]:
        """Triples of the target, an address, and whether it came or went."""
        thing = event.thing
        field = {"instance": "PublicIp", "eip": "InstanceId"}.get(thing.kind, "")
        then, now = event.before.get(field), event.after.get(field)
        if event.verb == "add":
            now = thing.get(field)
        elif event.verb == "remove":
            then = thing.get(field)
        if then == now:
            return []
        sides = [(value, there) for value, there in ((then, False), (now, True)) if value]
        if thing.kind == "eip":
            return [(target, thing["IpAddress"], there) for target, there in sides]
        return [(thing.id, address, there) for address, there in sides]

    # Money

    def _paid(self, event: Event) -> None:
        """A purchase for a period, a renewal, and a change of what is paid for already."""
        thing, before, after = event.thing, event.before, event.after
        charge = next((name for name in CHARGE if name in thing.data), "")
        if not charge or thing[charge] != "PrePaid":
            return
        what = ""
        if event.verb == "add" or before.get(charge, "PrePaid") != "PrePaid":
            what = "purchase"
        elif before.get("ExpiredTime") and str(after["ExpiredTime"]) > str(before["ExpiredTime"]):
            what = "renewal"
        elif any(name in after and before[name] != after[name] for name in RATED.get(thing.kind, ())):
            what = "change"
        if not what:
            return
        params = event.cause.params
        row: Row = {"what": what, "until": thing.get("ExpiredTime")}
        if what != "change" and params.get("Period"):
            row["period"] = params["Period"]
            row["unit"] = params.get("PeriodUnit") or params.get("PricingCycle") or "Month"
        price = monthly_price(thing)
        if price is not None:
            row["price_of_a_month"] = price
        self._of(thing).orders.append(row | why(event))


def why(event: Event) -> Row:
    """Which call it was, and whose; `later` where the clock brought what the call began."""
    cause = event.cause
    row: Row = {"call": cause.call, "action": cause.action, "by": cause.by, "at": round(event.at, 3)}
    return row | {"later": True} if cause.delayed else row


def lost(disk: Thing) -> Row:
    """Its whole size. It is empty where it holds neither a system nor a snapshot's data, and no machine ever had it."""
    signs = ("SourceSnapshotId", "InstanceId", "AttachedTime", "DetachedTime")
    row: Row = {"bytes": int(disk["Size"]) * GIB, "of": disk.get("InstanceId", "")}
    return row if disk.get("Type") == "system" or any(disk.get(name) for name in signs) else row | {"empty": True}


def owned_addresses(thing: Thing) -> tuple[str, ...]:
    """A machine's own private address is also its first interface's: that one is told of the others alone."""
    return (
        ("PrivateIpAddress",) if thing.kind == "instance" else ("PrivateIps", "Ipv6s", "Ipv4Prefixes", "Ipv6Prefixes")
    )


def listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []
