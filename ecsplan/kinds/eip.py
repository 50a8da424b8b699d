"""Elastic IP address with its association. VPC 2016-04-28: AllocateEipAddress, AssociateEipAddress, …

One that is made of an instance's own public address is in _eip_conversion.py.
"""

from collections.abc import Iterable, Mapping

from ecsplan.kinds import _costs, _impacts
from ecsplan.kinds import _eip_binding as binding
from ecsplan.kinds import _eip_conversion as conversion
from ecsplan.kinds import _eip_terms as terms
from ecsplan.kinds._ddos import PROTECTION
from ecsplan.kinds._limits import checks_of, types_of
from ecsplan.kinds._refusals import unless_free
from ecsplan.kinds._shared import Told, description, resource_group, resource_group_update, tags, tags_update
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Raw, fields
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Product, Replay, until
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exclusivity import Exclusivity
from ecsplan.model.capabilities.exporting import Exporting, always
from ecsplan.model.capabilities.ordering import Ordering
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.preflight import Preflight
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Folded, Terraform, named
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import Reference
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Live, Paging, Update
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Boolean, IpAddress, Text

of = types_of("eip")


def change_package(change: Change) -> Iterable[Call]:
    """An address is in one package at a time; it is in when its own description says so, not when the package does."""
    moved = change.attributes_by_name["bandwidth_package"]
    if moved.before is not None:
        params = {"BandwidthPackageId": moved.before, "IpInstanceId": change.id}
        yield Call("RemoveCommonBandwidthPackageIp", params, Product.VPC, "eip", (change.id,),
                   wait=until(BandwidthPackageId=""), token=True, replay=Replay.TOKEN,
                   done_on=("OperationUnsupported.IpNotInCbwp",))  # fmt: skip
    if moved.after is not None:
        params = {"BandwidthPackageId": moved.after, "IpInstanceId": change.id, "IpType": "EIP"}
        yield Call("AddCommonBandwidthPackageIp", params, Product.VPC, "eip", (change.id,),
                   wait=until(BandwidthPackageId=moved.after), token=True, replay=Replay.TOKEN)  # fmt: skip


def own_charge(raw: Raw) -> object:
    """In a package it is paid as the package is; what is told then says nothing of its own."""
    return None if raw.get("BandwidthPackageId") else raw.get("InternetChargeType")


def gives_up(eip: LiveObject) -> tuple[str, ...]:
    return (f"the address {eip.attributes.get('ip_address') or '?'}",)


def noted(change: Change) -> Iterable[str]:
    """What loses its address: that may be a machine of others, to which somebody bound it by hand."""
    bound = change.live("instance") or change.live("private_ip")
    if change.action in (Action.DELETE, Action.REPLACE) and bound:
        yield f"{bound} has its address, and loses it"


def fits_its_instance(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """An instance has either an address of its own or an EIP (InvalidStatus.InstanceHasBandWidth)."""
    instance = resource.attributes.get("instance")
    if not isinstance(instance, Ref):
        return
    machine = everything.get(instance.address)
    bandwidth = machine.attributes.get(conversion.OUT) if machine else None
    if isinstance(bandwidth, int) and bandwidth > 0 and not resource.attributes.get(conversion.CONVERT):
        yield Diagnostic(
            f"{instance} has a public address of its own (internet.max_bandwidth_out: {bandwidth})",
            "leave internet out there and write convert_public_ip: true here to keep the address, write "
            "max_bandwidth_out: 0 there to give it up, or bind the EIP to another instance",
            resource.source_of("instance"),
            resource.address,
            rule=Rule.COMBINATION,
        )


def notes(resource: Resource) -> Iterable[str]:
    """The service chooses what the file leaves open, and it is what is paid."""
    is_paid = resource.attributes.get(terms.SUBSCRIPTION)
    open_ones = [*(() if is_paid else [("charge_type", "PayByBandwidth")]), ("bandwidth", "5 Mbit/s")]
    chosen = [f"{name}: {value}" for name, value in open_ones if resource.attributes.get(name) is None]
    if chosen:
        yield f"the service chooses {' and '.join(chosen)}, as the file does not say"


def hindered(change: Change, live: Live) -> Iterable[str]:
    """Its create call refuses a tag without a value, which TagResources takes: such a file is one of a live EIP."""
    yield from conversion.hindered(change, live)
    yield from terms.hindered(change)
    if change.action in (Action.CREATE, Action.REPLACE) and not change.converts:
        for key, value in fields(change.desired("tags")).items():
            if value == "":
                yield f"a new EIP takes no empty tag: write a value for {key}, or remove it"


def own_bandwidth(raw: Raw) -> object:
    """In a shared bandwidth package `Bandwidth` is the package's, and an own cap is told beside it."""
    if raw.get("EipBandwidth"):
        return raw["EipBandwidth"]
    shared = raw.get("BandwidthPackageId") and raw.get("BandwidthPackageBandwidth") == raw.get("Bandwidth")
    return None if shared else raw.get("Bandwidth")


def described(raw: Raw) -> object:
    """In recorded answers the name is misspelt, in the reference it is not."""
    return raw.get("Descritpion", raw.get("Description"))


CREATE = Create("AllocateEipAddress", id="AllocationId", later=("bandwidth_package", *binding.NAMES,
                                                                "deletion_protection"),
                wait=until("Available", "InUse"), notes=notes, impacts=_impacts.of_bound_birth, extra=terms.order,
                seconds=2.0)  # fmt: skip
BOUGHT = replace(CREATE, wire=terms.UNNAMED)

ELSEWHERE = (
    Terraform(
        "alicloud_eip_address",
        named(
            address_name="name", bandwidth="bandwidth text number", internet_charge_type="charge_type", isp="isp",
            deletion_protection="deletion_protection bool", public_ip_address_pool_id="address_pool",
            payment_type="subscription? paid", security_protection_types="security_protection first",
        ) + COMMON,
        older=("alicloud_eip",),
        theirs_alone={
            "netmode": "public", "high_definition_monitor_log_status": "OFF",
        },
        renamed={"name": "address_name"},
        no_place=("bandwidth_package", "wanted_address", "instance", "convert_public_ip"),
        decided=("ip_address",),
        folded=(
            Folded("alicloud_eip_association", ("instance",), "allocation_id", 0),
            Folded("alicloud_common_bandwidth_package_attachment", ("bandwidth_package",), "instance_id", 1),
        ),
    ),
    Ros(
        "ALIYUN::VPC::EIP", "AllocationId",
        {"address_name": "Name", "bandwidth": "Bandwidth", "internet_charge_type": "InternetChargeType", "isp": "Isp",
         "description": "Description", "deletion_protection": "DeletionProtection",
         "resource_group_id": "ResourceGroupId", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="eip",
    summary="A public IPv4 address that outlives the instance it is bound to.",
    product=Product.VPC,
    attributes=(
        terms.NAME,
        replace(description("eip"), read_as=described),
        Attribute("bandwidth", "Bandwidth", of("bandwidth", as_text=True), "The peak bandwidth, in Mbit/s.",
                  read_as=own_bandwidth, samples=(5, 10)),
        Attribute("charge_type", "InternetChargeType", Told("PayByBandwidth", "PayByTraffic", default=None),
                  "How traffic is paid.", fixed="replace", read_as=own_charge,
                  samples=("PayByTraffic", "PayByBandwidth")),
        Attribute("isp", "ISP", Text(1, 32), "The line, like BGP or BGP_PRO.", fixed="replace",
                  samples=("BGP", "BGP_PRO")),
        Attribute("bandwidth_package", None, Reference("common_bandwidth_package", prefixes=("cbwp-",)),
                  "The shared bandwidth that it uses in place of its own.", read_as="BandwidthPackageId",
                  optional=True, is_relation=True, samples=("shared", "wide")),
        Attribute("wanted_address", "IpAddress", IpAddress(), "The address that is asked for; the cloud chooses one if "
                  "left out.", read_as="IpAddress", fixed="refuse", samples=("47.99.1.2", "47.99.1.3")),
        Attribute("address_pool", "PublicIpAddressPoolId", Text(8, 64, "^pippool-", "the id of a pool, like "
                  "pippool-2vc0kxcedhquybdsz****"), "The pool that its address is of.", fixed="refuse",
                  samples=("pippool-one", "pippool-two")),
        *binding.ATTRIBUTES,
        *terms.ATTRIBUTES,
        PROTECTION,
        Attribute(conversion.CONVERT, None, Boolean(),
                  "Whether the instance's own public address, where it has one, becomes this EIP. It counts until the "
                  "EIP is owned.", read_as=False, only_at_birth=True),
        Attribute("deletion_protection", None, Boolean(), "Whether the address refuses to be released.",
                  read_as="DeletionProtection", samples=(True, False)),
        resource_group(),
        tags("eip"),
        Attribute("ip_address", None, IpAddress(), "The address.", computed=True, read_as="IpAddress"),
    ),
    listing=Listing(
        "DescribeEipAddresses",
        items="EipAddresses.EipAddress",
        id="AllocationId",
        name="Name",
        product=Product.VPC,
        paging=Paging.PAGE,
        page_size=100,
        ids=Ids("AllocationId", "comma", 50),
        dry_run=True,
    ),
    create=replace(CREATE, instead=lambda resource: BOUGHT if resource.attributes.get(terms.SUBSCRIPTION) else None),
    updates=(
        Update("ModifyEipAddressAttribute", ("name", "description", "bandwidth"),
               impacts=_impacts.only(Impact.BILLING, "bandwidth")),
        Update(None, ("bandwidth_package",), build=change_package, impacts=(Impact.BILLING,)),
        *binding.UPDATES,
        Update("DeletionProtection", ("deletion_protection",), id="InstanceId", params={"Type": "EIP"},
               wire={"deletion_protection": "ProtectionEnable"}, token=True),
        resource_group_update("EIP", Product.VPC),
        tags_update(),
    ),
    delete=Delete("ReleaseEipAddress", release=("instance", "vpc", "bandwidth_package"), impacts=(Impact.NEW_ADDRESS,),
                  gives_up=gives_up, refused=unless_free("ChargeType", "released")),
    id_param="AllocationId",
    id_prefixes=("eip-",),
    can=(
        Tagged("EIP"),
        Rights("vpc:eip"),
        Checks((checks_of("eip"), fits_its_instance, conversion.can_be_converted, binding.checks, terms.checks)),
        Preflight(hindered=hindered, noted=noted),
        Exclusivity(one_holder=("instance", "private_ip"), is_beside=binding.is_beside,
                    takes_many=lambda value: binding.target_type(value) == "Nat"),
        conversion.CONVERSION,
        Ordering(after={"instance": (conversion.OUT, "private_ips")}),
        Priced(terms.purchase, _costs.of_eip),
        Exporting(beyond={"zone": "Zone"},
                  rank=12, defaults={"isp": "BGP", "mode": "NAT"}, noise={"wanted_address": always}),
        *ELSEWHERE,
    ),
    example={"bandwidth": 10, "charge_type": "PayByTraffic", "instance": "web"},
    docs="https://help.aliyun.com/document_detail/36016.html",
)  # fmt: skip
