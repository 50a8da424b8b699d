"""What may be written at a position."""

from ecsplan.engine.editing import checking
from ecsplan.engine.editing.completing import completions, region_of
from ecsplan.engine.editing.context import context_at
from ecsplan.engine.editing.model import Folder

HEAD = """\
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
variables: {size: {default: 40}}
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
  vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}
"""
WEB = HEAD + "  instance:\n    web:\n"


def offers(text: str) -> list[str]:
    """What is offered at the end of a text, whose names are those of HEAD."""
    before = Folder({"stack.yaml": HEAD})
    folder = Folder({"stack.yaml": text}, before.nodes)
    line = text.count("\n")
    at = context_at(text, line, len(text) - (text.rfind("\n") + 1))
    return [offer.text for offer in completions(folder, at, checking.shapes(), region_of(folder))]


def test_keys_of_each_place() -> None:
    assert "resources" in offers("res")
    assert "security_group" in offers("resources:\n  sec")
    assert offers(WEB + "      instance_ty")[0] == "instance_type"
    assert "size" in offers(WEB + "      system_disk: {si")
    assert "prevent_destroy" in offers(WEB + "      lifecycle: {pre")
    assert "protocol" in offers(HEAD + "  security_group:\n    web:\n      ingress:\n        - {pro")
    assert "schedule" in offers(WEB + "      sch")
    assert "schedule" not in offers(HEAD + "  security_group:\n    web:\n      ")
    assert "sensitive" not in offers("variables:\n  a:\n    ")


def test_an_entry_of_a_list_may_be_repeated() -> None:
    assert offers(HEAD + "  security_group:\n    web:\n      ingress:\n        - {fo") == ["for"]
    assert "for" not in offers(WEB + "      system_disk: {fo")
    assert offers(HEAD + 'outputs:\n  a: "${size|sel') == ["select", "selectattr"]


def test_required_keys_come_first() -> None:
    assert {"vpc", "zone", "cidr_block"} & set(offers(HEAD + "  vswitch:\n    db: {")[:3])


def test_names_of_resources_where_one_is_meant() -> None:
    assert offers(WEB + "      vswitch: ") == ["app"]
    assert offers(WEB + "      depends_on: [v") == ["vpc.main", "vswitch.app"]


def test_names_of_the_catalogue() -> None:
    assert "ecs.g7.large" in offers(WEB + "      instance_type: ecs.g7.")
    assert set(offers(HEAD + "  vswitch:\n    db: {zone: cn-hang")) >= {"cn-hangzhou-h", "cn-hangzhou-i"}
    assert "acs:ubuntu_22_04_x64" in offers(WEB + '      image: {family: "acs:ubuntu_22')
    assert "cn-shanghai" in offers("region: cn-sh")


def test_words_of_a_choice() -> None:
    assert "cloud_essd" in offers(WEB + "      system_disk: {category: cloud_e")
    assert set(offers(WEB + "      deletion_protection: ")) == {"true", "false"}


def test_inside_an_expression() -> None:
    assert "size" in offers(WEB + '      instance_type: "${s')
    assert offers(WEB + '      instance_type: "${vpc.') == ["main"]
    assert "cidr_block" in offers(WEB + '      instance_type: "${vpc.main.')
    assert "region" in offers(WEB + '      instance_type: "${stack.re')
