from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.power import Power
from ecsplan.model.kind import Create, Delete, Kind, Listing, Update
from ecsplan.model.texts import SecretText
from ecsplan.model.values import Integer, Text
from ecsplan.render.explain import attribute_text, kind_document, kind_text, kinds_text

KIND = Kind(
    name="machine",
    summary="A machine.",
    attributes=(
        Attribute("type", "Type", Text(), "Its size.", required=True),
        Attribute("zone", "Zone", Text(), fixed="replace"),
        Attribute("disk.size", "Disk.Size", Integer(minimum=20), default=40, fixed="refuse"),
        Attribute("disk.name", "Disk.Name", Text()),
        Attribute("password", "Password", SecretText(), sensitive=True, read_as=False),
        Attribute("image", "Image", Text(), fixed="replace", decided_by="on_image_change"),
        Attribute("state", None, Text()),
        Attribute("id", None, Text(), "What the cloud calls it.", computed=True),
    ),
    listing=Listing("DescribeMachines", "Machines.Machine", "Id", "Name"),
    create=Create("CreateMachine", "Id"),
    delete=Delete("DeleteMachine"),
    updates=(
        Update("ModifySpec", ("type",), needs_status="Stopped", note="not twice a minute"),
        Update("ResizeDisk", ("disk.size",), impacts=lambda change: ()),
        Update(None, ("disk.name", "password")),
    ),
    id_param="Id",
    id_prefixes=("m-",),
    example={"type": "big", "zone": "cn-hangzhou-h", "disk": {"size": 40}, "tags": {"a": "1"}, "on": "true"},
    can=(
        Tagged("machine"),
        Power("state", "Running", "Stopped", Update("StartMachine", ()), Update("StopMachine", ())),
    ),
    docs="https://example.com/machine",
)


def test_kinds_are_listed_with_their_summaries() -> None:
    assert kinds_text({"machine": KIND}).startswith("machine  A machine.\n")


def test_a_kind_in_the_terminal() -> None:
    text = kind_text(KIND)

    assert "    type*       Its size.\n" in text
    assert "changes in place, by ModifySpec, while Stopped: stop and start (not twice a minute)" in text
    assert "changes by replacing the machine (new id); else as lifecycle.on_image_change says" in text
    assert "Decided by the cloud, for expressions\n    id   What the cloud calls it.\n" in text
    assert text.endswith(
        "    resources:\n      machine:\n        example:\n          type: big\n          zone: cn-hangzhou-h\n"
        '          disk:\n            size: 40\n          tags:\n            a: "1"\n          on: "true"\n'
    )


def test_an_attribute_in_full() -> None:
    text = attribute_text(KIND, "type")

    assert text == (
        "machine.type\n    Its size.\n    Value:    a string\n    Required: yes\n"
        "    Changes:  in place, by ModifySpec, while Stopped: stop and start (not twice a minute)\n"
    )


def test_a_block_stands_for_its_members() -> None:
    text = attribute_text(KIND, "disk")

    assert "machine.disk.size" in text
    assert "machine.disk.name" in text
    assert "    Default:  40\n" in text
    assert "    Changes:  in place, by ResizeDisk: its impact depends on the values\n" in text
    assert "              not at all: a plan that asks for it is refused\n" in text


def test_secrets_and_computed_attributes_say_what_they_are() -> None:
    assert "Secret:   shown nowhere" in attribute_text(KIND, "password")
    assert "the service never tells it" in attribute_text(KIND, "password")
    assert "Decided by the cloud; expressions can read it." in attribute_text(KIND, "id")
    assert "in place, by StartMachine and StopMachine" in attribute_text(KIND, "state")


def test_the_same_for_programs() -> None:
    document = kind_document(KIND, "disk")

    assert [attribute["name"] for attribute in document["attributes"]] == ["disk.size", "disk.name"]
    assert kind_document(KIND)["attributes"][-1]["changes"] == []
