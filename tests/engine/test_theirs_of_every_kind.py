"""What another service marks as its own: it is listed as theirs, and not taken, changed or deleted.

On the kinds beside machines and their network, which test_theirs.py of the kinds has; ECSPLAN_SWEEP=full takes all.
"""

import pytest

from ecsplan import engine
from ecsplan.emulator.account import Thing
from ecsplan.model.kind import Kind
from ecsplan.model.plan import Plan
from tests.engine.accounts import disown
from tests.kinds.cloud import KINDS, Cloud, shown
from tests.kinds.test_conformance import nested, stack
from tests.survival.sizes import FULL

SIGN = {"ack.aliyun.com": "c1"}
BESIDE = ("nat_gateway", "common_bandwidth_package", "ipv6_gateway", "network_acl", "launch_template", "prefix_list",
          "port_range_list", "command", "route_table", "snapshot_group")  # fmt: skip
TAGGED = [kind for kind in KINDS.values() if kind.ownership.tag_type and (FULL or kind.name in BESIDE)]


def theirs(plan: Plan) -> set[str]:
    return {str(address) for guard in plan.guards if guard.name == "theirs" for address in guard.addresses}


def of_kind(cloud: Cloud, plan: Plan, kind: Kind) -> dict[str, Thing]:
    """The live objects of a kind, by address; those of a group are told by their ids."""
    ids = {str(c.address): c.before.id for c in plan.changes if c.before is not None and c.kind == kind.name}
    things = {thing.id.rpartition("/")[2]: thing for thing in cloud.service.account.all()}
    return {address: things[id_.rpartition("/")[2]] for address, id_ in ids.items()}


@pytest.mark.parametrize("kind", TAGGED, ids=lambda kind: kind.name)
def test_what_a_service_keeps_is_told_as_theirs_and_no_step_is_taken_without_a_yes(cloud: Cloud, kind: Kind) -> None:
    text = stack(kind, nested(kind.example))
    cloud.settled(text)
    things = of_kind(cloud, cloud.plan(text), kind)
    assert things
    for thing in things.values():
        cloud.service.account.set_tags(thing, {**thing.tags, **SIGN})
    cloud.assert_settled(text)  # its tags are no difference
    assert things.keys() <= theirs(cloud.plan(text, destroy=True))

    disown(cloud)
    found = {one.obj.id: one for one in engine.unmanaged(cloud.api) if one.obj.kind == kind.name}
    assert {one.tool for one in found.values()} == {"ACK"}, found
    made = engine.export(cloud.api, "estate")
    left = {one.id for one in made.left_out}
    assert found.keys() <= left, (left, made.text)
    plan = cloud.plan(text)
    taken = {str(c.address) for c in plan.changes if c.before is not None and c.before.id in found}
    assert not taken, shown(plan)  # nothing is taken over for looking alike
