"""Resource types that TagResources takes. Used by __init__.py: objects of other types could not be owned."""

from collections.abc import Mapping

from ecsplan.model.call import Product
from ecsplan.model.kind import Kind

TAGGED: Mapping[Product, frozenset[str]] = {
    Product.ECS: frozenset({
        "instance", "disk", "snapshot", "image", "securitygroup", "volume", "eni", "ddh", "ddhcluster", "keypair",
        "launchtemplate", "reservedinstance", "snapshotpolicy", "elasticityassurance", "capacityreservation",
        "command", "invocation", "activation", "managedinstance",
    }),
    Product.VPC: frozenset({
        "vpc", "vswitch", "routetable", "eip", "vpngateway", "natgateway", "commonbandwidthpackage", "prefixlist",
        "publicipaddresspool", "ipv4gateway", "ipv6gateway", "networkacl", "trafficmirrorfilter",
        "trafficmirrorsession", "flowlog", "havip", "dhcpoptionsset", "gatewayendpoint", "ipv6address",
    }),
}  # fmt: skip
"""The ResourceType that TagResources documents, in lower case (ECS 2014-05-26, VPC 2016-04-28)."""


def fault(kind: Kind) -> str:
    """Why the objects of a kind could not be told from those of others; empty where they can."""
    tag_type = kind.ownership.tag_type
    if not tag_type or tag_type.lower() in TAGGED.get(kind.product, ()):
        return ""
    return f"its objects cannot be owned: TagResources of {kind.product.value} takes no {tag_type}"
