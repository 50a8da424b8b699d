"""Each change of each kind, refused as busy for a minute and then taken: it is made in the end, whatever the object
looked like meanwhile. That it is at rest is no sign that the change was carried out.
"""

import pytest

from ecsplan.model.attribute import Attribute
from ecsplan.model.change import Action
from ecsplan.model.kind import Kind
from tests.kinds.cloud import Cloud, changes
from tests.kinds.test_conformance import CHANGEABLE, texts
from tests.survival.sizes import FULL

TAGS = {"TagResources", "UntagResources"}  # of the records; every change has them


def _one_of_each() -> list[object]:
    """One attribute for each operation of a kind; in full all of them."""
    seen: set[tuple[str, object]] = set()
    found = []
    for param in CHANGEABLE:
        kind, attribute = param.values
        operations = {(kind.name, update.operation or update.build) for update in kind.updates_for(attribute.name)}
        if FULL or not operations <= seen:
            found.append(param)
        seen |= operations
    return found


@pytest.mark.parametrize(("kind", "attribute"), _one_of_each())
def test_a_change_that_is_busy_for_a_minute_is_made_in_the_end(cloud: Cloud, kind: Kind, attribute: Attribute) -> None:
    first, second = texts(cloud, kind, attribute)
    cloud.settled(first)
    plan = cloud.plan(second)
    change = changes(plan)[f"{kind.name}.subject"]
    if change.action is not Action.UPDATE or any(guard.name == "blocked" for guard in plan.guards):
        pytest.skip("it is not changed in place")
    operations = {call.operation for step in plan.steps for call in step.calls if not call.creates} - TAGS - {""}
    cloud.faults(*({"fault": "error", "action": operation, "code": "OperationConflict", "message": "busy",
                    "times": 12, "from": 1, "probability": 1.0} for operation in operations))  # fmt: skip
    report = cloud.try_apply(plan)
    assert report.is_complete, report.failed
    cloud.service.faults.clear()
    left = cloud.plan(second)
    assert left.is_empty, f"{sorted(operations)}: said to be done, and is not"
