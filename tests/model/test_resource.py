"""What a resource holds beside plain values, walked once for all stages that ask."""

from ecsplan.model.address import Address, ForeignRef, Ref, Secret, Template
from ecsplan.model.copying import replace
from ecsplan.model.resource import Resource
from ecsplan.model.stack import Stack

NET, DISK = Address("vpc", "main"), Address("disk", "data", 0)
AWAY = ForeignRef("network", Address("vswitch", "app"))
WEB = Resource(
    Address("instance", "web"),
    {
        "size": 40,
        "tags": (("team", "web"),),
        "note": Template(("in ", Ref(NET, "cidr_block"))),
        "disks": (("a", Ref(DISK)), ("b", Ref(NET))),
        "password": Secret(1, env="P"),
        "vswitch": AWAY,
    },
    "web",
)


def test_it_names_what_its_values_and_templates_refer_to() -> None:
    assert list(WEB.refs) == [("note", Ref(NET, "cidr_block")), ("disks", Ref(DISK)), ("disks", Ref(NET))]
    assert WEB.named == {NET, DISK}


def test_it_holds_secrets_and_other_stacks_but_no_plain_values() -> None:
    assert [name for name, _ in WEB.held] == ["note", "disks", "disks", "password", "vswitch"]
    assert Stack("shop", "cn-hangzhou", (WEB,)).stacks == {"network"}


def test_another_value_is_looked_at_anew() -> None:
    assert WEB.named
    assert not replace(WEB, attributes={"size": 40}).named
    assert replace(WEB) == WEB
