"""NAT gateway. VPC 2016-04-28: CreateNatGateway, DescribeNatGateways, ModifyNatGatewayAttribute, DeleteNatGateway."""

from ecsplan.kinds import _addresses, _leaving
from ecsplan.kinds import _nat_entries as entries
from ecsplan.kinds._forms import DESCRIPTION, LETTERS, TAG_KEY, VPC_TAG_VALUE
from ecsplan.kinds._one_vpc import links_stay_in_it
from ecsplan.kinds._refusals import unless_free
from ecsplan.kinds._shared import description, name, tags, tags_update
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Product, until
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exclusivity import Exclusivity
from ecsplan.model.capabilities.exporting import Exporting, always
from ecsplan.model.capabilities.ordering import Ordering
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.preflight import Preflight
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import Folded, Terraform, named
from ecsplan.model.composites import Reference
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Paging, Update
from ecsplan.model.limits import Length, Pairs
from ecsplan.model.values import Boolean, Choice, IpAddress, Text

NAME = Length(2, 128, f"^[{LETTERS}][{LETTERS}0-9_-]*$",
              "a name of 2 to 128 letters, digits, '_' and '-' that starts with a letter")  # fmt: skip


ELSEWHERE = (
    Terraform(
        "alicloud_nat_gateway",
        named(
            nat_gateway_name="name", vpc_id="vpc", vswitch_id="vswitch", network_type="network_type?",
            eip_bind_mode="eip_bind_mode?", icmp_reply_enabled="icmp_reply? bool",
            deletion_protection="deletion_protection bool", description="description", tags="tags",
            snat_table_ids="snat_table?", forward_table_ids="forward_table?",
        ),
        theirs_alone={
            "payment_type": "PayAsYouGo", "internet_charge_type": "PayByLcu", "nat_type": "Enhanced",
            "private_link_enabled": False, "access_mode": [],
        },
        renamed={"name": "nat_gateway_name"},
        no_place=("private_ip", "snat", "forward"),
        as_live={"PrivateLinkEnabled": "private_link_enabled"},
        folded=(
            Folded("alicloud_snat_entry", ("snat",), "nat_gateway_id"),
            Folded("alicloud_forward_entry", ("forward",), "nat_gateway_id"),
        ),
    ),
    Ros(
        "ALIYUN::VPC::NatGateway", "NatGatewayId",
        {"nat_gateway_name": "NatGatewayName", "vpc_id": "VpcId", "vswitch_id": "VSwitchId",
         "network_type": "NetworkType", "eip_bind_mode": "EipBindMode", "icmp_reply_enabled": "IcmpReplyEnabled",
         "deletion_protection": "DeletionProtection", "description": "Description", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="nat_gateway",
    summary="The way out of a VPC for machines without a public address, or between private networks.",
    product=Product.VPC,
    attributes=(
        name(NAME, "Name"),
        description(DESCRIPTION),
        Attribute("vpc", "VpcId", Reference("vpc", prefixes=("vpc-",)), "The VPC that it is in.", required=True,
                  fixed="replace", unsampled="it changes only together with the vSwitch"),
        Attribute("vswitch", "VSwitchId", Reference("vswitch", prefixes=("vsw-",)),
                  "The vSwitch that it has its private address of.", required=True, fixed="replace",
                  read_as="NatGatewayPrivateInfo.VswitchId", samples=("app", "beside")),
        Attribute("network_type", "NetworkType", Choice("internet", "intranet"),
                  "Whether it leads to the Internet (if left out) or to other private networks.", fixed="replace",
                  samples=("internet", "intranet")),
        Attribute("private_ip", "NatIp", IpAddress(), "Its private address; the cloud chooses one if left out.",
                  fixed="replace", read_as="NatGatewayPrivateInfo.PrivateIpAddress",
                  samples=("10.0.100.20", "10.0.100.21")),
        Attribute("eip_bind_mode", "EipBindMode", Choice("MULTI_BINDED", "NAT"),
                  "How EIPs are bound to it; MULTI_BINDED can become NAT, and not the other way round.",
                  fixed="refuse", samples=("MULTI_BINDED", "NAT")),
        Attribute("icmp_reply", "IcmpReplyEnabled", Boolean(), "Whether it answers pings.",
                  read_as="IcmpReplyEnabled", samples=(True, False)),
        Attribute("deletion_protection", None, Boolean(), "Whether it refuses to be deleted.",
                  read_as="DeletionProtection", samples=(True, False)),
        Attribute("snat", None, entries.SnatEntries(), "Who goes out by which addresses. Entries of others stay, "
                  "unless lifecycle.exclusive names snat.", read_as=entries.read_snat, is_shared=True,
                  afterwards="its entries stay; write snat: false to remove them",
                  samples=([{"cidr": "10.0.100.0/24", "addresses": ["10.0.100.30"], "name": "the-app"}],
                           [{"cidr": "10.0.100.0/24", "addresses": ["10.0.100.30"], "name": "all-of-it"},
                            {"cidr": "10.0.7.0/25", "addresses": ["10.0.100.30"], "eip_affinity": True}]),
                  samples_with={"network_type": "intranet", "private_ip": "10.0.100.30"}),
        Attribute("forward", None, entries.ForwardEntries(), "What comes in by which address and port. Entries of "
                  "others stay, unless lifecycle.exclusive names forward.", read_as=entries.read_forward,
                  is_shared=True, afterwards="its entries stay; write forward: false to remove them",
                  samples=([{"external_ip": "10.0.100.30", "external_port": 443, "internal_ip": "10.0.100.9",
                             "internal_port": 8443, "protocol": "tcp"}],
                           [{"external_ip": "10.0.100.30", "external_port": 443, "internal_ip": "10.0.100.8",
                             "internal_port": 443, "protocol": "tcp", "name": "web"},
                            {"external_ip": "10.0.100.30", "external_port": "500-510", "internal_ip": "10.0.100.9",
                             "internal_port": "500-510", "protocol": "udp"}]),
                  samples_with={"network_type": "intranet", "private_ip": "10.0.100.30"}),
        tags(Pairs(TAG_KEY, VPC_TAG_VALUE)),
        Attribute("snat_table", None, Text(), "The id of its SNAT table.", computed=True,
                  read_as=lambda raw: next(iter((raw.get("SnatTableIds") or {}).get("SnatTableId") or ()), None)),
        Attribute("forward_table", None, Text(), "The id of its DNAT table.", computed=True,
                  read_as=lambda raw: next(iter((raw.get("ForwardTableIds") or {}).get("ForwardTableId") or ()), None)),
    ),
    listing=Listing(
        "DescribeNatGateways", items="NatGateways.NatGateway", id="NatGatewayId", name="Name", product=Product.VPC,
        paging=Paging.PAGE, page_size=50, ids=Ids("NatGatewayId", "single", 1), dry_run=True,
        details=entries.DETAILS,
    ),
    create=Create("CreateNatGateway", id="NatGatewayId", params={"NatType": "Enhanced"},
                  later=("snat", "forward", "deletion_protection"), wait=until("Available"), seconds=20.0),
    updates=(
        Update("ModifyNatGatewayAttribute", ("name", "description", "icmp_reply")),
        Update("ModifyNatGatewayAttribute", ("eip_bind_mode",), only_if=lambda before, after: after == "NAT",
               otherwise="the service changes MULTI_BINDED to NAT, and nothing back"),
        Update("DeletionProtection", ("deletion_protection",), id="InstanceId", params={"Type": "NATGW"},
               wire={"deletion_protection": "ProtectionEnable"}, token=True),
        Update(None, ("snat",), build=entries.change_snat, impacts=(Impact.ACCESS,)),
        Update(None, ("forward",), build=entries.change_forward, impacts=(Impact.ACCESS,)),
        tags_update(),
    ),
    delete=Delete("DeleteNatGateway", release=("snat", "forward"), empties=("snat", "forward"),
                  held_by=(("eip", "instance"),), refused=unless_free("InstanceChargeType"), impacts=(Impact.ACCESS,),
                  seconds=20.0),
    id_param="NatGatewayId",
    id_prefixes=("ngw-",),
    can=(
        Tagged("NATGATEWAY"),
        _leaving.NAT,
        Rights("vpc:natgateway"),
        Checks((_addresses.lie_in_the_vswitch("private_ip"), entries.name_eips_of_the_gateway, links_stay_in_it)),
        Preflight(noted=entries.noted),
        Exclusivity(_addresses.exclusive("private_ip")),
        Ordering(
            lane="vpc",
            after={"snat": ("instance",), "forward": ("instance",)},
            frees={"snat": ("ip_address", "instance"), "forward": ("ip_address", "instance")},
        ),
        Priced(),
        Exporting(beyond={"private_link": "PrivateLinkEnabled", "security_protection": "SecurityProtectionEnabled",
                          "session_log": "EnableSessionLog"},
                  rank=2, defaults={"network_type": "internet", "icmp_reply": True, "eip_bind_mode": "MULTI_BINDED"},
                  noise={"private_ip": always}),
        *ELSEWHERE,
    ),
    example={"vpc": "main", "vswitch": "app", "description": "the way out"},
    docs="https://help.aliyun.com/document_detail/36048.html",
)  # fmt: skip
