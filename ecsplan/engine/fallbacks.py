"""Which of the types and subnets that a machine may have it gets: the first in stock, in the order of the file.

What is live stays as it is, as long as it is one of them: stock that comes and goes moves nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, partial

from ecsplan.inventory.decode import value_of
from ecsplan.model.address import Ref
from ecsplan.model.algebra import Value, Values, fields, members
from ecsplan.model.call import ApiError
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import RemoteObject, Resource
from ecsplan.model.stack import Stack
from ecsplan.model.told import folded
from ecsplan.provider.protocol import Provider

FALLBACKS = {"instance_type": "fallback.instance_types", "vswitch": "fallback.vswitches"}
DISK = "cloud_essd"


def with_choices(source: Provider, stack: Stack, inventory: Inventory, kinds: Kinds, *, is_asked: bool) -> Stack:
    """The stack with one type and one subnet for each machine. Without `is_asked` what is new gets what it wishes."""
    if not any(resource.attributes.get(more) for resource in stack.resources for more in FALLBACKS.values()):
        return stack
    chooser = _Chooser(source, stack, inventory, kinds, is_asked)
    resources = tuple(chooser.chosen(resource) for resource in stack.resources)
    if all(one is other for one, other in zip(resources, stack.resources, strict=True)):
        return stack
    return replace(stack, resources=resources, warnings=(*stack.warnings, *folded(chooser.told)))


class _Chooser:
    def __init__(self, source: Provider, stack: Stack, inventory: Inventory, kinds: Kinds, is_asked: bool) -> None:
        self.declared = stack.by_address()
        self.inventory, self.kinds, self.is_asked = inventory, kinds, is_asked
        self.told: list[Diagnostic] = []
        self.ids: Mapping[str, RemoteObject] = {obj.id: obj for obj in inventory.objects}
        # It knows nothing of what keeps it: a circle would hold the whole inventory until garbage is looked for.
        self.answer = cache(partial(_sold, source))

    def chosen(self, resource: Resource) -> Resource:
        if not any(resource.attributes.get(more) for more in FALLBACKS.values()):
            return resource
        live = self.inventory.matched.get(resource.address)
        choice = self._live(resource, live) if live is not None else self._in_stock(resource)
        return replace(resource, attributes={**resource.attributes, **choice})

    def _wishes(self, resource: Resource, name: str) -> list[Value]:
        return [resource.attributes.get(name), *members(resource.attributes.get(FALLBACKS[name]))]

    def _live(self, resource: Resource, live: RemoteObject) -> Values:
        found: dict[str, Value] = {}
        for name in FALLBACKS:
            value = value_of(self.kinds, live, name)
            kept = [wish for wish in self._wishes(resource, name) if wish is not None and self._id(wish) == value]
            found |= {name: kept[0]} if kept else {}
        return found

    def _id(self, wish: Value) -> Value:
        obj = self.inventory.matched.get(wish.address) if isinstance(wish, Ref) else None
        return obj.id if obj is not None else wish

    def _in_stock(self, resource: Resource) -> Values:
        """Types come before subnets: the first type that any of the subnets has."""
        if not self.is_asked:
            return {}
        sold_out: list[str] = []
        for kind in self._wishes(resource, "instance_type"):
            zones = self.answer(str(kind), *_terms(resource.attributes))
            if zones is None:
                return {}
            for vswitch in self._wishes(resource, "vswitch"):
                zone = self._zone(vswitch)
                if zone in zones or (not zone and zones):
                    self._tell(resource, str(kind), vswitch, sold_out)
                    return {"instance_type": kind, "vswitch": vswitch}
                sold_out.append(f"{kind}{f' in {zone}' if zone else ''}")
        return {}

    def _zone(self, vswitch: Value) -> str:
        if isinstance(vswitch, Ref):
            resource = self.declared.get(vswitch.address)
            return str(resource.attributes.get("zone", "")) if resource is not None else ""
        obj = self.ids.get(str(vswitch))
        return str(value_of(self.kinds, obj, "zone") or "") if obj is not None else ""

    def _tell(self, resource: Resource, kind: str, vswitch: Value, sold_out: Iterable[str]) -> None:
        out = ", ".join(sold_out)
        if out:
            place = f" in {vswitch}" if vswitch != resource.attributes.get("vswitch") else ""
            summary = f"not in stock: {out}; it is made as {kind}{place}"
            detail = "it stays so, as long as the file names this among its fallbacks"
            self.told.append(Diagnostic(summary, detail, resource.source, resource.address, Severity.WARNING))


def _sold(source: Provider, kind: str, *terms: str) -> Collection[str] | None:
    """The zones in which a type can be bought so; None where the service does not tell."""
    from ecsplan.engine.preflighting import asked_once
    from ecsplan.preflight.stock import on_sale, type_on_sale

    answer = asked_once(source, type_on_sale(kind, *terms))
    return None if isinstance(answer, ApiError) else on_sale(answer, kind)


def _terms(values: Values) -> Iterator[str]:
    """How a machine is bought: by the hour or for a time, as a spot machine, and with which disks."""
    yield str(values.get("charge_type") or "PostPaid")
    yield str(values.get("spot.strategy") or "NoSpot")
    yield str(values.get("system_disk.category") or DISK)
    disks = sorted({str(fields(disk).get("category") or DISK) for disk in fields(values.get("data_disks")).values()})
    yield disks[0] if disks else ""
