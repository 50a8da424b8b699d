"""Answers that are a success as a whole and refuse some of their targets: each target is looked at."""

from collections.abc import Callable, Iterator
from typing import Any

from ecsplan.api.shapes import table
from ecsplan.kinds._instance_calls import POWER_ROWS, ROWS
from tests.kinds.cloud import Cloud, with_instance

POWER = ("StartInstances", "StopInstances", "RebootInstances")


def _results(shape: Any, path: str = "") -> Iterator[str]:
    """Where an answer has a code for each machine."""
    if isinstance(shape, list):
        if isinstance(shape[0], dict) and {"InstanceId", "Code", "Message"} <= shape[0].keys():
            yield path
        shape = shape[0]
    if isinstance(shape, dict):
        for name, inner in shape.items():
            yield from _results(inner, f"{path}.{name}".strip("."))


def test_each_call_whose_answer_has_a_code_for_each_machine_says_where() -> None:
    documented = {name: place for name, shape in table().items() for place in _results(shape)}
    assert documented == {**ROWS, **dict.fromkeys(POWER, POWER_ROWS)}


def just_before(cloud: Cloud, operation: str, happens: Callable[[], object]) -> None:
    """Another hand is faster than a call of ours."""
    heard = cloud.service.handle

    def handle(request: Any) -> Any:
        if operation in f"{request.headers} {request.target} {request.body!r}":
            happens()
        return heard(request)

    cloud.service.handle = handle  # type: ignore[method-assign]


def test_a_machine_that_got_another_role_meanwhile_fails_and_the_others_do_not(cloud: Cloud) -> None:
    cloud.settled(with_instance("count: 2"))
    first, second = sorted(cloud.things("instance"), key=lambda one: str(one["InstanceName"]))
    just_before(cloud, "AttachInstanceRamRole", lambda: cloud.service.account.change(first, RamRoleName="theirs"))
    report = cloud.try_apply(with_instance("count: 2", "ram_role: ours"))
    assert [outcome.code for outcome in report.failed] == ["InvalidOperation.RoleExists"]
    assert (first["RamRoleName"], second["RamRoleName"]) == ("theirs", "ours")


def test_a_key_pair_for_a_machine_that_is_gone_meanwhile_is_no_success(cloud: Cloud) -> None:
    key = "key_pair:\n  ops: {public_key: ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7 ops}\n"
    cloud.settled(with_instance("count: 2"))
    gone = sorted(cloud.things("instance"), key=lambda one: str(one["InstanceName"]))[0]
    just_before(cloud, "AttachKeyPair", lambda: cloud.service.account.remove(gone))
    report = cloud.try_apply(with_instance("count: 2", "key_pair: ops", more=key))
    assert [outcome.code for outcome in report.failed] == ["InvalidInstanceId.NotFound"]
