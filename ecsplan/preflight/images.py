"""Is an image there, Available, and does it fit its machines: architecture, boot mode, NVMe, size of the system disk?

DescribeImages tells of ids, DescribeImageFromFamily of the image that a family stands for now (ECS 2014-05-26).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ecsplan.model.address import Address
from ecsplan.model.call import ApiError, ErrorClass, RefusalCause, Request
from ecsplan.model.preflight import Finding, Image, Level, Need
from ecsplan.preflight.types import all_rows
from ecsplan.preflight.world import FAMILY, Answer, Answers, Judgement, Look, Row, World, unchecked, unique

AT_ONCE = 100
STATUSES = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated"
MAY_READ = Request("DescribeImages", {"DryRun": True})


def _wanted(needs: Iterable[Need]) -> dict[str, list[Image]]:
    found: dict[str, list[Image]] = {}
    for need in needs:
        if isinstance(need, Image):
            found.setdefault(need.image, []).append(need)
    return found


def _request(image: str, wanted: Iterable[str]) -> Request:
    if image.startswith(FAMILY):
        return Request("DescribeImageFromFamily", {"ImageFamily": image.removeprefix(FAMILY)})
    ids = sorted(name for name in wanted if not name.startswith(FAMILY))
    at = ids.index(image) // AT_ONCE * AT_ONCE
    ids_of_call = ",".join(ids[at : at + AT_ONCE])
    return Request("DescribeImages", {"ImageId": ids_of_call, "Status": STATUSES, "PageSize": AT_ONCE})


def looks(needs: Sequence[Need], world: World) -> Iterator[Look]:
    wanted = _wanted(needs)
    for image, uses in wanted.items():
        yield Look("image", _request(image, wanted), unique(use.address for use in uses))


def looks_for_proof(needs: Sequence[Need], world: World, answers: Answers) -> Iterator[Look]:
    """A key that may not read images is answered an empty list: whether it may, a dry run tells."""
    wanted = _wanted(needs)
    for image, uses in wanted.items():
        request = _request(image, wanted)
        is_told = not isinstance(answers.to(request), (ApiError, type(None)))
        if is_told and not image.startswith(FAMILY) and not answers.rows(request, "Images.Image"):
            yield Look("image", MAY_READ, unique(use.address for use in uses))


def judged(needs: Sequence[Need], world: World, answers: Answers) -> Iterator[Judgement]:
    wanted, types = _wanted(needs), all_rows(needs, answers)
    for image, uses in wanted.items():
        request = _request(image, wanted)
        answer = answers.to(request)
        if answer is None:
            continue
        found = _row(image, answer)
        if found is None:
            yield _absent(image, uses, answer, answers, world)
        else:
            yield from _of_row(image, found, uses, types, world)


def _row(image: str, answer: Answer) -> Row | None:
    if isinstance(answer, ApiError):
        return None
    if image.startswith(FAMILY):
        row = answer.get("Image")
        return row if row and row.get("ImageId") else None
    rows = (answer.get("Images") or {}).get("Image") or ()
    return next((row for row in rows if row.get("ImageId") == image), None)


def _absent(image: str, uses: Sequence[Image], answer: Answer, answers: Answers, world: World) -> Finding:
    addresses, line = unique(use.address for use in uses), world.source_of(uses[0].address, "image")
    name = _name(image)
    if isinstance(answer, ApiError) and not answer.is_about(RefusalCause.NO_IMAGE):
        return unchecked("image", f"whether there is {name}", answer, addresses)
    is_empty = not isinstance(answer, ApiError) and not (answer.get("Images") or {}).get("Image")
    if is_empty and not image.startswith(FAMILY) and not _may_read(answers):
        return unchecked("image", f"whether there is {name}", answers.to(MAY_READ), addresses)
    code = "InvalidImageFamily.NotFound" if image.startswith(FAMILY) else "InvalidImageId.NotFound"
    advice = "`ecsplan catalog images` lists what there is"
    return Finding(Level.FAIL, "image", f"there is no {name} in this region", code, advice, addresses, line)


def _may_read(answers: Answers) -> bool:
    proof = answers.to(MAY_READ)
    return isinstance(proof, ApiError) and proof.error_class in (ErrorClass.DRY_RUN, ErrorClass.DONE)


def _name(image: str) -> str:
    return f"image of the family {image.removeprefix(FAMILY)}" if image.startswith(FAMILY) else f"image {image}"


def _of_row(image: str, row: Row, uses: Sequence[Image], types: Mapping[str, Row], world: World) -> Iterator[Judgement]:
    if row.get("Status") not in ("Available", None):
        line = world.source_of(uses[0].address, "image")
        told = f"the {_name(image)} is {row.get('Status')}, not Available"
        yield Finding(Level.FAIL, "image", told, "InvalidImage.Status", "wait until it is, or choose another",
                      unique(use.address for use in uses), line)  # fmt: skip
        return
    alike: dict[tuple[str, int], list[Address]] = {}
    for use in uses:
        alike.setdefault((use.instance_type, use.disk), []).append(use.address)
    for (instance_type, disk), addresses in alike.items():
        line = world.source_of(addresses[0], "image")
        against = _against(_name(image), row, instance_type, types.get(instance_type), disk)
        if against is not None:
            yield Finding(Level.FAIL, "image", against[1], against[0], "", unique(addresses), line)
        elif instance_type not in types:
            told = f"whether the {_name(image)} fits {instance_type}: the type's facts were not read"
            yield Finding(Level.UNCHECKED, "image", told, addresses=unique(addresses))
        else:
            yield None


def _against(image: str, row: Row, name: str, instance_type: Row | None, disk: int) -> tuple[str, str] | None:
    """A code and what is said of it."""
    size = int(row.get("Size") or 0)
    if disk and size > disk:
        told = f"the {image} needs a system disk of {size} GiB, and it has {disk}"
        return "InvalidSystemDiskSize.LessThanImageSize", told
    if instance_type is None:
        return None
    refused = "ImageNotSupportInstanceType"
    is_arm = instance_type.get("CpuArchitecture") == "ARM"
    built_for = row.get("Architecture")
    if built_for and (built_for == "arm64") != is_arm:
        return refused, f"the {image} is for {built_for}, and {name} is {instance_type['CpuArchitecture']}"
    modes = (instance_type.get("SupportedBootModes") or {}).get("SupportedBootMode") or ()
    mode = row.get("BootMode")
    if modes and mode in ("BIOS", "UEFI") and mode not in modes:
        return refused, f"the {image} boots by {mode}, and {name} by {' or '.join(modes)}"
    nvme = (row.get("Features") or {}).get("NvmeSupport")
    if instance_type.get("NvmeSupport") == "required" and nvme == "unsupported":
        return refused, f"{name} needs NVMe, which the {image} does not know"
    return None
