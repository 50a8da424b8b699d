"""What cannot be read back, and whose change was refused or cut off: the record has it already, and it is not done."""

import pytest

from tests.kinds.cloud import Cloud, changes, with_instance

CHANGES = [
    ("user_data: echo one", "user_data: echo two"),
    ("password: {env: LOGIN, version: 1}", "password: {env: LOGIN, version: 2}"),
]


@pytest.mark.parametrize(("before", "after"), CHANGES, ids=["user data", "password"])
def test_a_change_that_was_refused_is_planned_again(cloud: Cloud, before: str, after: str) -> None:
    cloud.environ["LOGIN"] = "Correct-Horse-7"
    cloud.settled(with_instance(before))
    cloud.faults({"fault": "error", "action": "ModifyInstanceAttribute", "code": "Forbidden.RAM", "status": 403})
    assert not cloud.try_apply(with_instance(after)).is_complete
    assert list(changes(cloud.plan(with_instance(after)))) == ["instance.web"]
    cloud.settled(with_instance(after))
