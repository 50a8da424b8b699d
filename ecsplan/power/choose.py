"""Which machines a person means, and what is to be said before they are touched. Called by the engine; pure."""

from collections.abc import Iterable, Iterator, Mapping

from ecsplan.model.address import Address, means
from ecsplan.model.diagnostic import Diagnostic, Rejected, Severity
from ecsplan.model.power import Order, PowerPlan, Verb
from ecsplan.model.resource import LiveObject
from ecsplan.model.stack import Stack

Machines = Mapping[Address, LiveObject]


def chosen(patterns: Iterable[str], owned: Machines) -> dict[Address, LiveObject]:
    """The machines that addresses, groups and patterns mean. Raises Rejected where one means nothing."""
    found: dict[Address, LiveObject] = {}
    problems = []
    for pattern in patterns:
        hits = {address: obj for address, obj in owned.items() if means(pattern, address)}
        if not hits:
            problems.append(_nothing(pattern, owned))
        found |= hits
    if problems:
        raise Rejected(problems)
    return dict(sorted(found.items()))


def _nothing(pattern: str, owned: Machines) -> Diagnostic:
    known = sorted({str(address.group) for address in owned})
    some = ", ".join(known[:5]) + (", …" if len(known) > 5 else "")
    detail = f"its machines are {some}" if known else "it has no machines; write instance.NAME, instance.NAME[0] …"
    return Diagnostic(f"{pattern} is not a machine of this stack", detail)


def laid_out(
    order: Order, stack: Stack, machines: Machines, target: str, addresses: Mapping[Address, str]
) -> PowerPlan:
    """What is there already (its status is the `target`) needs nothing; a reboot is always asked for.

    `addresses` are the public addresses of the machines' own.
    """
    settled = {a: o for a, o in machines.items() if order.verb is not Verb.REBOOT and o.status == target}
    left = {a: o for a, o in machines.items() if a not in settled}
    return PowerPlan(
        order, stack.name, stack.region, left, settled, tuple(_warnings(order, stack, machines, addresses))
    )


def _warnings(order: Order, stack: Stack, machines: Machines, addresses: Mapping[Address, str]) -> Iterator[Diagnostic]:
    """Where the stack file says otherwise, the next apply undoes it."""
    declared = stack.by_address()
    undone = {Verb.START: ("stopped", "stop"), Verb.STOP: ("running", "start")}.get(order.verb)
    for address in machines if order.stop_charging else ():
        if (public := addresses.get(address)) is not None:
            summary = f"its public address {public} is given up; its next start gives it a new public address"
            yield Diagnostic(summary, address=address, severity=Severity.WARNING)
    for address in machines:
        resource = declared.get(address)
        if resource is None:
            summary = "the stack file no longer declares it: the next apply deletes it"
            yield Diagnostic(summary, address=address, severity=Severity.WARNING)
        elif undone is not None and resource.attributes.get("state") == undone[0]:
            summary = f"the stack file says state: {undone[0]}: the next apply will {undone[1]} it again"
            yield Diagnostic(summary, "change state: there too", resource.source_of("state"), address, Severity.WARNING)
