"""Internet Shared Bandwidth. VPC 2016-04-28: CreateCommonBandwidthPackage, DescribeCommonBandwidthPackages, …

Which addresses share it is said by these (eip.bandwidth_package).
"""

from ecsplan.kinds._ddos import PROTECTION
from ecsplan.kinds._forms import DESCRIPTION, TAG_KEY, VPC_TAG_VALUE
from ecsplan.kinds._refusals import unless_free
from ecsplan.kinds._shared import description, name, resource_group, resource_group_update, tags, tags_update
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Product, until
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Terraform, named
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Paging, Update
from ecsplan.model.limits import Length, Pairs
from ecsplan.model.values import Boolean, Choice, Integer, Text

NAME = Length(1, 128, "^(?!https?://)", "a name of 1 to 128 characters that does not start with http:// or https://")


ELSEWHERE = (
    Terraform(
        "alicloud_common_bandwidth_package",
        named(
            bandwidth_package_name="name", bandwidth="bandwidth text number", internet_charge_type="charge_type",
            isp="isp?", ratio="ratio? number", deletion_protection="deletion_protection bool",
        ) + COMMON,
        theirs_alone={"security_protection_types": [], "zone": "", "force": ""},
        renamed={"name": "bandwidth_package_name"},
    ),
    Ros(
        "ALIYUN::VPC::CommonBandwidthPackage", "BandwidthPackageId",
        {"bandwidth_package_name": "Name", "bandwidth": "Bandwidth", "internet_charge_type": "InternetChargeType",
         "isp": "ISP", "ratio": "Ratio", "description": "Description", "tags": "Tags",
         "deletion_protection": "DeletionProtection", "resource_group_id": "ResourceGroupId"},
    ),
)  # fmt: skip

KIND = Kind(
    name="common_bandwidth_package",
    summary="Bandwidth to the Internet that several EIPs share.",
    product=Product.VPC,
    attributes=(
        name(NAME, "Name"),
        description(DESCRIPTION),
        Attribute("bandwidth", "Bandwidth", Integer(1, 1000, as_text=True), "How much they share, in Mbit/s.",
                  required=True, samples=(20, 30)),
        Attribute("charge_type", "InternetChargeType",
                  Choice("PayByBandwidth", "PayBy95", "PayByDominantTraffic", "PayByTraffic"),
                  "How it is paid; PayByTraffic on the international site alone.", fixed="replace",
                  samples=("PayByBandwidth", "PayByDominantTraffic")),
        Attribute("isp", "ISP", Text(1, 32), "The line, like BGP or BGP_PRO; that of all its EIPs.", fixed="replace",
                  samples=("BGP", "BGP_PRO")),
        Attribute("ratio", "Ratio", Integer(20, 100), "For PayBy95: the least percentage that is paid.",
                  fixed="replace", samples=(100, 20)),
        PROTECTION,
        Attribute("deletion_protection", None, Boolean(), "Whether it refuses to be deleted.",
                  read_as="DeletionProtection", samples=(True, False)),
        resource_group(),
        tags(Pairs(TAG_KEY, VPC_TAG_VALUE)),
    ),
    listing=Listing(
        "DescribeCommonBandwidthPackages", items="CommonBandwidthPackages.CommonBandwidthPackage",
        id="BandwidthPackageId", name="Name", product=Product.VPC, paging=Paging.PAGE, page_size=50,
        ids=Ids("BandwidthPackageId", "single", 1), dry_run=True,
    ),
    create=Create("CreateCommonBandwidthPackage", id="BandwidthPackageId", later=("deletion_protection",),
                  wait=until("Available"), seconds=2.0),
    updates=(
        Update("ModifyCommonBandwidthPackageAttribute", ("name", "description")),
        Update("ModifyCommonBandwidthPackageSpec", ("bandwidth",), impacts=(Impact.BILLING,)),
        Update("DeletionProtection", ("deletion_protection",), id="InstanceId", params={"Type": "CBWP"},
               wire={"deletion_protection": "ProtectionEnable"}, token=True),
        resource_group_update("BandwidthPackage", Product.VPC),
        tags_update(),
    ),
    delete=Delete("DeleteCommonBandwidthPackage", held_by=(("eip", "bandwidth_package"),),
                  refused=unless_free("InstanceChargeType")),
    id_param="BandwidthPackageId",
    id_prefixes=("cbwp-",),
    can=(
        Tagged("COMMONBANDWIDTHPACKAGE"),
        Rights("vpc:commonbandwidthpackage"),
        Priced(),
        Exporting(beyond={"zone": "Zone"},
                  rank=11, defaults={"isp": "BGP", "ratio": 100}),
        *ELSEWHERE,
    ),
    example={"bandwidth": 20, "charge_type": "PayByBandwidth"},
    docs="https://help.aliyun.com/document_detail/120311.html",
)  # fmt: skip
