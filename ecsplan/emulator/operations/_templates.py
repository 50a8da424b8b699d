"""How RunInstances takes what it is not told from a launch template."""

from __future__ import annotations

from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

NOT_FOUND = "InvalidLaunchTemplate.NotFound"
NO_VERSION = "InvalidLaunchTemplateVersion.NotFound"
# Of the template itself, and then what RunInstances has no parameter for.
OF_THE_TEMPLATE = frozenset((
    "RegionId", "LaunchTemplateId", "LaunchTemplateName", "VersionDescription", "TemplateTag",
    "TemplateResourceGroupId",
))  # fmt: skip
UNKNOWN_TO_RUN = frozenset(("EnableVmOsConfig", "ImageOwnerAlias", "NetworkType", "VpcId"))
# Where either is told, the template's other is no longer asked.
EITHER = (("ImageId", "ImageFamily"), ("SecurityGroupId", "SecurityGroupIds"), ("Password", "PasswordInherit"))


def find_template(call: Call) -> Thing:
    """By id or by name; one of them has to be there."""
    id_, name = call.get("LaunchTemplateId"), call.get("LaunchTemplateName")
    if id_ is None and name is None:
        raise missing("LaunchTemplateId")
    for template in call.listed("launchtemplate"):
        if id_ in (None, template.id) and name in (None, template["LaunchTemplateName"]):
            return template
    raise not_found(NOT_FOUND, "LaunchTemplate", str(id_ or name))


def find_version(template: Thing, number: int | None) -> Body:
    """Without a number the default one, which need not be the latest."""
    wanted = template["DefaultVersionNumber"] if number is None else number
    for version in template["Versions"]:
        if version["VersionNumber"] == wanted:
            found: Body = version
            return found
    raise not_found(NO_VERSION, "LaunchTemplateVersion", str(wanted))


def fill_from_template(call: Call) -> None:
    """What the call says wins, whole parameters at a time; tags and disks are not mixed."""
    if call.get("LaunchTemplateId") is None and call.get("LaunchTemplateName") is None:
        if call.get("LaunchTemplateVersion") is not None:
            raise missing("LaunchTemplateId")
        return
    version = find_version(find_template(call), call.get("LaunchTemplateVersion"))
    told = {name for name, value in call.params.items() if value not in (None, "", [])}
    for one, other in EITHER:
        if one in told or other in told:
            told |= {one, other}
    filled: dict[str, Any] = dict(call.params)
    for name, value in version["Data"].items():
        if name not in told and name not in UNKNOWN_TO_RUN:
            filled[name] = _as_run_takes_it(name, value)
    if filled.get("NetworkInterface") and any(n.get("InstanceType") == "Primary" for n in filled["NetworkInterface"]):
        _no_double_network(filled, told)
    call.params = {name: value for name, value in filled.items() if name not in OF_THE_TEMPLATE or name == "RegionId"}


def _as_run_takes_it(name: str, value: Any) -> Any:
    """A size that is a number here is text there."""
    if name == "SystemDisk" and "Size" in value:
        return {**value, "Size": str(value["Size"])}
    return value


def _no_double_network(filled: dict[str, Any], told: set[str]) -> None:
    for name in ("VSwitchId", "SecurityGroupId", "SecurityGroupIds", "PrivateIpAddress"):
        if name in filled and name not in told:
            del filled[name]


def check_data(call: Call) -> Body:
    """Nothing is looked up: a template may name what does not exist yet."""
    data = {name: value for name, value in call.params.items() if name not in OF_THE_TEMPLATE and value != ""}
    if call.get("SecurityGroupId") and call.get("SecurityGroupIds"):
        raise invalid("SecurityGroupIds", "Give SecurityGroupId or SecurityGroupIds.", "InvalidParameter.Conflict")
    if len(call.many("DataDisk", 64)) > 16:
        raise Refusal(400, "InvalidDataDisk.LimitExceed", "At most 16 data disks are allowed.")
    return data
