"""The Tag service's rules, as `inherit_tags` sets them (ListAssociatedResourceRules 2018-08-28)."""

from __future__ import annotations

import pytest

from ecsplan.emulator.service import Options, Service

from .client import Client, Failed

DISK = "rule:AttachDisk-DetachDisk-TagInstance:Ecs-Instance:Ecs-Disk"


@pytest.mark.parametrize(("setting", "keys"), [(["*"], []), (["team", "stage"], ["team", "stage"]), (["te*"], [])])
def test_each_part_of_a_machine_has_its_rule(setting: list[str], keys: list[str]) -> None:
    client = Client(Service(Options(settings={"inherit_tags": setting})))
    rows = client.call("tag", "ListAssociatedResourceRules", Status="Enable")["Rules"]
    assert {row["SettingName"].rpartition(":")[2] for row in rows} == {"Ecs-Disk", "Ecs-Eni", "Vpc-Eip"}
    assert all((row["Status"], row["TagKeys"]) == ("Enable", keys) for row in rows)
    assert client.call("tag", "ListAssociatedResourceRules", SettingName=[DISK])["Rules"] == rows[:1]
    assert client.call("tag", "ListAssociatedResourceRules", Status="Disable")["Rules"] == []


def test_without_the_setting_all_are_off() -> None:
    client = Client(Service(Options()))
    assert client.call("tag", "ListAssociatedResourceRules", Status="Enable")["Rules"] == []
    assert {row["Status"] for row in client.call("tag", "ListAssociatedResourceRules")["Rules"]} == {"Disable"}


def test_other_actions_of_the_service_are_not_there() -> None:
    with pytest.raises(Failed, match=r"InvalidAction\.NotFound"):
        Client(Service(Options())).ecs("ListAssociatedResourceRules")
