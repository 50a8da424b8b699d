"""Virtual machine. ECS 2014-05-26: RunInstances, DescribeInstances, ModifyInstance…, Start/Stop/DeleteInstances.

Its data disks are in _instance_disks.py, the calls that a table cannot say in _instance_calls.py.
"""

from typing import Any

from ecsplan.kinds import (
    _addresses,
    _asking,
    _balancers,
    _commands,
    _costs,
    _disk_rows,
    _disks,
    _encryption,
    _impacts,
    _instance_disk_terms,
    _instance_disks,
    _instance_elsewhere,
    _instance_export,
    _instance_interfaces,
    _instance_moving,
    _instance_options,
    _instance_power,
    _instance_settings,
    _instance_system_disk,
    _ipv6_internet,
    _leaving,
    _machine,
    _needs,
    _one_vpc,
    _one_zone,
    _reinstalling,
    _release_time,
    _safety,
)
from ecsplan.kinds import _instance_calls as calls
from ecsplan.kinds._limits import checks_of, types_of
from ecsplan.kinds._reach import GROUP_RULES
from ecsplan.kinds._shared import (
    GROUPS,
    INSTANCES,
    ZONE,
    Told,
    description,
    name,
    resource_group,
    resource_group_update,
    tags,
    tags_update,
)
from ecsplan.model.algebra import Raw
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Merge, Wait, until
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exclusivity import Exclusivity
from ecsplan.model.capabilities.moving import Movable
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.parts import Parts
from ecsplan.model.capabilities.preflight import Preflight
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.composites import Reference
from ecsplan.model.copying import replace
from ecsplan.model.kind import Create, Delete, Detail, Ids, Kind, Listing, Paging, Update
from ecsplan.model.texts import FileText, SecretText
from ecsplan.model.values import Boolean, Choice, Instant, IpAddress, Number, Offer, Text

of = types_of("instance")

STOPPED = "Stopped"
AFTER_RESTART = "takes effect at the next restart"
NOT_RUN = "the machine shows it from now on, but does not run it: that happens at the first start alone"
SPOT = {"spot.strategy": "SpotAsPriceGo"}
PREPAID = {"charge_type": "PrePaid"}
RENEWAL = ("renewal.status", "renewal.period", "renewal.period_unit")


def is_system_disk(disk: Raw) -> bool:
    return disk.get("Type") == "system"


def first(path: str, *keys: str) -> Any:
    """Reads the first entry of a wrapped list."""

    def read(raw: Raw) -> object:
        found: Any = raw
        for key in (path, *keys):
            found = (found or {}).get(key)
        return found[0] if found else None

    return read


def in_first(path: str, field: str) -> Any:
    """Reads a field of the first entry of a detail; None where it was not read."""
    return lambda raw: (first(path)(raw) or {}).get(field)


ATTRIBUTES = (
    name("instance", "InstanceName"),
    description("instance"),
    Attribute("instance_type", "InstanceType", of("instance_type", of=Offer.INSTANCE_TYPE),
              "The instance type.", required=True, fixed="refuse", samples=("ecs.g7.large", "ecs.g7.xlarge")),
    Attribute("image", "ImageId", calls.ImageSource(),
              "An image id, {family: NAME} (the newest when created), or an image of the stack.", required=True,
              fixed="replace", decided_by="on_image_change",
              samples=("ubuntu_22_04_x64_20G_alibase_20260522.vhd", "ubuntu_24_04_x64_20G_alibase_20260916.vhd")),
    Attribute("zone", "ZoneId", ZONE, "The zone; that of the vSwitch if left out.", fixed="replace"),
    Attribute("vswitch", "VSwitchId", Reference("vswitch", prefixes=("vsw-",)), "The subnet it lives in.",
              read_as="VpcAttributes.VSwitchId", samples=("app", "beside")),
    Attribute("private_ip", "PrivateIpAddress", IpAddress(), "A fixed private address, inside the vSwitch's range.",
              read_as=first("VpcAttributes", "PrivateIpAddress", "IpAddress"), samples=("10.0.100.10", "10.0.100.11"),
              samples_with={"vswitch": "app"}),
    Attribute("secondary_private_ips", None, _addresses.PRIVATE,
              "Further private addresses of its primary interface. Exclusive: what is not listed is given back.",
              afterwards="write false to give them back",
              read_as=lambda raw: _addresses.secondary(calls.primary_interface(raw)),
              samples=(["10.0.100.40"], ["10.0.100.41", "10.0.100.42"]), samples_with={"vswitch": "app"}),
    Attribute("ipv6_addresses", None, _addresses.IPV6,
              "IPv6 addresses of its primary interface. Exclusive: what is not listed is given back.",
              afterwards="write false to give them back",
              read_as=lambda raw: _addresses.ipv6(calls.primary_interface(raw))),
    Attribute("security_groups", "SecurityGroupIds",
              GROUPS,
              _impacts.MEMBERSHIP, required=True,
              read_as="SecurityGroupIds.SecurityGroupId", samples=(["web"], ["web", "extra"])),
    Attribute("hostname", "HostName", of("hostname"), "The host name inside the machine.", read_as="HostName",
              samples=("host-one", "host-two")),
    Attribute("key_pair", "KeyPairName", Reference("key_pair", prefixes=(), or_literal=True),
              "The SSH key pair; Linux only.", optional=True, samples=("one", "two")),
    Attribute("password", "Password", SecretText(), "The login password.", sensitive=True, read_as=False,
              samples=({"env": "LOGIN_PASSWORD", "version": 1}, {"env": "LOGIN_PASSWORD", "version": 2})),
    Attribute("user_data", "UserData", FileText(32768, base64=True), "What the machine runs at its first start.",
              read_as="@user_data.UserData", compare_by_digest=True, fixed="replace", decided_by="on_user_data_change",
              samples=("#!/bin/sh\necho one\n", "#!/bin/sh\necho two\n")),
    Attribute("ram_role", "RamRoleName", of("ram_role"), "The RAM role that programs on it may take.",
              read_as=in_first("@ram_role", "RamRoleName"), optional=True, is_relation=True,
              samples=("role-one", "role-two")),
    *_instance_system_disk.ATTRIBUTES,
    Attribute("data_disks", None, _disk_rows.DataDisks(),
              "Data disks by slot. Adding, growing or removing one never replaces the instance.", fixed="refuse",
              afterwards="its disks stay; write data_disks: false to have them deleted", read_as=lambda raw: None,
              samples=({"data": {"category": "cloud_essd", "size": 40}},
                       {"data": {"category": "cloud_essd", "size": 60, "keep": True},
                        "logs": {"category": "cloud_auto", "size": 40}})),
    Attribute("network_interfaces", None, _instance_interfaces.NetworkInterfaces(),
              "Secondary network interfaces by slot, which go with it. Changing one never replaces the instance.",
              afterwards="its interfaces stay; write network_interfaces: false to have them deleted",
              read_as=lambda raw: None,
              samples=({"control": {"vswitch": "app", "security_groups": ["web"], "description": "first words"}},
                       {"backup": {"vswitch": "beside", "security_groups": ["extra"]},
                        "control": {"vswitch": "app", "security_groups": ["web"], "description": "second words"}}),
              samples_with={"vswitch": "app"}),
    Attribute("internet.charge_type", "InternetChargeType",
              Told("PayByTraffic", "PayByBandwidth", default=None),
              "How the traffic of its own public address is paid.", samples=("PayByTraffic", "PayByBandwidth")),
    Attribute("internet.max_bandwidth_out", "InternetMaxBandwidthOut", of("internet.max_bandwidth_out"),
              "Mbit/s out; more than 0 gives it a public address.", samples=(5, 10),
              optional=True, none=0,
              afterwards="the machine keeps its public address; write false to give that up"),
    Attribute("internet.max_bandwidth_in", "InternetMaxBandwidthIn", of("internet.max_bandwidth_in"), "Mbit/s in.",
              samples=(5, 8), samples_with={"internet.max_bandwidth_out": 5}),
    *_instance_options.ATTRIBUTES,
    *_instance_settings.ATTRIBUTES,
    *_balancers.ATTRIBUTES,
    Attribute("spot.strategy", "SpotStrategy",
              Told("NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo", default="NoSpot"),
              "Whether it is a spot instance.", fixed="replace",
              samples=("NoSpot", "SpotAsPriceGo")),
    Attribute("spot.price_limit", "SpotPriceLimit", Number(0), "The highest price an hour.", fixed="replace",
              samples=(0.97, 1.2), samples_with={"spot.strategy": "SpotWithPriceLimit"}),
    Attribute("spot.duration", "SpotDuration", calls.Hours(0, 6), "Hours without interruption.", fixed="replace",
              samples=(0, 1), samples_with=SPOT),
    Attribute("spot.interruption_behavior", "SpotInterruptionBehavior", Choice("Terminate", "Stop"),
              "What happens when it is taken back.", fixed="replace",
              samples=("Terminate", "Stop"), samples_with=SPOT),
    Attribute("credit_specification", "CreditSpecification", Choice("Standard", "Unlimited"),
              "For burstable types: whether it may go into debt.", samples=("Standard", "Unlimited"),
              samples_with={"instance_type": "ecs.t6-c1m2.large"}),
    Attribute("security_enhancement", "SecurityEnhancementStrategy", Choice("Active", "Deactive"),
              "Whether the security agent is installed; public images only.", read_as=False, fixed="replace",
              samples=("Deactive", "Active")),
    Attribute("deletion_protection", "DeletionProtection", Boolean(), "Whether the API refuses to delete it.",
              samples=(True, False)),
    Attribute("charge_type", "InstanceChargeType", Choice("PostPaid", "PrePaid"),
              "PostPaid (pay as you go) or PrePaid (subscription).", samples=("PrePaid", "PostPaid"),
              samples_with={"period": 1}),
    Attribute("period", "Period", of("period"), "For PrePaid: how many period units are bought; 1 if left out.",
              read_as=False, samples=(1, 2), samples_with=PREPAID),
    Attribute("period_unit", "PeriodUnit", Choice("Week", "Month"), "For PrePaid: Month if left out.", read_as=False,
              samples=("Week", "Month"), samples_with=PREPAID),
    Attribute("renewal.status", None, Choice("AutoRenewal", "Normal", "NotRenewal"),
              "For PrePaid: what happens at the end.", read_as=in_first("@renewal", "RenewalStatus"),
              samples=("Normal", "AutoRenewal"), samples_with=PREPAID),
    Attribute("renewal.period", None, of("renewal.period"), "For PrePaid: how many period units each renewal is for.",
              read_as=in_first("@renewal", "Duration"), samples=(1, 3),
              samples_with={**PREPAID, "renewal.status": "AutoRenewal"}),
    Attribute("renewal.period_unit", None, Choice("Week", "Month"), "For PrePaid: Month if left out.",
              read_as=in_first("@renewal", "PeriodUnit"), samples=("Month", "Week"),
              samples_with={**PREPAID, "renewal.status": "AutoRenewal", "renewal.period": 1}),
    Attribute("auto_release_time", "AutoReleaseTime", Instant(), "For PostPaid: when the cloud releases it.",
              optional=True, ends=True,
              afterwards="the cloud still releases the machine then; write false to take that back",
              samples=("2027-12-31T18:00Z", "2028-01-31T18:00Z")),
    Attribute("state", None, Choice("running", "stopped"), "Whether it is to run. Left out, its power is its own.",
              read_as=calls.power_state, samples=("running", "stopped")),
    _instance_power.STOPPED_MODE, _commands.ATTRIBUTE,
    resource_group(), tags("instance"),
    Attribute("primary_interface", None, Text(), "The id of its primary network interface.", computed=True,
              read_as=lambda raw: calls.primary_interface(raw).get("NetworkInterfaceId")),
    Attribute("public_ip", None, IpAddress(), "Its own public address.", computed=True,
              read_as=first("PublicIpAddress", "IpAddress")),
    *_instance_options.COMPUTED,
)  # fmt: skip

LISTING = Listing(
    "DescribeInstances",
    items="Instances.Instance",
    id="InstanceId",
    name="InstanceName",
    paging=Paging.EITHER,
    page_size=100,
    params=INSTANCES,
    ids=Ids("InstanceIds"), dry_run=True,
    details=(
        Detail("@disks", "DescribeDisks", "Disks.Disk", key="InstanceId", page_size=500, always=is_system_disk,
               one="InstanceId"),
        Detail("@interfaces", "DescribeNetworkInterfaces", "NetworkInterfaceSets.NetworkInterfaceSet",
               key="InstanceId", page_size=500, params={"Type": "Secondary"}, one="InstanceId",
               attributes=("network_interfaces",), unlisted=_instance_interfaces.unlisted),
        Detail("@ram_role", "DescribeInstanceRamRole", "InstanceRamRoleSets.InstanceRamRoleSet", key="InstanceId",
               paging=Paging.PAGE, page_size=50, ids=Ids("InstanceIds", "json", 50), attributes=("ram_role",)),
        Detail("@renewal", "DescribeInstanceAutoRenewAttribute", "InstanceRenewAttributes.InstanceRenewAttribute",
               key="InstanceId", paging=Paging.PAGE, page_size=100, ids=Ids("InstanceId", "comma", 100),
               attributes=("renewal.status", "renewal.period", "renewal.period_unit"), only_if=_machine.is_subscription,
               untold=("InvalidParameter", "ChargeTypeViolation", "IncorrectInstanceStatus")),
        _disk_rows.POLICIES,
        *_instance_options.DETAILS,
        *_instance_settings.DETAILS,
        *_balancers.details(_balancers.ECS),
        Detail("@user_data", "DescribeUserData", "", ids=Ids("InstanceId", "single", 1), paging=Paging.NONE,
               attributes=("user_data",), refresh_only=True),
    ),
)  # fmt: skip

BILLED = (Impact.BILLING,)
UPDATES = (
    Update("ModifyInstanceAttribute", ("name", "description", "deletion_protection", "security_groups",
                                       "credit_specification"),
           impacts=_impacts.only(Impact.ACCESS, "security_groups")),
    Update("ModifyInstanceAttribute", ("hostname", "password"), note=AFTER_RESTART),
    Update("ModifyInstanceAttribute", ("user_data",), note=NOT_RUN),
    *_instance_system_disk.UPDATES,
    Update(None, ("data_disks",), build=_instance_disk_terms.calls, only_if=_instance_disks.can_change,
           impacts=_impacts.of_slots_of_disks, loses=_instance_disks.lost,
           otherwise=_instance_disks.why_not,
           note=f"file systems are left as they are; after a disk has grown, {_disks.GROW}"),
    Update(None, ("network_interfaces",), build=_instance_interfaces.calls,
           impacts=_impacts.of_slots_of_interfaces, loses=_instance_interfaces.lost),
    Update(None, ("instance_type",), build=calls.change_type, needs_status=STOPPED, impacts=BILLED,
           asks=_asking.change_of_type, only_if=calls.has_no_local_disks, otherwise=calls.NO_LOCAL_DISKS),
    Update(None, ("image",), build=_reinstalling.replace_system_disk, needs_status=STOPPED, impacts=(Impact.DATA_LOSS,),
           asks=_asking.change_of_image,
           loses=lambda change: ("what is on the system disk",), only_if=_reinstalling.names_an_image,
           otherwise="a machine can be reinstalled from an image id only, not from a family"),
    Update("ModifyInstanceVpcAttribute", _instance_moving.PLACE, build=_instance_moving.move, needs_status=STOPPED,
           impacts=(Impact.NEW_ADDRESS,), note="it gets another private address"),
    Update("AssignPrivateIpAddresses", ("secondary_private_ips",),
           impacts=_impacts.of_addresses("secondary_private_ips"),
           build=_addresses.change_private("secondary_private_ips", calls.interface)),
    Update("AssignIpv6Addresses", ("ipv6_addresses",), impacts=_impacts.of_addresses("ipv6_addresses"),
           build=_ipv6_internet.along(_addresses.change_ipv6("ipv6_addresses", calls.interface))),
    Update(None, ("internet.charge_type", "internet.max_bandwidth_out", "internet.max_bandwidth_in"),
           build=calls.change_internet, impacts=_impacts.of_internet, loses=calls.lost_address),
    *_instance_options.UPDATES,
    *_instance_settings.UPDATES,
    *_balancers.updates(_balancers.ECS),
    Update(None, ("ram_role",), build=calls.change_role),
    Update(None, ("key_pair",), build=calls.change_key_pair, note=AFTER_RESTART),
    Update(None, ("charge_type",), build=calls.change_charge_type, impacts=BILLED,
           note="buys or ends a subscription"),
    Update(None, ("period", "period_unit"), build=lambda change: (), note="counts for what is bought from now on"),
    Update("ModifyInstanceAutoRenewAttribute", RENEWAL,
           wire={"renewal.status": "RenewalStatus", "renewal.period": "Duration", "renewal.period_unit": "PeriodUnit"},
           impacts=BILLED, also=RENEWAL),
    Update("ModifyInstanceAutoReleaseTime", ("auto_release_time",),
           note="the cloud then deletes the machine and what is on its system disk, or no longer does"),
    Update(None, ("stopped_mode",), build=lambda change: (), only_if=lambda before, after: before is None,
           loses=calls.lost_by_economy, otherwise="it is off already in the other mode, and the mode is chosen when a "
           "machine is stopped; start it first (ecsplan start ADDRESS), then apply again"),
    resource_group_update("instance"),
    tags_update(),
    _commands.UPDATE,
)  # fmt: skip

LATER = (
    "secondary_private_ips",
    "ipv6_addresses",
    *_instance_options.LATER,
    *_instance_settings.LATER,
    "state",
    "commands",
    *_balancers.NAMES,
)
CREATE = Create(
    "RunInstances",
    id="InstanceIdSets.InstanceIdSet[]",
    later=(*LATER, *RENEWAL),
    extra=calls.run_params,
    notes=calls.notes,
    asks=_asking.new_machine,
    wait=until("Running"),
    amount="Amount",
    ordered=("HostName",),
    seconds=15.0,
    impacts=_commands.at_birth,
)
RENEWED = replace(CREATE, later=LATER)  # renewal is bought with the machine

KIND = Kind(
    name="instance",
    summary="A virtual machine with its disks and addresses.",
    attributes=ATTRIBUTES,
    listing=LISTING,
    create=replace(CREATE, instead=lambda resource: RENEWED if calls.renewal_params(resource) else None),
    updates=UPDATES,
    delete=Delete(
        "DeleteInstances",
        id="InstanceId",
        release=(*_balancers.NAMES, _ipv6_internet.BANDWIDTH), empties=_balancers.NAMES,
        params={"Force": True, "ForceStop": False},
        merge=Merge("InstanceId", 100),
        token=True,
        impacts=(Impact.DATA_LOSS, Impact.NEW_ADDRESS),
        gives_up=calls.gives_up,
        refused=calls.cannot_be_deleted,
        around=calls.let_go_first,
        wait=Wait(absent=True),
        seconds=10.0,
    ),
    id_param="InstanceId",
    id_prefixes=("i-",),
    can=(
        Tagged("instance"), Rights("ecs:instance"), _leaving.BALANCERS, _safety.OF_INSTANCE, _instance_options.INHERITS,
        _instance_power.POWER, *_balancers.CAN, _commands.ECHOES,
        Parts(
            (_instance_disks.SLOTS, _instance_interfaces.SLOTS),
            refine=lambda raw, desired: {
                **_disk_rows.refine(raw, desired), **_instance_interfaces.refine(raw, desired),
                **_ipv6_internet.refine(raw, desired),
            },
            carry_over=_instance_disk_terms.carry_over,
            carried=("data_disks",),
        ),
        Movable(_instance_moving.PLACE, _instance_moving.moves),
        Exclusivity(_addresses.exclusive(
            "private_ip", "secondary_private_ips", "ipv6_addresses", "network_interfaces[].primary_ip"
        )),
        Checks((checks_of("instance"), calls.checks, _one_vpc.links_stay_in_it, _instance_settings.checks,
                _addresses.need_ipv6("ipv6_addresses", "ipv6_count"),
                _instance_disks.checks, _instance_disk_terms.checks, _instance_interfaces.checks,
                _one_zone.slots_are_in_its_zone, _ipv6_internet.check,
                _addresses.lie_in_the_vswitch("private_ip", "secondary_private_ips"))),
        Preflight(
            (_encryption.INQUIRY, GROUP_RULES),
            hindered=lambda change, live: (*_encryption.hindered(change), *_instance_disk_terms.paid_for(change)),
            timely=_release_time.too_soon,
            needs=_needs.of_instance,
        ),
        Priced(_impacts.purchase, _costs.of_instance),
        _instance_export.EXPORTING, *_instance_elsewhere.ELSEWHERE,
    ),
    example={
        "instance_type": "ecs.g7.large",
        "image": {"family": "acs:ubuntu_22_04_x64"},
        "vswitch": "app",
        "security_groups": ["web"],
        "system_disk": {"category": "cloud_essd", "size": 40},
        "data_disks": {"data": {"category": "cloud_essd", "size": 200, "keep": True}},
    },
    docs="https://help.aliyun.com/document_detail/25484.html",
)  # fmt: skip
