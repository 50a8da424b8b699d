"""Launch template. ECS 2014-05-26: CreateLaunchTemplate, CreateLaunchTemplateVersion, DescribeLaunchTemplates,
DescribeLaunchTemplateVersions, ModifyLaunchTemplateDefaultVersion, DeleteLaunchTemplate.

What the versions hold is in _launch_data.py. What the file says is compared with the newest version, not with the
default one, which a person may have moved back.
"""

from ecsplan.kinds import _launch_data as data
from ecsplan.kinds._forms import NAME, TAG_KEY, TAG_VALUE
from ecsplan.kinds._one_vpc import links_stay_in_it
from ecsplan.kinds._shared import name, resource_group, tags, tags_update
from ecsplan.model.algebra import Raw, Schema, Value
from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exclusivity import Exclusive, Exclusivity
from ecsplan.model.capabilities.exporting import Exporting, always
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.preflight import Preflight
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import Terraform, named
from ecsplan.model.digits import whole_number
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Paging, Update
from ecsplan.model.limits import Pairs
from ecsplan.model.values import Integer, ValueType


class DefaultVersion(ValueType):
    """`latest`, or a number. Live: `3 of 5`, which is the newest one where both are the same."""

    says = "latest, or the number of a version"

    def schema(self) -> Schema:
        return {"anyOf": [{"const": "latest"}, {"type": "integer", "minimum": 1}]}

    def parse(self, value: object) -> str:
        text = "" if isinstance(value, bool) else str(value)
        if text != "latest" and not (whole_number(text) or 0) >= 1:
            raise self.mistake(value)
        return text

    def matches(self, desired: Value, live: Value) -> bool:
        now, _, newest = str(live).partition(" of ")
        return now == newest if desired == "latest" else now == desired


def _default_of(raw: Raw) -> object:
    return f"{raw.get('DefaultVersionNumber')} of {raw.get('LatestVersionNumber')}"


ELSEWHERE = (
    Terraform(
        "alicloud_ecs_launch_template",
        named(
            {"system_disk.category": "system_disk.category", "system_disk.size": "system_disk.size number",
            "system_disk.encrypted": "system_disk.encrypted bool",
            "system_disk.performance_level": "system_disk.performance_level", "system_disk.name": "system_disk.name",
            "system_disk.description": "system_disk.description"},
            launch_template_name="name", template_resource_group_id="resource_group?", template_tags="tags",
            version_description="version_description", default_version_number="default_version? text number",
            instance_type="instance_type", image_id="image", zone_id="zone?", vswitch_id="vswitch",
            private_ip_address="private_ip", security_group_ids="security_groups list", host_name="hostname",
            key_pair_name="key_pair", user_data="user_data base64", ram_role_name="ram_role",
            internet_charge_type="internet.charge_type",
            internet_max_bandwidth_out="internet.max_bandwidth_out number",
            internet_max_bandwidth_in="internet.max_bandwidth_in? number", http_endpoint="metadata.endpoint",
            http_tokens="metadata.tokens", deployment_set_id="deployment_set",
            password_inherit="password_inherit bool", spot_strategy="spot.strategy",
            spot_price_limit="spot.price_limit number", spot_duration="spot.duration? number",
            credit_specification="credit_specification", security_enhancement_strategy="security_enhancement",
            deletion_protection="deletion_protection bool", instance_charge_type="charge_type",
            period="period? number", period_unit="period_unit?", auto_release_time="auto_release_time minutes",
            instance_name="instance_name", description="instance_description", tags="instance_tags",
            data_disks="data_disks disks",
        ),
        older=("alicloud_launch_template",),
        theirs_alone={
            "network_interfaces": [], "resource_group_id": "", "auto_renew": False, "auto_renew_period": 0,
            "spot": "", "image_options": [], "enable_vm_os_config": False, "image_owner_alias": "",
            "io_optimized": "", "update_default_version_number": False,
        },
        renamed={"name": "launch_template_name", "key_name": "key_pair_name", "userdata": "user_data"},
        plan_names={"latest_version": "latest_version_number"},
        no_place=(
            "system_disk.provisioned_iops", "system_disk.bursting_enabled", "system_disk.kms_key",
            "system_disk.snapshot_policy", "login_as_non_root", "ipv6_count", "keep_versions",
        ),
    ),
    Ros(
        "ALIYUN::ECS::LaunchTemplate", "LaunchTemplateId",
        {"launch_template_name": "LaunchTemplateName", "version_description": "VersionDescription",
         "instance_type": "InstanceType", "image_id": "ImageId", "zone_id": "ZoneId", "vswitch_id": "VSwitchId",
         "security_group_ids": "SecurityGroupIds", "host_name": "HostName", "key_pair_name": "KeyPairName",
         "ram_role_name": "RamRoleName", "internet_charge_type": "InternetChargeType",
         "internet_max_bandwidth_out": "InternetMaxBandwidthOut", "instance_name": "InstanceName",
         "description": "Description", "spot_strategy": "SpotStrategy", "deletion_protection": "DeletionProtection",
         "template_resource_group_id": "TemplateResourceGroupId", "template_tags": "TemplateTags", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="launch_template",
    summary="An order for instances under a name, in numbered versions.",
    attributes=(
        name(NAME, "LaunchTemplateName", fixed="replace"),
        *data.ATTRIBUTES,
        Attribute("default_version", None, DefaultVersion(), "The version that counts where none is named: latest (if "
                  "left out, each new version of the file becomes it, and it is not compared), or a number.",
                  read_as=_default_of,
                  unsampled="a number has to be there; test_launch_template.py moves it"),
        Attribute("keep_versions", None, Integer(1, data.MOST - 1), "How many versions are kept when a new one is "
                  "made: the oldest go, and never the default one. All stay if left out.", read_as=False,
                  only_at_birth=True, unsampled="it counts when a version is made; test_launch_template.py makes some"),
        Attribute("resource_group", "TemplateResourceGroupId", resource_group().type, "The resource group of the "
                  "template itself.", read_as="ResourceGroupId", fixed="refuse", samples=resource_group().samples),
        tags(Pairs(TAG_KEY, TAG_VALUE)),
        Attribute("latest_version", None, Integer(), "The number of the newest version.", computed=True,
                  read_as="LatestVersionNumber"),
    ),
    listing=Listing(
        "DescribeLaunchTemplates", items="LaunchTemplateSets.LaunchTemplateSet", id="LaunchTemplateId",
        name="LaunchTemplateName", paging=Paging.PAGE, page_size=50, ids=Ids("LaunchTemplateId", "list", 100),
        status="", details=(data.VERSIONS,),
    ),
    create=Create("CreateLaunchTemplate", id="LaunchTemplateId", tags="TemplateTag", token=False, seconds=1.0,
                  later=("default_version",)),
    updates=(
        Update("CreateLaunchTemplateVersion", data.NAMES, build=data.new_version,
               note="a new version; machines that are there stay as they are"),
        Update("ModifyLaunchTemplateDefaultVersion", ("default_version",), build=data.change_default),
        tags_update(),
    ),
    delete=Delete("DeleteLaunchTemplate", seconds=1.0),
    id_param="LaunchTemplateId",
    id_prefixes=("lt-",),
    can=(
        Tagged("launchtemplate"),
        Checks((links_stay_in_it,)),
        Rights("ecs:launchtemplate"),
        Exclusivity((Exclusive("name"),)),
        Preflight((), hindered=data.hindered, noted=data.noted),
        Exporting(rank=5, noise={"default_version": always, "period": always, "period_unit": always}),
        *ELSEWHERE,
    ),
    example={"instance_type": "ecs.g7.large", "image": "ubuntu_22_04_x64_20G_alibase_20260522.vhd", "vswitch": "app",
             "security_groups": ["web"], "system_disk": {"category": "cloud_essd", "size": 40}},
    docs="https://help.aliyun.com/document_detail/74686.html",
)  # fmt: skip
