"""Launch templates: named, numbered versions of an order for instances. A version never changes; a new one is added."""

from __future__ import annotations

from typing import Any

from ecsplan.emulator import contract
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, ecs_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._templates import NO_VERSION, check_data, find_template, find_version
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid, not_found

NAME_CODE = "InvalidLaunchTemplateName.Malformed"
TEMPLATES, VERSIONS = "launch_templates_per_region", "versions_per_launch_template"
DATA_PATH = ("LaunchTemplateVersionSets", "LaunchTemplateVersionSet", "LaunchTemplateData")
# Lists are wrapped in the answer, and tags have a name of their own there.
SPELLED = {"DataDisks": "DataDisk", "NetworkInterfaces": "NetworkInterface", "Tags": "Tag"}


def create_launch_template(call: Call) -> Body:
    """Its first version is the default one."""
    name = check_name(call.need("LaunchTemplateName"), "LaunchTemplateName", NAME_CODE)
    _check_room(call, TEMPLATES, call.account.count("launchtemplate", call.region), "LaunchTemplateLimitExceed")
    if any(
        template["LaunchTemplateName"] == name for template in call.account.in_region("launchtemplate", call.region)
    ):
        raise Refusal(403, "LaunchTemplateName.Duplicated", f"The launch template {name} exists already.")
    template_id = call.account.new_id("lt", call.region)
    call.account.add("launchtemplate", call.region, template_id, {
        "LaunchTemplateName": name,
        "DefaultVersionNumber": 1,
        "LatestVersionNumber": 1,
        "CreateTime": to_seconds(call.now),
        "ModifiedTime": to_seconds(call.now),
        "ResourceGroupId": call.get("TemplateResourceGroupId", ""),
        "Versions": [_version(call, 1)],
    }, call.tags("TemplateTag"))  # fmt: skip
    return {"LaunchTemplateId": template_id, "LaunchTemplateVersionNumber": 1}


def _check_room(call: Call, quota: str, used: int, code: str) -> None:
    try:
        call.check_quota(quota, used, code)
    except Refusal as refusal:
        raise Refusal(403, refusal.code, refusal.message) from None


def _version(call: Call, number: int) -> Body:
    return {
        "VersionNumber": number,
        "VersionDescription": check_description(call.get("VersionDescription")),
        "CreateTime": to_seconds(call.now),
        "Data": check_data(call),
    }


def create_launch_template_version(call: Call) -> Body:
    """A full order of its own: what is left out is not taken from the version before. The default stays."""
    template = find_template(call)
    _check_room(call, VERSIONS, len(template["Versions"]), "LaunchTemplateVersionLimitExceed")
    number = template["LatestVersionNumber"] + 1
    call.account.change(
        template, LatestVersionNumber=number, ModifiedTime=to_seconds(call.now),
        Versions=[*template["Versions"], _version(call, number)],
    )  # fmt: skip
    return {"LaunchTemplateId": template.id, "LaunchTemplateVersionNumber": number}


def modify_default_version(call: Call) -> Body:
    template = find_template(call)
    version = find_version(template, call.need("DefaultVersionNumber"))
    number = version["VersionNumber"]
    call.account.change(template, DefaultVersionNumber=number, ModifiedTime=to_seconds(call.now))
    return {"LaunchTemplateId": template.id}


def delete_launch_template(call: Call) -> Body:
    template = find_template(call)
    numbers = [version["VersionNumber"] for version in template["Versions"]]
    call.account.remove(template)
    return {"LaunchTemplateId": template.id, "LaunchTemplateVersionNumbers": {"versionNumbers": numbers}}


def delete_launch_template_version(call: Call) -> Body:
    template = find_template(call)
    unwanted = call.many("DeleteVersion", 30)
    for number in unwanted:
        find_version(template, number)
        if number == template["DefaultVersionNumber"]:
            raise invalid("DeleteVersion", "The default version goes with its template.", "InvalidParameter")
    kept = [version for version in template["Versions"] if version["VersionNumber"] not in unwanted]
    call.account.change(template, Versions=kept, ModifiedTime=to_seconds(call.now))
    rows = [{"LaunchTemplateId": template.id, "LaunchTemplateVersionNumber": number} for number in unwanted]
    return {"LaunchTemplateVersions": {"LaunchTemplateVersion": rows}}


def describe_launch_templates(call: Call) -> Body:
    ids, names = call.many("LaunchTemplateId", 100), call.many("LaunchTemplateName", 100)
    templates = call.listed_by("launchtemplate", ids) if ids else call.candidates("launchtemplate", "TemplateTag")
    templates = call.matching_tags(templates, "TemplateTag")
    group = call.get("TemplateResourceGroupId")
    templates = [t for t in templates if not names or t["LaunchTemplateName"] in names]
    templates = [t for t in templates if group in (None, t["ResourceGroupId"])]
    return by_number(call, templates, _template, ("LaunchTemplateSets", "LaunchTemplateSet"), 100)


SHOWN = ("LaunchTemplateName", "DefaultVersionNumber", "LatestVersionNumber", "CreateTime", "ModifiedTime",
         "ResourceGroupId")  # fmt: skip


def _template(call: Call, template: Thing) -> Body:
    head = {"LaunchTemplateId": template.id, "CreatedBy": call.account.owner, "Tags": ecs_tags(template)}
    return {**head, **{key: template[key] for key in SHOWN}}


def describe_launch_template_versions(call: Call) -> Body:
    """The newest first; DetailFlag=false leaves the order itself out."""
    template = find_template(call)
    versions = list(reversed(template["Versions"]))
    numbers = call.many("LaunchTemplateVersion", 30)
    for number in numbers:
        if not any(version["VersionNumber"] == number for version in versions):
            raise not_found(NO_VERSION, "LaunchTemplateVersion", str(number))
    least, most = call.get("MinVersion", 1), call.get("MaxVersion", template["LatestVersionNumber"])
    versions = [
        version
        for version in versions
        if (not numbers or version["VersionNumber"] in numbers)
        and least <= version["VersionNumber"] <= most
        and (not call.get("DefaultVersion") or version["VersionNumber"] == template["DefaultVersionNumber"])
    ]
    number, size = call.number("PageNumber", 1, 10**6, 1), call.number("PageSize", 1, 100, 10)
    rows = [_shown(call, template, version) for version in versions[(number - 1) * size : number * size]]
    return {
        "TotalCount": len(versions),
        "PageNumber": number,
        "PageSize": size,
        "LaunchTemplateVersionSets": {"LaunchTemplateVersionSet": rows},
    }


def _shown(call: Call, template: Thing, version: Body) -> Body:
    row: Body = {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template["LaunchTemplateName"],
        "VersionNumber": version["VersionNumber"],
        "VersionDescription": version["VersionDescription"],
        "DefaultVersion": version["VersionNumber"] == template["DefaultVersionNumber"],
        "CreatedBy": call.account.owner,
        "CreateTime": version["CreateTime"],
        "ModifiedTime": version["CreateTime"],
    }
    if call.get("DetailFlag") is not False:
        agreed = contract.find("ecs", "DescribeLaunchTemplateVersions")
        shape: Any = agreed.response if agreed is not None else {}
        for name in DATA_PATH:
            shape = shape[name][0] if isinstance(shape[name], list) else shape[name]
        row["LaunchTemplateData"] = _spelled(shape, version["Data"])
    return row


def _spelled(shape: dict[str, Any], given: dict[str, Any]) -> Body:
    """The order as the answer spells it: only what was given, but lists in their wrappers, empty ones too (the official
    provider reads them without looking)."""
    row: Body = {}
    for name, inner in shape.items():
        value = given.get(SPELLED.get(name, name))
        if value is None and _is_wrapper(inner):
            value = []
        if value is None:
            continue
        if name == "Encrypted":
            value = str(value).lower() == "true"
        if isinstance(value, list):
            ((wrapped, (item,)),) = inner.items()
            row[name] = {wrapped: [_spelled(item, one) if isinstance(one, dict) else one for one in value]}
        else:
            row[name] = _spelled(inner, value) if isinstance(value, dict) else value
    return row


def _is_wrapper(shape: Any) -> bool:
    return isinstance(shape, dict) and len(shape) == 1 and isinstance(next(iter(shape.values())), list)


ECS = {
    "CreateLaunchTemplate": create_launch_template,
    "CreateLaunchTemplateVersion": create_launch_template_version,
    "ModifyLaunchTemplateDefaultVersion": modify_default_version,
    "DeleteLaunchTemplate": delete_launch_template,
    "DeleteLaunchTemplateVersion": delete_launch_template_version,
    "DescribeLaunchTemplates": describe_launch_templates,
    "DescribeLaunchTemplateVersions": describe_launch_template_versions,
}
TAGGABLE = {("ecs", "launchtemplate"): "launchtemplate"}
