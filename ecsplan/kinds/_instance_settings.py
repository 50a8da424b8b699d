"""Where a machine runs and how it is reached: hosts, private pools, DNS, boot security. Used by instance.py."""

from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.kinds import _tracking
from ecsplan.kinds._instance_calls import primary_interface
from ecsplan.kinds._instance_interfaces import TRAFFIC_MODE
from ecsplan.kinds._limits import rule, types_of
from ecsplan.kinds._shared import Switch, Told
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Raw
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Call
from ecsplan.model.change import Change
from ecsplan.model.composites import ListOf, Reference
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Detail, Ids, Paging, Update
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Choice, Offer, Text

POOL = ("private_pool.match", "private_pool.id")
RECORDS = {
    "private_dns.ip_record": ("EnableIpDnsARecord", "Whether the name made of its address leads to its address."),
    "private_dns.ip_reverse_record": ("EnableIpDnsPtrRecord", "Whether its address leads to the name made of it."),
    "private_dns.id_record": ("EnableInstanceIdDnsARecord", "Whether the name made of its id leads to its address."),
    "private_dns.id_ipv6_record": (
        "EnableInstanceIdDnsAAAARecord", "Whether the name made of its id leads to its IPv6 address."),
}  # fmt: skip
DNS = ("private_dns.hostname_type", *RECORDS)
PRIMARY = ("primary_network.source_dest_check", *(f"primary_network.{name}" for name in _tracking.WIRE))
LATER = PRIMARY


def _first(raw: Raw, detail: str) -> Raw:
    found = raw.get(detail)
    return found[0] if isinstance(found, list) and found else {}


def _pool(raw: Raw) -> object:
    """The id of an open pool that was matched by itself is not one that the file chose."""
    row = _first(raw, "@pool")
    return row.get("PrivatePoolOptionsId") if row.get("PrivatePoolOptionsMatchCriteria") == "Target" else None


def _id_of_primary(raw: Raw) -> str:
    return str(primary_interface(raw).get("NetworkInterfaceId") or "")


ATTRIBUTES = (
    Attribute("fallback.instance_types", None,
              ListOf(types_of("instance")("instance_type", of=Offer.INSTANCE_TYPE), 1, 10),
              "Other types that it may have, in this order, where instance_type is not in stock when it is made.",
              read_as=False, only_at_birth=True,
              unsampled="it counts when it is made; test_fallbacks.py makes some"),
    Attribute("fallback.vswitches", None, ListOf(Reference("vswitch", prefixes=("vsw-",)), 1, 10),
              "Other subnets that it may be in, in this order, where its type is not in stock in the zone of vswitch.",
              read_as=False, only_at_birth=True,
              unsampled="it counts when it is made; test_fallbacks.py makes some"),
    Attribute("tenancy", "Tenancy", Told("default", "host", default="default"),
              "Whether it runs on a dedicated host: the one of dedicated_host, else one that the cloud chooses.",
              read_as="DedicatedInstanceAttribute.Tenancy", fixed="refuse",
              unsampled="a host has to live; test_instance_settings.py makes one"),
    Attribute("host_affinity", "Affinity", Told("default", "host", default="default"),
              "For a dedicated host: host starts it on the same one again after a stop in economical mode.",
              read_as="DedicatedInstanceAttribute.Affinity", fixed="refuse",
              unsampled="a host has to live; test_instance_settings.py makes one"),
    Attribute("private_pool.match", "PrivatePoolOptions.MatchCriteria", Choice("Open", "Target", "None"),
              "Which reserved capacity its starts use: any open pool, the one of private_pool.id, or none.",
              read_as=lambda raw: _first(raw, "@pool").get("PrivatePoolOptionsMatchCriteria"),
              samples=("Open", "None")),
    Attribute("private_pool.id", "PrivatePoolOptions.Id", Text(4, 64),
              "For match: Target: the id of the elasticity assurance or capacity reservation.", read_as=_pool,
              afterwards="it counts for match: Target alone",
              samples=("eap-bp67acfmxazb4****", "crp-bp67acfmxazb4****"),
              samples_with={"private_pool.match": "Target"}),
    Attribute("private_dns.hostname_type", "PrivateDnsNameOptions.HostnameType",
              Told("Custom", "IpBased", "InstanceIdBased", default="Custom"),
              "What its private name is made of: hostname, its address, or its id.",
              samples=("Custom", "IpBased")),
    *(Attribute(name, f"PrivateDnsNameOptions.{wire}", Switch(), summary, samples=(False, True))
      for name, (wire, summary) in RECORDS.items()),
    Attribute("jumbo_frames", "NetworkOptions.EnableJumboFrame", Switch(), "Whether it sends frames of 8,500 bytes in "
              "place of 1,500; newer types alone.", read_as="@attribute.EnableJumboFrame", compare_by_digest=True,
              samples=(False, True)),
    Attribute("security_options.secure_boot", "SecurityOptions.EnableSecureBoot", Switch(),
              "Whether UEFI Secure Boot is on; changed while it is off.", samples=(False, True)),
    Attribute("security_options.trusted_system", "SecurityOptions.TrustedSystemMode", Choice("vTPM"),
              "vTPM, for families like g7t; it counts when it is made.", read_as=False, only_at_birth=True,
              unsampled="one value, which counts when it is made; test_instance_settings.py makes one"),
    Attribute("security_options.confidential_computing", "SecurityOptions.ConfidentialComputingMode", Text(1, 32),
              "The mode of confidential computing, like Enclave; it counts when it is made.", read_as=False,
              only_at_birth=True, unsampled="it counts when it is made; test_instance_settings.py makes one"),
    Attribute("primary_network.queue_number", "NetworkInterfaceQueueNumber",
              rule("network_interface.queue_number").type(), "How many queues its primary interface has; changed while "
              "it is off.", read_as="@primary.QueueNumber", compare_by_digest=True, samples=(1, 2)),
    Attribute("primary_network.source_dest_check", None, Switch(), "Whether its primary interface drops what is not "
              "from or to one of its addresses.", read_as="@primary.SourceDestCheck", compare_by_digest=True,
              samples=(False, True)),
    Attribute(TRAFFIC_MODE, None, Choice("Standard", "HighPerformance"), "How its primary interface communicates: "
              "Standard (TCP), or HighPerformance (RDMA) for types that have it; no public action changes it.",
              read_as="@primary.NetworkInterfaceTrafficMode", compare_by_digest=True, fixed="refuse",
              samples=("Standard", "HighPerformance"), samples_with={"vswitch": "app"}),
    *_tracking.attributes("primary_network", is_sent=False),
)  # fmt: skip

DETAILS = (
    Detail("@pool", "DescribeInstanceAttachmentAttributes", "Instances.Instance", key="InstanceId", paging=Paging.PAGE,
           page_size=100, ids=Ids("InstanceIds", "json", 100), attributes=POOL),
    Detail("@primary", "DescribeNetworkInterfaceAttribute", "", ids=Ids("NetworkInterfaceId", "single", 1),
           paging=Paging.NONE,
           attributes=("primary_network.queue_number", "primary_network.source_dest_check", TRAFFIC_MODE),
           asked_by=_id_of_primary, refresh_only=True),
    _tracking.detail("primary_network", _id_of_primary),
    Detail("@attribute", "DescribeInstanceAttribute", "", ids=Ids("InstanceId", "single", 1), paging=Paging.NONE,
           attributes=("jumbo_frames",), refresh_only=True),
)  # fmt: skip


def change_pool(change: Change) -> Iterable[Call]:
    """Both are one statement: the id goes with Target alone."""
    match = change.desired("private_pool.match") or change.live("private_pool.match")
    options: dict[str, object] = {"MatchCriteria": match}
    if match == "Target":
        options["Id"] = change.desired("private_pool.id") or change.live("private_pool.id")
    yield _call(change, "ModifyInstanceAttachmentAttributes", {"PrivatePoolOptions": options})


def change_primary(change: Change) -> Iterable[Call]:
    """What its primary interface takes; the groups of that are the machine's own."""
    interface = change.live("primary_interface") or Ref(change.address, "primary_interface")
    params = _tracking.params(change, "primary_network")
    check = change.attributes_by_name.get("primary_network.source_dest_check")
    if check is not None:
        params["SourceDestCheck"] = check.after
    yield Call("ModifyNetworkInterfaceAttribute", {"NetworkInterfaceId": interface, **params},
               kind="network_interface")  # fmt: skip


def _call(change: Change, operation: str, params: Mapping[str, object], **more: Any) -> Call:
    return Call(operation, {"InstanceId": change.id, **params}, kind="instance", targets=(change.id,), **more)


UPDATES = (
    Update(None, POOL, build=change_pool, note="counts for its next start in economical mode or change of billing"),
    Update("ModifyInstanceAttribute", DNS),
    Update("ModifyInstanceAttribute", ("jumbo_frames",), wire={"jumbo_frames": "EnableJumboFrame"}),
    Update("ModifyInstanceSecurityOptions", ("security_options.secure_boot",), token=True, needs_status="Stopped",
           wire={"security_options.secure_boot": "EnableSecureBoot"}),
    Update("ModifyInstanceAttribute", ("primary_network.queue_number",), needs_status="Stopped"),
    Update("ModifyNetworkInterfaceAttribute", PRIMARY, build=change_primary),
)  # fmt: skip


def checks(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """What one look at the declaration tells before any call."""
    found = resource.attributes
    for name in ("zone", "private_ip", "secondary_private_ips") if "fallback.vswitches" in found else ():
        if name in found:
            yield Diagnostic(
                f"{name} is that of one subnet, and fallback.vswitches names others", f"remove {name}, or the fallback",
                resource.source_of(name), resource.address, rule=Rule.COMBINATION,
            )  # fmt: skip
    if TRAFFIC_MODE in found and "vswitch" not in found and resource.adopt is None:
        yield Diagnostic(
            "primary_network.traffic_mode is said with the subnet of the interface", "write vswitch: NAME",
            resource.source_of(TRAFFIC_MODE), resource.address, rule=Rule.COMBINATION,
        )  # fmt: skip
    match, pool = found.get("private_pool.match"), found.get("private_pool.id")
    if (match == "Target") != (pool is not None):
        name = "private_pool.id" if pool is not None else "private_pool.match"
        yield Diagnostic(
            "private_pool: id and match: Target go together",
            "write match: Target and the id of a pool, or neither",
            resource.source_of(name), resource.address, rule=Rule.COMBINATION,
        )  # fmt: skip
    for name in ("tenancy", "host_affinity"):
        is_shared = found.get("dedicated_host") is None and found.get("tenancy") != "host"
        if found.get(name) == ("default" if name == "tenancy" else "host"):
            clash = name == "tenancy" and found.get("dedicated_host") is not None
            if clash or (name == "host_affinity" and is_shared):
                yield Diagnostic(
                    f"{name}: {found[name]} does not fit {'dedicated_host' if clash else 'a shared host'}",
                    f"remove {name}, or write tenancy: host",
                    resource.source_of(name), resource.address, rule=Rule.COMBINATION,
                )  # fmt: skip
