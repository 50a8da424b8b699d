"""What a kind is to Terraform and to ROS stands in its own file, once for both directions."""

import pytest

from ecsplan import engine
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import Terraform, kinds_by_type
from ecsplan.model.kind import Kind

THERE = [pytest.param(kind, id=kind.name) for kind in engine.kinds().values() if kind.capability(Terraform)]


def of(kind: Kind) -> Terraform:
    found = kind.capability(Terraform)
    assert found is not None
    return found


def test_no_name_of_a_resource_belongs_to_two_kinds() -> None:
    names = [name for kind in engine.kinds().values() if kind.capability(Terraform) for name in of(kind).types]
    assert len(names) == len(set(names)) == len(kinds_by_type(engine.kinds()))


@pytest.mark.parametrize("kind", THERE)
def test_an_attribute_has_a_name_that_is_read_back_as_the_same_attribute(kind: Kind) -> None:
    written = {attribute.name: of(kind).in_a_plan(attribute.name) for attribute in kind.attributes}
    back = {ours: of(kind).ours(there) for ours, there in written.items() if there}
    assert {ours: name for ours, name in back.items() if name not in (None, ours)} == {}


@pytest.mark.parametrize("kind", THERE)
def test_a_former_name_of_an_attribute_leads_to_one_that_is_there(kind: Kind) -> None:
    known = {field.theirs for field in of(kind).fields} | set(of(kind).theirs_alone)
    assert set(of(kind).renamed.values()) <= known


@pytest.mark.parametrize("kind", THERE)
def test_properties_of_a_template_are_by_attributes_that_a_file_has(kind: Kind) -> None:
    template = kind.capability(Ros)
    assert template is None or set(template.properties) <= {field.theirs for field in of(kind).fields}
