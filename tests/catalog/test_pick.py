from typing import Any

import pytest

from ecsplan.catalog.pick import picked
from ecsplan.model.catalog import DiskCategory, Filter, ImageRow, InstanceType, Zone


def machine(name: str, cpu: int, memory: float, *zones: str) -> InstanceType:
    return InstanceType(f"ecs.{name}", f"ecs.{name.partition('.')[0]}", "ecs-6", cpu, memory, 1.0, "X86", "", zones)


def image(id_: str, family: str, created: str, platform: str = "Ubuntu", owner: str = "system") -> ImageRow:
    return ImageRow(id_, family, id_, platform, "linux", "x86_64", 20, owner, "Available", created)


TYPES = (
    machine("g7.xlarge", 4, 16, "z-h"),
    machine("g7.large", 2, 8, "z-h", "z-i"),
    machine("g7t.large", 2, 8, "z-i"),
    machine("c7.2xlarge", 8, 16),
)
IMAGES = (
    image("u22-old", "acs:ubuntu_22_04_x64", "2024-01-01"),
    image("u22-new", "acs:ubuntu_22_04_x64", "2025-01-01"),
    image("win", "acs:win", "2025-01-01", "Windows Server 2022"),
    image("m-golden", "", "2020-01-01", owner="self"),
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["c7.2xlarge", "g7.large", "g7.xlarge", "g7t.large"]),
        ({"family": "g7"}, ["g7.large", "g7.xlarge"]),
        ({"family": "ecs.g7*"}, ["g7.large", "g7.xlarge", "g7t.large"]),
        ({"zone": "z-i"}, ["g7.large", "g7t.large"]),
        ({"min_cpu": 4}, ["c7.2xlarge", "g7.xlarge"]),
        ({"min_memory": 8.5}, ["c7.2xlarge", "g7.xlarge"]),
        ({"min_cpu": 2, "min_memory": 16, "name": "xlarge"}, ["c7.2xlarge", "g7.xlarge"]),
        ({"name": "*.large"}, ["g7.large", "g7t.large"]),
        ({"name": "nothing"}, []),
    ],
)
def test_instance_types_are_picked(wanted: dict[str, Any], found: list[str]) -> None:
    assert [row.id.removeprefix("ecs.") for row in picked(TYPES, Filter(**wanted))] == found


def test_own_images_come_first_then_the_newest_of_each_family() -> None:
    assert [row.id for row in picked(IMAGES, Filter())] == ["m-golden", "u22-new", "u22-old", "win"]


def test_images_are_picked_by_platform_family_and_name() -> None:
    assert [row.id for row in picked(IMAGES, Filter(platform="windows"))] == ["win"]
    assert [row.id for row in picked(IMAGES, Filter(family="ubuntu_22_04_x64"))] == ["u22-new", "u22-old"]
    assert [row.id for row in picked(IMAGES, Filter(name="GOLD"))] == ["m-golden"]


def test_a_zone_is_picked_by_itself() -> None:
    zones = (Zone("z-h", "Zone H", "", 1, ()), Zone("z-i", "Zone I", "", 1, ()))

    assert [row.id for row in picked(zones, Filter(zone="z-i"))] == ["z-i"]
    assert picked((DiskCategory("cloud", (), "", ("z-h",)),), Filter(zone="z-i")) == ()
