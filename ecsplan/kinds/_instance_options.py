"""Settings beside the machine: its metadata, maintenance, cores, and where it is placed. Used by instance.py."""

from collections.abc import Iterable, Mapping

from ecsplan.kinds import _addresses, _ipv6_internet
from ecsplan.kinds import _instance_calls as calls
from ecsplan.kinds._existing import DEPLOYMENT_SET, Existing
from ecsplan.kinds._shared import Told
from ecsplan.model.algebra import Raw, ValueOrUnknown
from ecsplan.model.attribute import Attribute, Reader
from ecsplan.model.call import Call, Merge
from ecsplan.model.capabilities.inheriting import Inherits
from ecsplan.model.change import Change
from ecsplan.model.composites import Reference
from ecsplan.model.kind import Detail, Ids, Paging, Update
from ecsplan.model.resource import Resource
from ecsplan.model.values import Boolean, Choice, Integer, IpAddress, Text


def unknown_version(machine: Resource, template: Resource) -> str:
    """The file has the newest version of a template alone."""
    if "launch_template_version" in machine.attributes:
        return "what launch_template_version names may say another than the file"
    if template.attributes.get("default_version", "latest") != "latest":
        return f"the default_version of {template.address} may say another than the file"
    return ""


INHERITS = Inherits(
    "launch_template",
    ("instance_type", "image", "vswitch", "security_groups", "key_pair", "internet.charge_type",
     "internet.max_bandwidth_out", *(f"system_disk.{name}" for name in (
         "category", "size", "performance_level", "provisioned_iops", "bursting_enabled", "name", "description",
         "encrypted", "kms_key", "snapshot_policy"))),
    unknown_version,
)  # fmt: skip
"""What is compared of a machine that leaves it to its template; the rest is given by the service when it is made.
Of the system disk it is all: the service takes that from the template only as a whole."""
METADATA = ("metadata.endpoint", "metadata.tokens", "metadata.hop_limit")
CORES = ("cpu_options.cores", "cpu_options.threads_per_core")
TOPOLOGY = "cpu_options.topology"
MAINTENANCE = ("maintenance.action", "maintenance.notify")
LATER = ("metadata.hop_limit", *MAINTENANCE, *_ipv6_internet.NAMES)


def told(*path: str) -> Reader:
    """Of the only answer that there is for a machine."""

    def read(raw: Raw) -> object:
        value: object = next(iter(raw.get("@maintenance") or ()), None)
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value

    return read


ATTRIBUTES = (
    Attribute("metadata.endpoint", "HttpEndpoint", Told("enabled", "disabled", default="enabled"),
              "Whether the machine can read its metadata.", read_as="MetadataOptions.HttpEndpoint",
              samples=("enabled", "disabled")),
    Attribute("metadata.tokens", "HttpTokens", Told("optional", "required", default="optional"),
              "Whether metadata asks for a session token.", read_as="MetadataOptions.HttpTokens",
              samples=("optional", "required")),
    Attribute("metadata.hop_limit", None, Integer(1, 64), "Over how many hops an answer with metadata may go.",
              read_as=lambda raw: (raw.get("MetadataOptions") or {}).get("HttpPutResponseHopLimit") or None,
              samples=(1, 2)),
    Attribute("maintenance.action", None, Choice("Stop", "AutoRecover", "AutoRedeploy"),
              "What the cloud does with it when its host has to be repaired; AutoRedeploy may lose local disks.",
              read_as=told("ActionOnMaintenance", "Value"), samples=("AutoRecover", "Stop")),
    Attribute("maintenance.notify", None, Boolean(), "Whether an event tells of it before.",
              read_as=told("NotifyOnMaintenance"), samples=(True, False)),
    Attribute("cpu_options.cores", "CpuOptions.Core", Integer(1, 256), "How many cores; changed while it is off.",
              read_as="CpuOptions.CoreCount", samples=(1, 2), samples_with={"instance_type": "ecs.g7.xlarge"}),
    Attribute("cpu_options.threads_per_core", "CpuOptions.ThreadsPerCore", Integer(1, 2),
              "1 switches hyper-threading off; changed while it is off.", read_as="CpuOptions.ThreadsPerCore",
              samples=(2, 1), samples_with={"instance_type": "ecs.g7.xlarge", "cpu_options.cores": 2}),
    Attribute(TOPOLOGY, "CpuOptions.TopologyType", Choice("ContinuousCoreToHTMapping", "DiscreteCoreToHTMapping"),
              "How hyper-threads lie on cores, for some types; changed while it is off.",
              read_as=lambda raw: (raw.get("CpuOptions") or {}).get("TopologyType") or None,
              samples=("DiscreteCoreToHTMapping", "ContinuousCoreToHTMapping")),
    Attribute("deployment_set", "DeploymentSetId", Existing(DEPLOYMENT_SET, "ds-", noun="deployment set"),
              "The deployment set that spreads it over hosts.", read_as="DeploymentSetId", optional=True,
              is_relation=True, unsampled="it has to live; test_instance_options.py makes some"),
    Attribute("deployment_set_group", "DeploymentSetGroupNo", Integer(1, 7), "Its group in a set of the strategy "
              "AvailabilityGroup.", read_as=lambda raw: raw.get("DeploymentSetGroupNo") or None,
              unsampled="it has to live; test_instance_options.py makes some"),
    Attribute("launch_template", "LaunchTemplateId", Reference("launch_template", prefixes=("lt-",)), "The launch "
              "template that gives what the file leaves out, required attributes too where it is of this stack; it "
              "counts when the machine is made.", read_as=False,
              only_at_birth=True, unsampled="it only says how it is made; test_launch_template.py makes some"),
    Attribute("launch_template_version", "LaunchTemplateVersion", Integer(1), "Which version of it; the default one "
              "if left out.", read_as=False, only_at_birth=True,
              unsampled="it only says how it is made; test_launch_template.py makes some"),
    Attribute("dedicated_host", "DedicatedHostId", Text(4, 64, "^dh-", "the id of a dedicated host, like "
              "dh-bp165p6xk2tlw61e****"), "The dedicated host that it is on; moving it there is done by hand.",
              read_as="DedicatedHostAttribute.DedicatedHostId", fixed="refuse",
              unsampled="it has to live; test_instance_options.py makes one"),
    Attribute("hpc_cluster", "HpcClusterId", Text(4, 64, "^hpc-", "the id of an HPC cluster, like "
              "hpc-bp1i09xxxxxxxx"), "The HPC cluster that it is in.", read_as="HpcClusterId", fixed="refuse",
              samples=("hpc-one", "hpc-two")),
    Attribute("password_inherit", "PasswordInherit", Boolean(), "Whether it has the password of its image; in place "
              "of password. It counts when it is made.", read_as=False, only_at_birth=True,
              unsampled="it only says how it is made; test_instance_options.py makes one"),
    Attribute("login_as_non_root", "ImageOptions.LoginAsNonRoot", Boolean(), "Whether people log in as ecs-user in "
              "place of root; it counts when it is made.", read_as="ImageOptions.LoginAsNonRoot", fixed="refuse",
              samples=(False, True)),
    Attribute("ipv6_count", "Ipv6AddressCount", Integer(1, 10), "How many IPv6 addresses its primary interface has; "
              "the cloud chooses them, and it can only grow.", fixed="refuse",
              read_as=lambda raw: len(_addresses.ipv6(calls.primary_interface(raw))) or None,
              unsampled="needs a vSwitch with IPv6; test_instance_options.py has one"),
    *_ipv6_internet.ATTRIBUTES,
)  # fmt: skip

COMPUTED = (
    Attribute("elastic_ip", None, IpAddress(), "The Elastic IP address that it has.", computed=True,
              read_as="EipAddress.IpAddress"),
    Attribute("cpu", None, Integer(), "vCPUs.", computed=True, read_as="Cpu"),
    Attribute("memory", None, Integer(), "Memory in MiB.", computed=True, read_as="Memory"),
)  # fmt: skip

DETAILS = (
    _ipv6_internet.detail("instance"),
    Detail("@maintenance", "DescribeInstanceMaintenanceAttributes", "MaintenanceAttributes.MaintenanceAttribute",
                key="InstanceId", paging=Paging.PAGE, page_size=100, ids=Ids("InstanceId", "list", 100),
                attributes=MAINTENANCE),
)  # fmt: skip


def change_metadata(change: Change) -> Iterable[Call]:
    """HttpEndpoint must stand in every call: the live value goes along."""
    endpoint = change.desired("metadata.endpoint") or change.live("metadata.endpoint") or "enabled"
    lines = change.attributes_by_name
    wire = {"metadata.tokens": "HttpTokens", "metadata.hop_limit": "HttpPutResponseHopLimit"}
    params = {theirs: lines[ours].after for ours, theirs in wire.items() if ours in lines}
    yield Call("ModifyInstanceMetadataOptions", {"HttpEndpoint": endpoint, "InstanceId": change.id, **params},
               kind="instance", targets=(change.id,))  # fmt: skip


def change_maintenance(change: Change) -> Iterable[Call]:
    lines = change.attributes_by_name
    wire = {"maintenance.action": "ActionOnMaintenance", "maintenance.notify": "NotifyOnMaintenance"}
    params = {theirs: lines[ours].after for ours, theirs in wire.items() if ours in lines}
    yield Call("ModifyInstanceMaintenanceAttributes", params, kind="instance", targets=(change.id,),
               merge=Merge("InstanceId", 100))  # fmt: skip


def change_cores(change: Change) -> Iterable[Call]:
    """Cores and threads make up the number of vCPUs, and go together."""
    wanted = {name: change.desired(name) or change.live(name) for name in CORES}
    options: dict[str, object] = {}
    if any(name in change.attributes_by_name for name in CORES):
        options = {"Core": wanted["cpu_options.cores"], "ThreadsPerCore": wanted["cpu_options.threads_per_core"]}
    if TOPOLOGY in change.attributes_by_name:
        options["TopologyType"] = change.attributes_by_name[TOPOLOGY].after
    yield Call("ModifyInstanceAttribute", {"InstanceId": change.id, "CpuOptions": options}, kind="instance",
               targets=(change.id,))  # fmt: skip


def change_deployment(change: Change) -> Iterable[Call]:
    line = change.attributes_by_name.get("deployment_set")
    before: ValueOrUnknown = change.live("deployment_set") if line is None else line.before
    after: ValueOrUnknown = change.desired("deployment_set") if line is None else line.after
    params = {"DeploymentSetId": after, "DeploymentSetGroupNo": change.desired("deployment_set_group")}
    if after is None:
        params = {"DeploymentSetId": before, "RemoveFromDeploymentSet": True}
    yield Call("ModifyInstanceDeployment", {"InstanceId": change.id, **params}, kind="instance", targets=(change.id,))


UPDATES = (
    Update(None, METADATA, build=change_metadata),
    Update(None, MAINTENANCE, build=change_maintenance),
    Update(None, (*CORES, TOPOLOGY), build=change_cores, needs_status="Stopped"),
    Update("ModifyInstanceDeployment", ("deployment_set", "deployment_set_group"), build=change_deployment),
    Update("AssignIpv6Addresses", ("ipv6_count",), only_if=_addresses.grows, otherwise=_addresses.FEWER,
           build=_ipv6_internet.along(_addresses.grow_ipv6("ipv6_count", calls.interface))),
    *_ipv6_internet.UPDATES,
)  # fmt: skip
