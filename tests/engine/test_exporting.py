"""The promise of `export`: its plan shows only adoptions, applying them writes only tags, then nothing is left to do.

On every kind and attribute, each with the value that its table samples; and on random accounts built by calls.
"""

import os

import pytest

from ecsplan.engine.exporting import _at_fault
from ecsplan.model.attribute import Attribute
from ecsplan.model.diagnostic import Diagnostic, Rejected, SourceRange
from ecsplan.model.kind import Kind
from tests.engine.accounts import Estate, assert_brought_in, disown, export
from tests.kinds.cloud import KINDS, Cloud, stack_of, with_instance
from tests.kinds.test_conformance import SAMPLED, nested, stack, texts

SEEDS = int(os.environ.get("ECSPLAN_EXPORT_SEEDS", "25"))
# What the cloud tells otherwise than the file may say it, and why it is left out.
UNSAID: dict[str, str] = {}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_example_of_every_kind_is_brought_in(cloud: Cloud, kind: Kind) -> None:
    cloud.settled(stack(kind, nested(kind.example)))
    disown(cloud)

    made = export(cloud)

    if not kind.ownership.tag_type:
        assert [one.kind for one in made.left_out] == [kind.name] and "cannot be adopted" in made.left_out[0].why
        return
    assert not made.left_out
    assert any(address.kind == kind.name for address in made.adopted)
    assert_brought_in(cloud, made)


@pytest.mark.parametrize(("kind", "attribute"), [p for p in SAMPLED if p.values[0].ownership.tag_type])
def test_every_attribute_is_brought_in(cloud: Cloud, kind: Kind, attribute: Attribute) -> None:
    _, second = texts(cloud, kind, attribute)
    cloud.settled(second)
    disown(cloud)

    made = export(cloud)

    assert [one for one in made.left_out if f"{one.kind}.{one.attribute}" not in UNSAID] == []
    assert_brought_in(cloud, made)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_random_account_is_brought_in(cloud: Cloud, seed: int) -> None:
    Estate(cloud, seed).build()

    made = export(cloud)

    assert "Never-Exported-1" not in made.text
    # What is older than the rules of today is left out of the file, and the objects keep it.
    old = ("it is not a string", "is not a name of", "icmp is for IPv4")
    assert [one for one in made.left_out if not any(words in one.why for words in old)] == []
    assert_brought_in(cloud, made)
    assert not export(cloud, "another").adopted


@pytest.mark.parametrize("seed", range(0, SEEDS, 3))
@pytest.mark.parametrize("part", ["vpc", "kind", "tag"])
def test_a_part_of_an_account_is_brought_in(cloud: Cloud, seed: int, part: str) -> None:
    """What is not chosen is referred to by its id; what it is referred to by is left alone."""
    Estate(cloud, seed).build()
    chosen = {"vpc": cloud.things("vpc")[0].id, "kinds": ("instance", "eip"), "tags": (("team", None),)}
    selection = {"vpc": "vpc", "kind": "kinds", "tag": "tags"}[part]

    made = export(cloud, **{selection: chosen[selection]})

    if made.adopted:
        assert_brought_in(cloud, made)
    rest = export(cloud, "rest")
    assert_brought_in(cloud, rest)
    assert not set(rest.adopted.values()) & set(made.adopted.values())


def test_what_a_stack_has_released_is_brought_in(cloud: Cloud) -> None:
    """Its parts still carry the tags of the old stack."""
    disks = "data_disks: {data: {category: cloud_essd, size: 40}, logs: {category: cloud_essd, size: 60}}"
    kept = "eip:\n  kept: {bandwidth: 5, charge_type: PayByTraffic}\n"
    stack = cloud.settled(with_instance(disks, more=kept))
    released = [str(resource.address) for resource in stack.resources if resource.address.kind != "eip"]
    cloud.apply(f"released: [{', '.join(released)}]\n{stack_of(kept)}")

    made = export(cloud)

    assert len(made.adopted) == len(released)
    assert_brought_in(cloud, made)


@pytest.mark.parametrize(
    ("text", "at", "found"),
    [
        ("    a: {adopt: d-1, size: 1}", "1}", ("size",)),
        ("    a: {adopt: d-1, zone: z}", "z}", ("",)),
        ("    a: {adopt: d-1, category: x, name: y}", "x,", ("category",)),
        ("    a:\n      adopt: d-1\n      tags: {size: x}", "x}", ("tags",)),
        ("    a:\n      tags:\n        size: x", "x", ("tags",)),
        ("    a: {adopt: d-1}", "a:", ("",)),
    ],
)
def test_what_the_reader_does_not_take_is_found_by_its_place(text: str, at: str, found: tuple[str, ...]) -> None:
    line = text.count("\n", 0, text.rindex(at)) + 1
    column = text.rindex(at) - text.rfind("\n", 0, text.rindex(at))

    assert _at_fault(KINDS["disk"], text, Diagnostic("wrong", "", SourceRange("f", line, column))) == found


def test_the_name_of_a_stack_that_is_there_is_refused(cloud: Cloud) -> None:
    cloud.settled(with_instance())

    with pytest.raises(Rejected, match="owns objects"):
        export(cloud, "demo")


def test_an_address_on_a_second_interface_is_kept_beside_the_machines_own(cloud: Cloud) -> None:
    more = """
network_interface:
  second: {vswitch: app, security_groups: [web], instance: web}
eip:
  front: {bandwidth: 5, charge_type: PayByTraffic, instance: second}
"""
    cloud.settled(with_instance("internet: {charge_type: PayByTraffic, max_bandwidth_out: 5}", more=more))
    disown(cloud)

    made = export(cloud)

    assert (
        "instance: second" in made.text
        or "instance: network_interface" in made.text
        or "instance: demo-second" in made.text
    )
    assert "max_bandwidth_out: 5" in made.text
    assert not made.left_out
    assert_brought_in(cloud, made)


def test_numbered_machines_with_a_gap_are_brought_in_as_a_group(cloud: Cloud) -> None:
    cloud.settled(with_instance("for_each: ['1', '2', '4']\nname: 'box-${each.key}'"))
    disown(cloud)

    made = export(cloud)

    assert 'for_each: ["1", "2", "4"]' in made.text
    assert "# box-3 is not there" in made.text
    assert_brought_in(cloud, made)


@pytest.mark.parametrize("name", ["box-${index + 1}", "box-${'%02d' % (index + 8)}", "box${index}"])
def test_numbered_machines_are_brought_in_as_a_group(cloud: Cloud, name: str) -> None:
    cloud.settled(with_instance(f'count: 3\nname: "{name}"'))
    disown(cloud)

    made = export(cloud)

    assert "count: 3" in made.text and f'name: "{name}"' in made.text
    assert_brought_in(cloud, made)
