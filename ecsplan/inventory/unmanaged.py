"""The live objects that no stack claims, parts of others left out. Called by the engine; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ecsplan.inventory.decode import at_path
from ecsplan.model.keepers import claimed, is_shared
from ecsplan.model.resource import Listed
from ecsplan.model.selection import Selection, Unmanaged

_PARTS = ("system", "Primary")  # the Type of what lives and dies with its instance
# Where an object names what it hangs on, in the order in which that is asked for its VPC.
_HANGS_ON = ("InstanceId", "SourceDiskId", "NetworkInterfaceId")


def unmanaged(objects: Sequence[Listed], selection: Selection, account: str = "") -> tuple[Unmanaged[Listed], ...]:
    """Sorted by kind and name. The disks of an instance are part of it. What another account shares with this one is
    nobody's here, whatever its tags say; `account` is our own number.
    """
    by_id = {obj.id: obj for obj in objects}
    free = (obj for obj in objects if obj.owner is None or obj.fact(is_shared))
    found = (_described(obj, by_id, account) for obj in free if not is_part(obj, by_id))
    return tuple(sorted(selected(found, selection), key=lambda one: (one.obj.kind, one.obj.name, one.obj.id)))


def _described(obj: Listed, by_id: Mapping[str, Listed], account: str) -> Unmanaged[Listed]:
    return Unmanaged(obj, vpc_of(obj, by_id), *claimed(obj, account))


def is_part(obj: Listed, by_id: Mapping[str, Listed]) -> bool:
    """Whether an object is told with its instance: what was born with it, and disks of nobody that hang on it.

    So are the interfaces that go with an instance that a stack owns: they may stand in its block, and have no tags.
    """
    if obj.raw.get("Type") in _PARTS and obj.kind in ("disk", "network_interface"):
        return True
    instance = by_id.get(str(obj.raw.get("InstanceId") or ""))
    if obj.kind == "network_interface":
        return instance is not None and instance.owner is not None and obj.raw.get("DeleteOnRelease") is not False
    return obj.kind == "disk" and instance is not None


def vpc_of(obj: Listed, by_id: Mapping[str, Listed]) -> str:
    """The VPC that it is in, itself or through what it hangs on; empty for what is in none."""
    seen: set[str] = set()
    current: Listed | None = obj
    while current is not None and current.id not in seen:
        seen.add(current.id)
        if current.kind == "vpc":
            return current.id
        vpc = current.raw.get("VpcId") or at_path(current.raw, "VpcAttributes.VpcId")
        if vpc:
            return str(vpc)
        names = (str(current.raw.get(name) or "") for name in _HANGS_ON)
        current = next((by_id[name] for name in names if name in by_id), None)
    return ""


def selected(found: Iterable[Unmanaged[Listed]], selection: Selection) -> Iterator[Unmanaged[Listed]]:
    for one in found:
        if selection.kinds and one.obj.kind not in selection.kinds:
            continue
        if selection.vpc is not None and one.vpc != selection.vpc:
            continue
        if all(key in one.obj.tags and value in (None, one.obj.tags[key]) for key, value in selection.tags):
            yield one
