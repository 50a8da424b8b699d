"""The public address of an instance's own that becomes an EIP: ConvertNatPublicIpToEip of ECS. Used by eip.py.

The call names the instance and answers nothing; the EIP is born bound, without a name and without tags. How its traffic
is paid and its line are those of the address, and cannot be chosen.
"""

from collections.abc import Iterable, Mapping

from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Raw
from ecsplan.model.call import Find, Product, until
from ecsplan.model.capabilities.conversion import Conversion
from ecsplan.model.change import Action, Change
from ecsplan.model.decoder import Decoder
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Create, Live
from ecsplan.model.resource import RemoteObject, Resource
from ecsplan.model.rules import Rule

CONVERT = "convert_public_ip"
OUT = "internet.max_bandwidth_out"
LINE = "BGP"  # of an address of an instance's own


@Decoder
def own_address(instance: Raw) -> str | None:
    """The static public address of an instance; that of an EIP stands elsewhere."""
    found = (instance.get("PublicIpAddress") or {}).get("IpAddress") or ()
    return str(found[0]) if found else None


@Decoder
def bound_eip(instance: Raw) -> str | None:
    return (instance.get("EipAddress") or {}).get("AllocationId") or None


@Decoder
def bound_instance(eip: Raw) -> tuple[str, str] | None:
    """The instance that an EIP is bound to, itself and not an interface of it, and the address."""
    is_bound = eip.get("InstanceId") and eip.get("InstanceType", "EcsInstance") == "EcsInstance"
    return (str(eip["InstanceId"]), str(eip.get("IpAddress"))) if is_bound else None


@Decoder
def refused(instance: Raw) -> Iterable[str]:
    """What the API asks of an instance whose address is converted, as far as one can see."""
    status, is_subscription = instance.get("Status"), instance.get("InstanceChargeType") == "PrePaid"
    if status not in ("Running", "Stopped"):
        yield f"{CONVERT}: the instance is {status}; plan again when it is Running or Stopped"
    if not instance.get("InternetMaxBandwidthOut"):
        yield f"{CONVERT}: the instance has no public bandwidth; give it some Mbit/s first"
    if not (instance.get("VpcAttributes") or {}).get("VpcId"):
        yield f"{CONVERT}: the instance is in no VPC; only there an address can become an EIP"
    if is_subscription and instance.get("InternetChargeType") != "PayByTraffic":
        yield (
            f"{CONVERT}: the instance is a subscription paid by bandwidth; "
            "have its traffic paid first (internet.charge_type: PayByTraffic)"
        )


@Decoder
def _terms(raw: Raw) -> tuple[str | None, str]:
    """How the traffic of an address is paid, and its line: told of an instance and of an EIP alike."""
    return raw.get("InternetChargeType"), raw.get("ISP") or LINE


def unlike(resource: Resource, obj: RemoteObject) -> Iterable[str]:
    """`obj` is the instance, or the EIP that its address has become."""
    paid, line = obj.fact(_terms)
    if resource.attributes.get("charge_type", paid) != paid:
        yield f"charge_type: a conversion keeps how the address is paid ({paid}); leave charge_type out"
    if resource.attributes.get("isp", line) != line:
        yield f"isp: a conversion keeps the line of the address ({line}); leave isp out"


@Decoder
def notes(instance: Raw) -> Iterable[str]:
    if instance.get("InstanceChargeType") == "PrePaid" and instance.get("ExpiredTime"):
        yield f"the subscription of the instance ends {instance['ExpiredTime']}; in its last 24 hours none converts"


def find(instance_id: str, address: str) -> Find:
    return Find(
        {"AssociatedInstanceId": instance_id, "AssociatedInstanceType": "EcsInstance"}, (("IpAddress", address),)
    )


CONVERSION = Conversion(
    asked_by=CONVERT,
    source="instance",
    block="internet",
    noun="public address",
    has=own_address,
    bound=bound_instance,
    tells=bound_eip,
    create=Create(
        "ConvertNatPublicIpToEip",
        id="AllocationId",
        product=Product.ECS,
        wire={"instance": "InstanceId", "charge_type": "", "isp": ""},
        later=("name", "description", "bandwidth", "deletion_protection", "resource_group"),
        tags=None,
        token=False,
        wait=until("InUse"),
        seconds=3.0,
    ),
    find=find,
    refused=refused,
    unlike=unlike,
    notes=notes,
)


def can_be_converted(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """Only an instance has such an address, and as long as its own file counts on it, it must not become an EIP."""
    if not resource.attributes.get(CONVERT):
        return
    target = resource.attributes.get("instance")
    is_other = isinstance(target, Ref) and target.address.kind != "instance"
    if target is None or is_other or (isinstance(target, str) and not target.startswith("i-")):
        yield Diagnostic(
            f"{CONVERT}: {'no instance is named' if target is None else f'{target} is not an instance'}",
            "write instance: and whose address is to become this EIP, or leave convert_public_ip out",
            resource.source_of(CONVERT),
            resource.address,
            rule=Rule.COMBINATION,
        )
    machine = everything.get(target.address) if isinstance(target, Ref) else None
    declared = sorted(name for name in machine.attributes if name.startswith("internet.")) if machine else []
    if machine and declared:
        yield Diagnostic(
            f"{machine.address} declares {declared[0]}, and its public address goes to {resource.address}",
            f"leave internet out of {machine.address}: the address goes to {resource.address}",
            machine.source_of(declared[0]),
            resource.address,
            rule=Rule.COMBINATION,
        )


def hindered(change: Change, live: Live) -> Iterable[str]:
    """An instance takes one EIP, and none beside an address of its own (InvalidStatus.InstanceHasBandWidth)."""
    is_new = change.action in (Action.CREATE, Action.REPLACE)
    line = change.attributes_by_name.get("instance")
    target = change.desired("instance") if is_new else line.after if line else None
    if change.converts or change.action in (Action.DELETE, Action.RELEASE) or not isinstance(target, str):
        return
    instance, its_change = live(target)
    if instance is None or instance.kind != "instance":
        return
    name = its_change.address if its_change is not None else instance.id
    address = instance.fact(own_address)
    if address is not None and not _gives_up(its_change):
        keeping = f"{CONVERT}: true keeps it as this EIP" if is_new else f"a new eip with {CONVERT}: true keeps it"
        yield (
            f"{name} has the public address {address} of its own and takes no EIP: {keeping}; "
            "internet: {max_bandwidth_out: 0} on the instance gives it up"
        )
    bound = _stays_bound(change, instance, live)
    if bound is not None:
        whose = f" of stack {bound.owner.stack}" if bound.owner is not None else ", which no stack owns,"
        yield f"{name} takes one EIP, and {bound.id}{whose} is bound to it"


def _gives_up(change: Change | None) -> bool:
    line = change.attributes_by_name.get(OUT) if change is not None else None
    return line is not None and line.after == 0


def _stays_bound(change: Change, instance: RemoteObject, live: Live) -> RemoteObject | None:
    """The EIP that is bound to the instance, and that this plan leaves there."""
    eip, its_change = live(instance.fact(bound_eip) or "")
    if eip is None or CONVERSION.is_of(eip, instance.id) is None or (change.before and change.before.id == eip.id):
        return None
    if its_change is None:
        return eip
    is_going = its_change.action in (Action.DELETE, Action.REPLACE)
    return None if is_going or "instance" in its_change.attributes_by_name else eip
