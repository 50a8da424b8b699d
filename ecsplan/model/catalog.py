"""The offers of the cloud: the rows that `ecsplan catalog` shows. Made by catalog/, drawn by render/."""

from msgspec import Struct


class Filter(Struct, frozen=True):
    """What a person looks for; all that is given must hold. `name` and `platform` are parts of a text, or have `*`."""

    zone: str | None = None
    family: str | None = None
    name: str | None = None
    platform: str | None = None
    min_cpu: int | None = None
    min_memory: float | None = None


class RegionRow(Struct, frozen=True):
    id: str
    name: str
    status: str
    endpoint: str


class Zone(Struct, frozen=True):
    """`instance_types` and `disk_categories` are what is sold there."""

    id: str
    name: str
    type: str
    instance_types: int
    disk_categories: tuple[str, ...]


class InstanceType(Struct, frozen=True):
    """`bandwidth` is the base of the internal network in Gbit/s; `zones` are those where it can be had now."""

    id: str
    family: str
    generation: str
    cpu: int
    memory: float
    bandwidth: float
    architecture: str
    gpu: str
    zones: tuple[str, ...]


class ImageRow(Struct, frozen=True):
    id: str
    family: str
    name: str
    platform: str
    os_type: str
    architecture: str
    size: int
    owner: str
    status: str
    created: str


class DiskCategory(Struct, frozen=True):
    """`size` is the smallest and largest data disk in GiB, `uses` whether it may be a system disk, a data disk."""

    id: str
    uses: tuple[str, ...]
    size: str
    zones: tuple[str, ...]


Row = RegionRow | Zone | InstanceType | ImageRow | DiskCategory
