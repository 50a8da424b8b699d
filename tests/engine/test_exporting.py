"""The promise of `export`: its plan shows only adoptions, applying them writes only tags, then nothing is left to do.

On every kind and attribute, each with the value that its table samples; and on random accounts built by calls.
"""

import os

import pytest

from ecsplan.model.attribute import Attribute
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.kind import Kind
from tests.engine.accounts import Estate, assert_brought_in, disown, export
from tests.kinds.cloud import KINDS, Cloud, with_instance
from tests.kinds.test_conformance import SAMPLED, nested, stack, texts

SEEDS = int(os.environ.get("ECSPLAN_EXPORT_SEEDS", "25"))
# What the cloud tells otherwise than the file may say it, and why it is left out.
UNSAID: dict[str, str] = {}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_example_of_every_kind_is_brought_in(cloud: Cloud, kind: Kind) -> None:
    cloud.settled(stack(kind, nested(kind.example)))
    disown(cloud)

    made = export(cloud)

    assert not made.left_out
    assert any(address.kind == kind.name for address in made.adopted)
    assert_brought_in(cloud, made)


@pytest.mark.parametrize(("kind", "attribute"), SAMPLED)
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
    assert {one.why for one in made.left_out} <= {"it is no text"}
    assert_brought_in(cloud, made)
    assert not export(cloud, "another").adopted


def test_the_name_of_a_stack_that_is_there_is_refused(cloud: Cloud) -> None:
    cloud.settled(with_instance())

    with pytest.raises(Rejected, match="owns objects"):
        export(cloud, "demo")
