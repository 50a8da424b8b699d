import json

from ecsplan.model.catalog import InstanceType
from ecsplan.render.catalog import catalog_csv, catalog_document, catalog_table

ROWS = (
    InstanceType("ecs.g7.large", "ecs.g7", "ecs-6", 2, 8.0, 2.0, "X86", "", ("cn-hangzhou-h", "cn-hangzhou-i")),
    InstanceType("ecs.g7.xlarge", "ecs.g7", "ecs-6", 4, 16.0, 0.0, "X86", "", ()),
)


def test_a_table_for_people() -> None:
    assert catalog_table(ROWS, "instance-types") == (
        "ID             FAMILY  GENERATION  CPU  MEMORY GIB  BANDWIDTH GBPS  ARCHITECTURE  ZONES\n"
        "ecs.g7.large   ecs.g7  ecs-6       2    8           2               X86           h i\n"
        "ecs.g7.xlarge  ecs.g7  ecs-6       4    16                          X86           sold out\n"
        "\n2 instance types.\n"
    )


def test_one_is_singular() -> None:
    assert catalog_table(ROWS[:1], "instance-types").endswith("\n1 instance type.\n")


def test_nothing_fits() -> None:
    assert catalog_table((), "disk-categories") == "No disk categories fit.\n"
    assert catalog_csv(()) == "id\n"


def test_programs_get_whole_zones_and_numbers() -> None:
    document = json.loads(json.dumps(catalog_document(ROWS, "instance-types", "cn-hangzhou")))

    assert document["items"][0]["zones"] == ["cn-hangzhou-h", "cn-hangzhou-i"]
    assert document["items"][0]["memory_gib"] == 8.0
    assert "cn-hangzhou-h cn-hangzhou-i" in catalog_csv(ROWS)
