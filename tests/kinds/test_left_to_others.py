"""Services whose objects are named and never written: no action of theirs is one that ecsplan knows to send.

Scaling groups (membership that ends with the machine, forced deletions, desired sizes) and RAM (roles of others) are
theirs alone.
"""

import re

import pytest

from ecsplan.api.shapes import table
from ecsplan.model.call import Product
from tests.kinds.cloud import Cloud, stack_of

NEIGHBOURS = ("ess", "ram")
WRITES = r"(?:Attach|Detach|Remove|Execute|Enter|Exit|Modify|Create|Delete|Update|Scale)\w*"
SCALING = rf"{WRITES}(?:Scaling|Lifecycle|InstanceRefresh)\w*|(?:Attach|Detach|Remove)Instances"
RAM = rf"{WRITES}Policy(?:To|From)Role|(?:Create|Update|Delete)Role|(?:Create|Delete)Policy(?:Version)?"
THEIRS = re.compile(f"{SCALING}|{RAM}")


def test_no_product_that_is_written_to_is_that_of_another_keeper() -> None:
    assert not {product.value for product in Product} & set(NEIGHBOURS)


def test_no_action_of_a_scaling_group_or_of_ram_is_known() -> None:
    assert [name for name in table() if THEIRS.fullmatch(name)] == []


def test_the_words_above_are_those_of_these_services() -> None:
    for name in ("RemoveInstances", "DetachInstances", "DeleteScalingGroup", "ExecuteScalingRule", "DeleteRole"):
        assert THEIRS.fullmatch(name)
    for name in ("DeleteInstances", "AttachInstanceRamRole", "DeleteAutoSnapshotPolicy", "ModifyInstanceSpec"):
        assert not THEIRS.fullmatch(name)


@pytest.mark.parametrize("charge", ["PayBy95, ratio: 20", "PayByDominantTraffic"])
def test_a_package_of_any_way_to_pay_is_deleted_and_not_only_forgotten(cloud: Cloud, charge: str) -> None:
    """One that is only dropped from a state is billed on."""
    text = stack_of(f"common_bandwidth_package: {{shared: {{bandwidth: 20, charge_type: {charge}}}}}")
    cloud.settled(text)
    cloud.forget()
    cloud.destroy(text)
    assert "DeleteCommonBandwidthPackage" in cloud.changed()
