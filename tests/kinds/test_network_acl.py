"""Network ACLs: what the service has in one by itself is nobody's."""

from tests.kinds.cloud import Cloud, changes, stack_of

ACL = """
vpc:
  main: {cidr_block: 10.0.0.0/16}
network_acl:
  edge: {vpc: main, ingress: [{policy: accept, protocol: tcp, ports: PORT, cidr: 0.0.0.0/0}]}
"""
SYSTEM = {"Policy": "drop", "Protocol": "all", "Port": "-1/-1", "SourceCidrIp": "0.0.0.0/0", "EntryType": "system",
          "NetworkAclEntryId": "nae-1", "NetworkAclEntryName": "", "Description": "", "IpVersion": "IPv4"}  # fmt: skip


def test_entries_of_the_service_are_no_difference_and_are_not_sent_back(cloud: Cloud) -> None:
    """DescribeNetworkAclAttributes, EntryType; UpdateNetworkAclEntries takes custom ones alone."""
    cloud.settled(stack_of(ACL.replace("PORT", "443")))
    (acl,) = cloud.things("networkacl")
    cloud.service.account.change(acl, Ingress=[*acl["Ingress"], SYSTEM])
    cloud.assert_settled(stack_of(ACL.replace("PORT", "443")))
    cloud.forget()
    cloud.apply(stack_of(ACL.replace("PORT", "80")))
    (sent,) = [entry["params"] for entry in cloud.written() if entry["action"] == "UpdateNetworkAclEntries"]
    ports = [value for name, value in sent.items() if name.startswith("IngressAclEntries") and name.endswith(".Port")]
    assert ports == ["80/80"]


SUBNET = """
vpc:
  main: {cidr_block: 10.0.0.0/16}
network_acl:
  one: {vpc: main}
  two: {vpc: main}
vswitch:
  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24, network_acl: one}
"""


def test_a_subnet_that_moves_to_another_acl_is_said_to_be_open_for_a_moment_and_keeps_the_old_one_if_refused(
    cloud: Cloud,
) -> None:
    cloud.settled(stack_of(SUBNET))
    one = next(acl.id for acl in cloud.things("networkacl") if acl["NetworkAclName"] == "demo-one")
    plan = cloud.plan(stack_of(SUBNET.replace("network_acl: one", "network_acl: two")))
    assert changes(plan)["vswitch.app"].notes == (
        f"it leaves {one} before it has the other ACL: for that moment nothing is filtered",
    )
    cloud.faults(
        {"fault": "error", "action": "AssociateNetworkAcl", "code": "Forbidden.RAM", "status": 403, "times": 1}
    )
    assert not cloud.try_apply(plan).is_complete
    assert cloud.thing("vswitch", "demo-app").get("NetworkAclId") == one
