import json

from ecsplan.model.selection import Unmanaged
from ecsplan.render.unmanaged import unmanaged_csv, unmanaged_document, unmanaged_table
from tests.render.plans import live

FOUND = [
    ("cn-hangzhou", Unmanaged(live("instance.a", "i-1", zone="cn-hangzhou-h"), "vpc-1", "Terraform", "managed-by=x")),
    ("cn-hangzhou", Unmanaged(live("eip.b", "eip-1", ip_address="47.98.1.2"))),
]


def test_a_table_tells_the_tool_and_counts() -> None:
    text = unmanaged_table(FOUND)

    assert text.splitlines()[1].split() == ["instance", "i-1", "web-prod-a", "Available", "cn-hangzhou-h", "vpc-1",
                                           "Terraform"]  # fmt: skip
    assert text.endswith("2 objects that no stack claims; 1 seem to be another tool's.\n")


def test_an_account_all_of_stacks_is_said() -> None:
    assert unmanaged_table([]) == "Every live object belongs to a stack.\n"


def test_several_regions_are_told_apart() -> None:
    assert "cn-beijing" in unmanaged_table([*FOUND, ("cn-beijing", FOUND[0][1])])


def test_programs_get_all_of_it() -> None:
    document = json.loads(json.dumps(unmanaged_document(FOUND)))

    assert document["objects"][0]["because"] == "managed-by=x"
    assert document["objects"][1]["vpc"] is None
    assert unmanaged_csv(FOUND).splitlines()[0] == "kind,id,name,status,zone,ip,vpc,tool,because,region"
