"""A look over an account: what it finds, that it goes on where something is refused, and that it changes nothing."""

import pytest

from ecsplan import engine
from ecsplan.engine.examining import _inheritance
from ecsplan.model.call import ApiError, ErrorClass
from ecsplan.model.doctor import Diagnosis, DoctorCheck, Health
from ecsplan.render.doctor import conformance_text, doctor_document, doctor_text
from ecsplan.render.json_format import dumped
from tests.kinds.cloud import Cloud, with_instance


def checks(found: Diagnosis, name: str) -> list[DoctorCheck]:
    return [check for check in found.checks if check.name == name]


def the(found: Diagnosis, name: str) -> DoctorCheck:
    (check,) = checks(found, name)
    return check


def test_a_sound_account_has_no_problem_and_is_left_as_it_was(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    cloud.forget()
    found = engine.doctor(cloud.api)
    assert found.is_sound and cloud.writes() == []
    assert {check.name for check in found.checks} == {
        "key", "endpoints", "region", "clock", "signature", "reads", "tag inheritance", "economical mode",
        "disk encryption", "quotas", "quota center",
    }  # fmt: skip
    assert "1234567890123456" in the(found, "key").summary
    assert all(entry["params"].get("DryRun") == "true" or entry["action"].startswith(("Describe", "List", "Get"))
               for entry in cloud.service.log.calls())  # fmt: skip


def test_a_list_that_may_not_be_read_is_told_apart_from_an_empty_one(cloud: Cloud) -> None:
    cloud.faults({"fault": "empty_by_permission", "action": "DescribeDisks", "times": 99})
    found = engine.doctor(cloud.api)
    (bad,) = [
        check for check in checks(found, "reads") if check.health is Health.PROBLEM and "Describe" in check.summary
    ]
    assert "DescribeDisks (disk) answers nothing, and may not be read" in bad.summary and "RAM policy" in bad.advice
    facts = checks(found, "reads")[0].facts
    assert facts["DescribeDisks"]["answer"] == "denied" and facts["DescribeInstances"]["answer"] == "empty"
    assert not found.is_sound


def test_an_empty_list_that_nothing_proves_is_a_warning(cloud: Cloud) -> None:
    warned = [check.summary for check in checks(engine.doctor(cloud.api), "reads") if check.health is Health.WARNING]
    assert any("DescribeNetworkInterfaces" in summary for summary in warned)


def test_a_refused_list_is_a_problem_and_everything_else_is_looked_at_all_the_same(cloud: Cloud) -> None:
    cloud.faults({"fault": "error", "action": "DescribeVSwitches", "code": "Forbidden.RAM", "status": 403, "times": 99})
    found = engine.doctor(cloud.api)
    assert any("DescribeVSwitches (vswitch): Forbidden.RAM" in check.summary for check in checks(found, "reads"))
    assert the(found, "quotas").health is Health.OK


def test_reads_that_need_an_object_are_tried_with_one_that_is_there(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    cloud.faults({"fault": "error", "action": "DescribeUserData", "code": "Forbidden.RAM", "status": 403, "times": 99})
    found = engine.doctor(cloud.api)
    assert any("DescribeUserData (instance): Forbidden.RAM" in check.summary for check in checks(found, "reads"))


def test_a_wrong_key_ends_it_with_what_to_do(cloud: Cloud) -> None:
    cloud.faults({"fault": "error", "action": "*", "code": "InvalidAccessKeyId.NotFound", "status": 404, "times": 99})
    found = engine.doctor(cloud.api)
    assert the(found, "key").health is Health.PROBLEM and "access key" in the(found, "key").advice


def test_a_clock_that_is_off_is_told(cloud: Cloud) -> None:
    cloud.faults({"fault": "clock_skew", "seconds": 300, "times": 999})
    check = the(engine.doctor(cloud.api), "clock")
    assert check.health is Health.WARNING and "300 s behind" in check.summary


def test_a_quota_near_its_end_is_a_warning_and_one_at_its_end_a_problem(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for limit, health in ((2, Health.OK), (1, Health.PROBLEM)):
        cloud = Cloud(tmp_path)
        cloud.service.options.quotas["security_groups_per_account"] = limit  # type: ignore[index]
        cloud.settled(with_instance())
        found = engine.doctor(cloud.api)
        cloud.service.close()
        for name, what in (("quotas", "security groups"), ("quota center", "q_security-groups")):
            assert the(found, name).health is health
            assert the(found, name).facts[what] == {"used": 1, "limit": limit}


def test_a_quota_center_that_may_not_be_read_is_unknown(cloud: Cloud) -> None:
    cloud.faults({"fault": "error", "action": "ListProductQuotas", "code": "Forbidden.RAM", "status": 403, "times": 99})
    found = engine.doctor(cloud.api)
    assert found.is_sound and the(found, "quota center").health is Health.UNKNOWN


def test_machines_that_stopped_free_of_charge_show_the_economical_mode(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    assert the(engine.doctor(cloud.api), "economical mode").health is Health.UNKNOWN
    cloud.call("StopInstance", InstanceId=cloud.instance().id, StoppedMode="StopCharging")
    cloud.clock.advance(600)
    check = the(engine.doctor(cloud.api), "economical mode")
    assert check.health is Health.WARNING and check.facts["StopCharging"] == 1


RULE = "rule:AttachDisk-DetachDisk-TagInstance:Ecs-Instance:Ecs-Disk"


@pytest.mark.parametrize(
    ("rules", "health"),
    [
        ([], Health.OK),
        ([{"SettingName": RULE, "TagKeys": []}], Health.WARNING),
        ([{"SettingName": RULE, "TagKeys": ["team", "ecsplan:instance"]}], Health.WARNING),
        ([{"SettingName": RULE, "TagKeys": ["team"]}], Health.OK),
        ([{"SettingName": "rule:TagCluster:Cs-Cluster:Slb-Instance"}], Health.OK),
    ],
)
def test_inheritance_that_copies_our_tags_is_told(rules, health) -> None:  # type: ignore[no-untyped-def]
    assert _inheritance({"Rules": rules}).health is health


@pytest.mark.parametrize(("keys", "health"), [(["*"], Health.WARNING), (["team"], Health.OK), ([], Health.OK)])
def test_inheritance_is_read_of_the_account(keys, health, cloud: Cloud) -> None:  # type: ignore[no-untyped-def]
    cloud.service.settings.change({"inherit_tags": keys})
    check = the(engine.doctor(cloud.api), "tag inheritance")
    assert check.health is health and len(check.facts["rules"]) == (3 if health is Health.WARNING else 0)


def test_default_encryption_is_told_with_what_to_write(cloud: Cloud) -> None:
    cloud.call("EnableDiskEncryptionByDefault")
    check = the(engine.doctor(cloud.api), "disk encryption")
    assert check.health is Health.WARNING and "encrypted: true" in check.advice


def test_rules_that_may_not_be_read_are_unknown_and_no_problem() -> None:
    check = _inheritance(ApiError("ListAssociatedResourceRules", "Forbidden.RAM", "no", error_class=ErrorClass.DENIED))
    assert check.health is Health.UNKNOWN and "tag:ListAssociatedResourceRules" in check.advice


def test_the_report_for_an_issue_names_nothing_of_the_account(cloud: Cloud) -> None:
    cloud.settled(with_instance("tags: {owner: alice}", "description: private words"))
    found = engine.doctor(cloud.api, conformance=True)
    assert found.conformance is not None
    text = conformance_text(found.conformance)
    assert "DescribeInstances" in found.conformance.answers
    hidden = ("1234567890123456", "alice", "owner", "private", cloud.instance().id, "demo", "cn-hangzhou")
    assert [word for word in hidden if word in text] == []


def test_answers_are_no_longer_kept_once_it_is_over(cloud: Cloud) -> None:
    found = engine.doctor(cloud.api, conformance=True)
    cloud.call("DescribeInstances")
    assert found.conformance is not None
    assert found.conformance.answers == engine.doctor(cloud.api, conformance=True).conformance.answers  # type: ignore[union-attr]


def test_text_has_a_line_for_each_check_and_json_all_facts(cloud: Cloud) -> None:
    found = engine.doctor(cloud.api)
    text = doctor_text(found)
    assert all(check.summary in text for check in found.checks)
    assert text.endswith("cn-hangzhou can be planned on.\n")
    document = doctor_document(found)
    assert document["sound"] is True and len(document["checks"]) == len(found.checks) and dumped(document)
