"""Addresses in a shared bandwidth package: what they are told to have then is the package's, and never repaired."""

from ecsplan.model.call import Product
from tests.kinds.cloud import Cloud, comes_before, shown, stack_of, step

PACKAGE = "common_bandwidth_package:\n  shared: {bandwidth: 20}\n  wide: {bandwidth: 50}\n"
EIP = "eip:\n  front: {bandwidth: 5, charge_type: PayByTraffic, bandwidth_package: PACKAGE}\n"


def text(package: str = "shared") -> str:
    eip = EIP.replace("PACKAGE", package) if package else EIP.replace(", bandwidth_package: PACKAGE", "")
    return stack_of(PACKAGE, eip)


def test_an_address_in_a_package_keeps_its_own_bandwidth_in_the_file(cloud: Cloud) -> None:
    cloud.settled(text())
    (eip,) = cloud.things("eip")
    cloud.service.account.change(eip, InternetChargeType="PayByBandwidth")  # what the package is paid by
    cloud.assert_settled(text())
    cloud.settled(text("wide"))
    cloud.service.account.change(eip, InternetChargeType="PayByTraffic")
    cloud.settled(text(""))
    assert eip.get("BandwidthPackageId") is None and eip["Bandwidth"] == "5"
    cloud.destroy(text(""))


def test_addresses_come_into_a_package_one_after_the_other(cloud: Cloud) -> None:
    """While one is on its way in, the service does nothing else on the package."""
    several = text().replace("front: {", "front: {count: 3, ")
    cloud.settled(several)
    assert len({thing["BandwidthPackageId"] for thing in cloud.things("eip")}) == 1
    assert len(cloud.things("eip")) == 3
    cloud.settled(stack_of(PACKAGE))
    assert not cloud.things("eip")


def test_an_address_leaves_its_package_before_either_goes(cloud: Cloud) -> None:
    cloud.settled(text())
    plan = cloud.plan(text(), destroy=True)
    left = step(plan, "RemoveCommonBandwidthPackageIp")
    package = step(plan, "DeleteCommonBandwidthPackage", "common_bandwidth_package.shared")
    for gone in (step(plan, "ReleaseEipAddress"), package):
        assert comes_before(plan, left, gone), shown(plan)
    cloud.destroy(text())


def test_one_that_others_put_in_by_hand_is_left_there(cloud: Cloud) -> None:
    cloud.settled(text(""))
    package = next(one for one in cloud.things("bandwidthpackage") if one["Name"] == "demo-wide")
    cloud.call("AddCommonBandwidthPackageIp", Product.VPC, BandwidthPackageId=package.id,
               IpInstanceId=cloud.things("eip")[0].id, IpType="EIP")  # fmt: skip
    cloud.assert_settled(text(""))


def test_a_wished_address_is_the_one_that_comes(cloud: Cloud) -> None:
    wished = stack_of("eip:\n  front: {bandwidth: 5, charge_type: PayByTraffic, wanted_address: 47.99.1.2}\n")
    cloud.settled(wished)
    assert cloud.things("eip")[0]["IpAddress"] == "47.99.1.2"


def test_protection_from_floods_is_what_it_was_made_with(cloud: Cloud) -> None:
    protected = "common_bandwidth_package:\n  shared: {bandwidth: 20, security_protection: AntiDDoS_Enhanced}\n"
    cloud.settled(stack_of(protected))
    (row,) = cloud.call("DescribeCommonBandwidthPackages", Product.VPC)["CommonBandwidthPackages"][
        "CommonBandwidthPackage"
    ]
    assert row["SecurityProtectionTypes"] == {"SecurityProtectionType": ["AntiDDoS_Enhanced"]}
    cloud.assert_settled(stack_of(protected.replace(", security_protection: AntiDDoS_Enhanced", "")), records=True)
