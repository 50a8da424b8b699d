"""The readers over plain answers: what is missing, sold out, or spread over pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecsplan.catalog.read import disk_categories, images, in_stock, instance_types, regions, zones
from ecsplan.model.call import Request
from ecsplan.model.kind import Paging


@dataclass
class Answers:
    """Answers by operation; remembers how lists were asked for."""

    answers: Mapping[str, Any]
    paged: list[tuple[str, str, Paging, int]] = field(default_factory=list)

    def send(self, request: Request) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.answers.get(request.operation, {})
        return found

    def pages(
        self, request: Request, items: str, paging: Paging, size: int, item_id: str | None
    ) -> Sequence[Mapping[str, Any]]:
        self.paged.append((request.operation, items, paging, size))
        outer, inner = items.split(".")
        found: Sequence[Mapping[str, Any]] = self.answers[request.operation][outer][inner]
        return found


def stock(**zones: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [
        {
            "ZoneId": zone,
            "AvailableResources": {"AvailableResource": [{"SupportedResources": {"SupportedResource": r}}]},
        }
        for zone, r in zones.items()
    ]
    return {"AvailableZones": {"AvailableZone": rows}}


def sold(value: str, **more: Any) -> dict[str, Any]:
    return {"Value": value, "Status": "Available", "StatusCategory": "WithStock", **more}


def test_a_region_without_a_status_is_read() -> None:
    (region,) = regions(Answers({"DescribeRegions": {"Regions": {"Region": [{"RegionId": "cn-x"}]}}}))

    assert (region.id, region.status) == ("cn-x", "")


def test_a_zone_tells_what_is_sold_there() -> None:
    raw = {"ZoneId": "z-h", "AvailableInstanceTypes": {"InstanceTypes": ["a", "b"]},
           "AvailableDiskCategories": {"DiskCategories": ["cloud_essd", "cloud"]}}  # fmt: skip
    (zone,) = zones(Answers({"DescribeZones": {"Zones": {"Zone": [raw]}}}))

    assert (zone.instance_types, zone.disk_categories) == (2, ("cloud", "cloud_essd"))


def test_what_is_sold_out_is_in_no_zone() -> None:
    out = {"Value": "ecs.g7.large", "Status": "SoldOut"}
    doubtful = sold("ecs.g7.large") | {"StatusCategory": "WithoutStock"}
    source = Answers({"DescribeAvailableResource": stock(h=[sold("ecs.g7.large")], i=[out], j=[doubtful])})

    assert [row["ZoneId"] for row in in_stock(source)["ecs.g7.large"]] == ["h"]


def test_an_instance_type_has_its_generation_bandwidth_and_zones() -> None:
    raw = {"InstanceTypeId": "ecs.gn7i.large", "InstanceTypeFamily": "ecs.gn7i", "CpuCoreCount": 8, "MemorySize": 30.0,
           "InstanceBandwidthTx": 5120000, "CpuArchitecture": "X86", "GPUAmount": 1, "GPUSpec": "A10"}  # fmt: skip
    plain = {"InstanceTypeId": "ecs.g8.large", "InstanceTypeFamily": "ecs.g8"}
    source = Answers(
        {
            "DescribeInstanceTypes": {"InstanceTypes": {"InstanceType": [raw, plain]}},
            "DescribeInstanceTypeFamilies": {
                "InstanceTypeFamilies": {
                    "InstanceTypeFamily": [{"InstanceTypeFamilyId": "ecs.gn7i", "Generation": "ecs-6"}]
                }
            },
            "DescribeAvailableResource": stock(i=[sold("ecs.gn7i.large")], h=[sold("ecs.gn7i.large")]),
        }
    )

    gpu, other = instance_types(source)

    assert (gpu.generation, gpu.bandwidth, gpu.gpu, gpu.zones) == ("ecs-6", 5.1, "1 × A10", ("h", "i"))
    assert (other.generation, other.zones) == ("8", ())
    assert source.paged == [("DescribeInstanceTypes", "InstanceTypes.InstanceType", Paging.TOKEN, 1600)]


def test_images_are_read_by_whole_pages() -> None:
    source = Answers({"DescribeImages": {"Images": {"Image": [{"ImageId": "m-1", "Size": 40}]}}})

    assert images(source)[0].size == 40
    assert source.paged == [("DescribeImages", "Images.Image", Paging.PAGE, 100)]


def test_a_disk_category_tells_sizes_and_uses() -> None:
    system = {"SystemDiskCategories": {"supportedSystemDiskCategory": ["cloud_essd"]}}
    zone = {"ZoneId": "h", "AvailableResources": {"ResourcesInfo": [system]}}
    rows = stock(
        h=[sold("cloud_essd", Min=20, Max=100), sold("ephemeral_ssd")], i=[sold("cloud_essd", Min=10, Max=200)]
    )
    essd, ephemeral = disk_categories(
        Answers({"DescribeZones": {"Zones": {"Zone": [zone]}}, "DescribeAvailableResource": rows})
    )

    assert (essd.uses, essd.size, essd.zones) == (("system", "data"), "10-200", ("h", "i"))
    assert (ephemeral.uses, ephemeral.size) == (("data",), "")
