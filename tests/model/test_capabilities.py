"""A kind lists what it can do; what does not fit it, or leaves open whose its objects are, does not load."""

import pytest

from ecsplan.kinds import checked, load_kinds
from ecsplan.model.call import Product
from ecsplan.model.capabilities.enclosing import Encloses
from ecsplan.model.capabilities.exclusivity import Exclusive, Exclusivity, exclusivity
from ecsplan.model.capabilities.exporting import Exporting, exporting
from ecsplan.model.capabilities.ordering import Ordering, ordering
from ecsplan.model.capabilities.ownership import BornTagged, Ownership, Tagged
from ecsplan.model.capabilities.parts import Parts, slots_of
from ecsplan.model.capabilities.plugging import Pluggable, plugged_into
from ecsplan.model.capabilities.power import Power
from ecsplan.model.capabilities.preflight import Preflight, preflight
from ecsplan.model.capability import Capability
from ecsplan.model.copying import replace
from tests.builders import BOX, POWER, SHELF


def refusal(*can: Capability) -> str:
    with pytest.raises(TypeError) as told:
        replace(SHELF, can=can)
    return str(told.value)


def test_a_kind_answers_with_what_it_can_do_and_with_nothing_for_what_it_cannot() -> None:
    assert BOX.capability(Power) is POWER
    assert SHELF.capability(Power) is None
    assert SHELF.capability(Ownership) is SHELF.ownership == Tagged("shelf")


def test_what_a_kind_does_not_list_says_nothing() -> None:
    bare = replace(SHELF, can=(Tagged("shelf"),))
    assert exclusivity(bare) == Exclusivity() and ordering(bare) == Ordering() and exporting(bare) == Exporting()
    assert slots_of(bare) == () and plugged_into(bare) == () and preflight(bare) == Preflight()


def test_a_kind_that_does_not_say_whose_its_objects_are_does_not_load() -> None:
    assert "cannot be owned" in refusal()


@pytest.mark.parametrize("ownership", [BornTagged(), Tagged("shelf")])
def test_a_kind_whose_create_call_takes_no_tags_does_not_load(ownership: Ownership) -> None:
    """Its objects would be made once more by every run that is cut off before it has marked them."""
    silent = replace(SHELF.create, tags=None)
    with pytest.raises(TypeError, match="CreateShelf takes no tags, and later ones may never be set"):
        replace(SHELF, create=silent, can=(ownership,))


def test_a_kind_that_is_tagged_only_when_it_is_made_has_no_type_to_tag() -> None:
    assert replace(SHELF, can=(BornTagged(),)).ownership.tag_type == ""


def test_a_kind_of_a_type_that_the_service_does_not_tag_does_not_load() -> None:
    """CreateDeploymentSet takes no tags, DescribeDeploymentSets tells none, and TagResources knows no such type."""
    with pytest.raises(TypeError, match="deployment_set: its objects cannot be owned: CreateShelf takes no tags"):
        replace(SHELF, name="deployment_set", create=replace(SHELF.create, tags=None), can=(Tagged("deploymentset"),))
    sets = replace(SHELF, name="deployment_set", can=(Tagged("deploymentset"),))
    with pytest.raises(TypeError, match="deployment_set: its objects cannot be owned: TagResources of ecs takes no"):
        checked(sets)
    with pytest.raises(TypeError, match="TagResources of vpc takes no instance"):
        checked(replace(sets, product=Product.VPC, can=(Tagged("instance"),)))


@pytest.mark.parametrize(
    "capability",
    [
        Exclusivity((Exclusive("shelves[].spot"),)),
        Exclusivity(one_holder=("holder",)),
        Ordering(lane="shop"),
        Ordering(after={"shop": ("width",)}),
        Pluggable(("socket",)),
        Encloses("range", "box", "shelf", "size"),
        Exporting(defaults={"glue": "hot"}),
        Exporting(noise={"glue": lambda value, values: True}),
    ],
)
def test_a_capability_that_speaks_of_no_attribute_of_the_kind_does_not_load(capability: Capability) -> None:
    assert "none of its attributes" in refusal(Tagged("shelf"), capability)


def test_slots_are_those_of_an_attribute() -> None:
    disks = slots_of(load_kinds()["instance"])
    assert "its slots are data_disks" in refusal(Tagged("shelf"), Parts(disks, lambda raw, desired: {}))


def test_power_needs_a_status() -> None:
    blind = replace(BOX.listing, status="")
    with pytest.raises(TypeError, match="its listing names no status"):
        replace(BOX, listing=blind)


def test_an_attribute_that_a_capability_sets_needs_no_update() -> None:
    """Power sets the state; without it nothing says how that changes."""
    with pytest.raises(TypeError, match="no Update names state and it is not fixed"):
        replace(BOX, can=(Tagged("box"),))
