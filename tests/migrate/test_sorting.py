"""What entries of a state are a part of, by what they themselves say."""

import json
from typing import Any

import pytest

from ecsplan.migrate.sorting import sort
from ecsplan.migrate.state import read_state
from tests.kinds.cloud import KINDS
from tests.support.tfstate import block, one, state


@pytest.mark.parametrize(
    ("kind", "attributes", "targets"),
    [
        (
            "alicloud_network_acl_attachment",
            {"resources": [{"resource_id": "vsw-1", "resource_type": "VSwitch"}, {"resource_id": "vsw-2"}]},
            [(("vswitch", "vsw-1"), "network_acl"), (("vswitch", "vsw-2"), "network_acl")],
        ),
        (
            "alicloud_network_acl_entries",
            {"network_acl_id": "nacl-1"},
            [(("network_acl", "nacl-1"), "ingress"), (("network_acl", "nacl-1"), "egress")],
        ),
    ],
)
def test_an_older_way_to_write_an_acl_is_part_of_what_it_is_about(
    kind: str, attributes: dict[str, Any], targets: list[Any]
) -> None:
    text = json.dumps(state(block(kind, "edge", one("nacl-1:x", **attributes))))
    (fold,) = sort(read_state(text, "state"), KINDS).folds
    assert list(fold.targets) == targets
