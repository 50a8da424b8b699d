"""Questions to the service before a machine is stopped or something is deleted for a change.

Each question is a plain value that reads only: a dry run, what is in stock, which types a machine can change to, what
is known of an image. Sources of the words: DescribeAvailableResource, DescribeResourcesModification, DescribeImages.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecsplan.kinds import _machine as machine
from ecsplan.model.address import Address, Ref, Template
from ecsplan.model.algebra import Raw, Values, leaves, whole
from ecsplan.model.asking import (
    PASSED,
    Answers,
    Checked,
    Probe,
    Verdict,
    dry_run,
    permitted,
    refused,
    unchecked,
)
from ecsplan.model.call import ApiError, Call, Late, Params
from ecsplan.model.change import Change
from ecsplan.model.composites import refs_in
from ecsplan.model.decoder import Decoder
from ecsplan.model.resource import Resource

HERE = "nothing was stopped or deleted for it"
# of an image, whatever its status
IMAGE_STATUSES = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated"
# what two live objects cannot both have, and what is of no weight for the answer
_NOT_IN_A_DRY_RUN = ("PrivateIpAddress", "UserData", "ClientToken")


def change_of_type(change: Change) -> Iterator[Probe]:
    """Would the service change the type of a machine? The stock by a list, rights and limits by a dry run; one of a
    machine that runs ends at its status, and tells the rights alone."""
    assert change.before is not None
    wanted, shape = change.attributes_by_name["instance_type"].after, _shape(change)
    zone, is_subscription = change.fact(machine.zone), change.fact(machine.is_subscription)
    if not is_subscription:  # ModifyPrepayInstanceSpec takes no DryRun
        params = {"InstanceId": change.before.id, "InstanceType": wanted, "DryRun": True}
        is_off = change.before.status == "Stopped"
        yield Probe(
            ("ModifyInstanceSpec", wanted, is_off, *shape),
            (Call("ModifyInstanceSpec", params, kind="instance", note="dry run"),),
            _with_advice(dry_run if is_off else permitted),
        )
    ways = ("Upgrade", "Downgrade") if is_subscription else ("Upgrade",)
    calls = tuple(
        Call(
            "DescribeResourcesModification",
            {"ResourceId": change.before.id, "DestinationResource": "InstanceType", "OperationType": way},
            kind="instance",
        )
        for way in ways
    )
    yield Probe(
        ("DescribeResourcesModification", wanted, *shape),
        calls,
        lambda answers: _best(_in_list(answer, "InstanceType", str(wanted), zone) for answer in answers),
    )


def _shape(change: Change) -> tuple[str, ...]:
    """What decides whether a machine can have a type: those that are alike in it are asked about once."""
    assert change.before is not None
    return change.before.fact(_shape_told)


@Decoder
def _shape_told(raw: Raw) -> tuple[str, ...]:
    disks = sorted({str(disk.get("Category")) for disk in raw.get("@disks") or ()})
    return (*(str(raw.get(name)) for name in ("InstanceType", "ZoneId", "InstanceChargeType")), *disks)


def change_of_image(change: Change) -> Iterator[Probe]:
    """Is the image of a reinstallation there, and does the machine take it? Not asked of one that this plan makes."""
    assert change.before is not None
    image = change.attributes_by_name["image"].after
    old, kind = change.live("image"), change.desired("instance_type") or change.live("instance_type")
    size = max(whole(change.desired("system_disk.size")), whole(change.live("system_disk.size")))
    if isinstance(image, str) and isinstance(kind, str):
        yield image_question(image, kind, size, known=old if isinstance(old, str) else "")


def image_question(image: str, instance_type: str, size: int, known: str = "") -> Probe:
    """`known` is an image that is surely there: a list without it says nothing (a key that may not read gets none)."""
    ids = ",".join(dict.fromkeys(filter(None, (image, known))))
    return Probe(
        ("DescribeImages", image, instance_type, size),
        (
            Call("DescribeImages", {"ImageId": ids, "Status": IMAGE_STATUSES, "PageSize": 10}, kind="image"),
            Call("DescribeInstanceTypes", {"InstanceTypes": [instance_type]}, kind="instance"),
        ),
        lambda answers: _image_fits(answers, image, instance_type, size),
    )


def _image_fits(answers: Answers, image: str, instance_type: str, size: int) -> Verdict:
    images, types = answers
    if isinstance(images, ApiError):
        return unchecked(images)
    rows = {str(row.get("ImageId")): row for row in (images.get("Images") or {}).get("Image") or ()}
    if not rows:
        return Verdict(Checked.UNCHECKED, "", f"DescribeImages shows neither {image} nor the present image")
    row = rows.get(image)
    if row is None:
        return refused("InvalidImageId.NotFound", f"there is no image {image} in this region", HERE)
    if row.get("Status") != "Available":
        return refused("InvalidImage.Status", f"the image {image} is {row.get('Status')}, not Available", HERE)
    if size and int(row.get("Size") or 0) > size:
        told = f"the image {image} needs a system disk of {row['Size']} GiB, and it has {size}"
        return refused("InvalidSystemDiskSize.LessThanImageSize", told, HERE)
    return _fits_type(row, types, image, instance_type)


def _fits_type(image: Raw, types: Any, name: str, instance_type: str) -> Verdict:
    """Architecture and NVMe, as far as the list of types tells."""
    if isinstance(types, ApiError):
        return unchecked(types)
    rows = (types.get("InstanceTypes") or {}).get("InstanceType") or ()
    row = next((row for row in rows if row.get("InstanceTypeId") == instance_type), None)
    if row is None:
        return Verdict(Checked.UNCHECKED, "", f"DescribeInstanceTypes does not show {instance_type}")
    is_arm = row.get("CpuArchitecture") == "ARM"
    if image.get("Architecture") and (image["Architecture"] == "arm64") != is_arm:
        told = f"the image {name} is for {image['Architecture']}, and {instance_type} is {row['CpuArchitecture']}"
        return refused("ImageNotSupportInstanceType", told, HERE)
    nvme = (image.get("Features") or {}).get("NvmeSupport")
    if row.get("NvmeSupport") == "required" and nvme == "unsupported":
        return refused("ImageNotSupportInstanceType", f"{instance_type} needs NVMe, which {name} does not know", HERE)
    return PASSED


def new_machine(resource: Resource, call: Call, declared: Mapping[Address, Resource]) -> Iterator[Probe]:
    """Would the service make the machine that takes the place of another? A dry run, where all ids are known by now;
    else what is in stock where it will be.
    """
    params = {name: value for name, value in call.params.items() if name not in _NOT_IN_A_DRY_RUN}
    interfaces = params.get("NetworkInterface")
    if isinstance(interfaces, (list, tuple)):
        params["NetworkInterface"] = [_without(one, "PrimaryIpAddress") for one in interfaces]
    if not _is_open(params):
        yield _dry_run_of(call, params)
        return
    zone, instance_type = zone_of(resource, declared), resource.attributes.get("instance_type")
    if zone is not None and isinstance(instance_type, str):
        yield stock_question(resource.attributes, instance_type, zone)


def dry_run_of_create(resource: Resource, call: Call, declared: Mapping[Address, Resource]) -> Iterator[Probe]:
    """For any create that takes DryRun and needs nothing that is still to be made."""
    if not _is_open(call.params):
        yield _dry_run_of(call, call.params)


def _dry_run_of(call: Call, params: Params) -> Probe:
    asked = Call(
        call.operation, {**params, "DryRun": True}, call.product, call.kind, note="dry run", region=call.region
    )
    shape = {name: value for name, value in params.items() if name not in ("Tag", "InstanceName", "HostName")}
    return Probe(
        (call.operation, repr(sorted(shape.items()))),
        (asked,),
        _with_advice(lambda answers: dry_run(answers, frees_room=True)),
    )


def _without(params: Params, name: str) -> dict[str, object]:
    return {key: value for key, value in params.items() if key != name}


def _is_open(value: object) -> bool:
    """Whether a parameter is filled in only once something else has been made."""
    return any(
        refs_in(leaf) if isinstance(leaf, (Ref, Template)) else isinstance(leaf, Late) and _is_open(leaf.value)
        for leaf in leaves(value)
    )


def zone_of(resource: Resource, declared: Mapping[Address, Resource]) -> str | None:
    """Where a machine will be: its own zone, or that of its vSwitch."""
    zone, vswitch = resource.attributes.get("zone"), resource.attributes.get("vswitch")
    if zone is None and isinstance(vswitch, Ref) and vswitch.address in declared:
        zone = declared[vswitch.address].attributes.get("zone")
    return zone if isinstance(zone, str) else None


def stock_question(attributes: Values, instance_type: str, zone: str) -> Probe:
    """Is the type sold in the zone, as it is declared? With no category of the system disk an absent row says nothing:
    the service then goes by one that newer types do not take.
    """
    category = attributes.get("system_disk.category")
    params = {
        "DestinationResource": "InstanceType",
        "ZoneId": zone,
        "IoOptimized": "optimized",
        "InstanceChargeType": attributes.get("charge_type") or "PostPaid",
        "SpotStrategy": attributes.get("spot.strategy") or "NoSpot",
        "SystemDiskCategory": category,
    }
    return Probe(
        ("DescribeAvailableResource", instance_type, *map(str, params.values())),
        (Call("DescribeAvailableResource", params, kind="instance"),),
        lambda answers: _in_list(answers[0], "InstanceType", instance_type, zone, absent_is_refused=bool(category)),
    )


def new_disk(resource: Resource, call: Call, declared: Mapping[Address, Resource]) -> Iterator[Probe]:
    """Is the category sold in the zone? CreateDisk takes no DryRun."""
    zone, category = resource.attributes.get("zone"), resource.attributes.get("category")
    if isinstance(zone, str) and isinstance(category, str):
        params = {"DestinationResource": "DataDisk", "ResourceType": "disk", "ZoneId": zone}
        yield Probe(
            ("DescribeAvailableResource", "disk", zone, category),
            (Call("DescribeAvailableResource", params, kind="disk"),),
            lambda answers: _in_list(answers[0], "DataDisk", category, zone),
        )


def _in_list(answer: Any, kind: str, wanted: str, zone: str, *, absent_is_refused: bool = True) -> Verdict:
    """What a tree of zones and resources says of one value. An empty tree proves nothing: a key that may not read
    such a list may be shown none.
    """
    if isinstance(answer, ApiError):
        return unchecked(answer)
    found = [
        resource
        for place in (answer.get("AvailableZones") or {}).get("AvailableZone") or ()
        if place.get("ZoneId") in (zone, None)
        for resource in (place.get("AvailableResources") or {}).get("AvailableResource") or ()
        if resource.get("Type") in (kind, None)
    ]
    rows = list(_rows(found, "SupportedResources", "SupportedResource"))
    on_terms = list(_rows(found, "ConditionSupportedResources", "ConditionSupportedResource"))
    if not rows and not on_terms:
        return Verdict(Checked.UNCHECKED, "", f"the list of what {zone} offers is empty")
    row = next((row for row in rows if row.get("Value") == wanted), None)
    if row is not None:
        return _in_stock(row, wanted, zone)
    if any(row.get("Value") == wanted for row in on_terms):
        told = f"{wanted} can be had in {zone} only after the category of the disks is changed"
        return refused("InvalidInstanceType.DiskMismatch", told, HERE)
    if not absent_is_refused:
        return Verdict(Checked.UNCHECKED, "", f"{wanted} is not in the list of what {zone} offers")
    return refused("InvalidResourceType.NotSupported", f"{wanted} is not offered here, in {zone}", HERE)


def _rows(resources: Iterable[Raw], outer: str, inner: str) -> Iterator[Raw]:
    for resource in resources:
        yield from (resource.get(outer) or {}).get(inner) or ()


def _in_stock(row: Raw, wanted: str, zone: str) -> Verdict:
    status, category = row.get("Status"), row.get("StatusCategory")
    if status == "SoldOut" or category in ("WithoutStock", "ClosedWithoutStock"):
        return refused("OperationDenied.NoStock", f"{wanted} is sold out in {zone} ({category or status})", HERE)
    if status == "Available":
        return PASSED
    return Verdict(Checked.UNCHECKED, "", f"{wanted} is {status} in {zone}")


def _best(verdicts: Iterable[Verdict]) -> Verdict:
    """One way is enough; where none passes, a refusal counts more than what nobody could look at only if all refuse."""
    found = list(verdicts)
    for finding in (Checked.PASSED, Checked.UNCHECKED):
        for verdict in found:
            if verdict.finding is finding:
                return verdict
    return found[0]


def _with_advice(judge: Any) -> Any:
    def judged(answers: Answers) -> Verdict:
        verdict: Verdict = judge(answers)
        if verdict.finding is Checked.REFUSED:
            return refused(verdict.code, verdict.message, HERE)
        return verdict

    return judged
