"""What is asked before a machine is stopped or something is deleted, and that a refusal then leaves all as it was."""

from typing import Any

import pytest

from ecsplan.kinds import _asking
from ecsplan.model.address import Ref
from ecsplan.model.asking import Checked
from ecsplan.model.call import ApiError, Call
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.plan import Plan, Report
from tests.builders import a_resource, at
from tests.kinds.cloud import Cloud, stack_of, with_instance
from tests.kinds.test_instance import NEW_IMAGE, OLD_IMAGE, with_image

BIGGER = with_instance().replace("g7.large", "g7.xlarge")


def questions(plan: Plan) -> list[str]:
    return [call.operation for step in plan.steps if step.question is not None for call in step.calls]


def refused(cloud: Cloud, text: str, **options: Any) -> Report:
    """Applies what would be refused, planned without a look ahead: the machine runs on, and nothing was written."""
    before = cloud.instance().id
    cloud.forget()
    report = cloud.try_apply(cloud.plan(text, preflight="off", **options))
    assert report.failed[0].step.verb == "check" and report.failed[0].advice == _asking.HERE
    assert cloud.writes() == [] and report.off == ()
    assert (cloud.instance().id, cloud.instance()["Status"]) == (before, "Running")
    return report


# Types


def test_a_change_of_type_asks_for_rights_and_for_stock(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    plan = cloud.plan(BIGGER)
    assert questions(plan) == ["ModifyInstanceSpec", "DescribeResourcesModification"]
    assert not any(outcome.unchecked for outcome in cloud.apply(plan).outcomes)


def test_a_plan_that_stops_nothing_asks_nothing(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    assert questions(cloud.plan(with_instance("description: other words"))) == []


def test_a_type_of_another_architecture(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    report = refused(cloud, with_instance().replace("ecs.g7.large", "ecs.g8y.large"))
    assert "ecs.g8y.large" in report.failed[0].message


def test_a_type_that_is_no_type_is_refused_by_the_plan(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    with pytest.raises(Rejected, match=r"ecs\.g7\.larg is not offered(.|\n)*ecs\.g7\.large"):
        cloud.plan(with_instance().replace("ecs.g7.large", "ecs.g7.larg"))


def test_a_type_that_is_sold_out(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    cloud.faults({"fault": "stock_out", "type": "ecs.g7.xlarge"})
    assert refused(cloud, BIGGER).failed[0].code == "OperationDenied.NoStock"


def test_a_right_that_is_missing(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    cloud.faults({"fault": "error", "action": "ecs:ModifyInstanceSpec", "code": "Forbidden.RAM", "status": 403,
                  "probability": 1.0})  # fmt: skip
    assert refused(cloud, BIGGER).failed[0].code == "Forbidden.RAM"


def test_where_nobody_may_look_the_change_goes_on(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    cloud.faults({"fault": "error", "action": "ecs:DescribeResourcesModification", "code": "Forbidden.RAM",
                  "status": 403, "probability": 1.0})  # fmt: skip
    cloud.apply(BIGGER)
    cloud.assert_settled(BIGGER)


def test_a_group_of_alike_machines_is_asked_about_once(cloud: Cloud) -> None:
    group = with_instance("count: 3", "lifecycle: {rollout: {max_unavailable: all}}")
    cloud.settled(group)
    plan = cloud.plan(group.replace("g7.large", "g7.xlarge"))
    assert questions(plan) == ["ModifyInstanceSpec", "DescribeResourcesModification"]


# Images


def test_a_reinstallation_asks_whether_the_image_is_there(cloud: Cloud) -> None:
    cloud.settled(with_image(OLD_IMAGE))
    plan = cloud.plan(with_image(NEW_IMAGE, "reinstall"))
    assert questions(plan) == ["DescribeImages", "DescribeInstanceTypes"]
    cloud.apply(plan)


def test_an_image_that_does_not_exist(cloud: Cloud) -> None:
    cloud.settled(with_image(OLD_IMAGE))
    assert refused(cloud, with_image("m-bp1doesnotexist00000", "reinstall")).failed[0].code == "InvalidImageId.NotFound"


def image(**more: Any) -> dict[str, Any]:
    row = {"ImageId": "m-new", "Status": "Available", "Architecture": "x86_64", "Size": 20, **more}
    return {"Images": {"Image": [row, {"ImageId": "m-old", "Status": "Available"}]}}


def types(**more: Any) -> dict[str, Any]:
    return {"InstanceTypes": {"InstanceType": [{"InstanceTypeId": "t", "CpuArchitecture": "X86", **more}]}}


NOTHING: dict[str, Any] = {}
DENIED = ApiError("DescribeImages", "Forbidden.RAM", "no")


@pytest.mark.parametrize(
    ("images", "of_types", "finding", "code"),
    [
        (image(), types(), Checked.PASSED, ""),
        (image(Status="Creating"), types(), Checked.REFUSED, "InvalidImage.Status"),
        (image(Size=80), types(), Checked.REFUSED, "InvalidSystemDiskSize.LessThanImageSize"),
        (image(Architecture="arm64"), types(), Checked.REFUSED, "ImageNotSupportInstanceType"),
        (image(), types(CpuArchitecture="ARM"), Checked.REFUSED, "ImageNotSupportInstanceType"),
        (image(Features={"NvmeSupport": "unsupported"}), types(NvmeSupport="required"), Checked.REFUSED,
         "ImageNotSupportInstanceType"),
        (image(), NOTHING, Checked.UNCHECKED, ""),
        (image(), DENIED, Checked.UNCHECKED, "Forbidden.RAM"),
        (DENIED, types(), Checked.UNCHECKED, "Forbidden.RAM"),
        (NOTHING, types(), Checked.UNCHECKED, ""),  # a key that may not read is shown none
    ],
)  # fmt: skip
def test_what_is_known_of_an_image(images: Any, of_types: Any, finding: Checked, code: str) -> None:
    verdict = _asking.image_question("m-new", "t", 40, "m-old").judge((images, of_types))
    assert (verdict.finding, verdict.code) == (finding, code)


# Replacements


def test_a_machine_is_not_deleted_for_one_that_would_not_be_made(cloud: Cloud) -> None:
    cloud.settled(with_image(OLD_IMAGE))
    cloud.faults({"fault": "error", "action": "ecs:RunInstances", "code": "OperationDenied.NoStock", "status": 403,
                  "probability": 1.0})  # fmt: skip
    assert refused(cloud, with_image(NEW_IMAGE, "replace")).failed[0].code == "OperationDenied.NoStock"


def test_the_fixed_address_of_the_old_machine_is_not_in_the_way_of_the_question(cloud: Cloud) -> None:
    text = with_instance("private_ip: 10.0.1.10")
    cloud.settled(text)
    cloud.apply(cloud.plan(text, replaces=("instance.web",)))
    cloud.assert_settled(text)


def a_create(**params: Any) -> Call:
    return Call("RunInstances", {"InstanceType": "ecs.g7.large", **params}, creates=(at("instance.web"),))


def test_what_is_still_to_be_made_is_no_part_of_a_dry_run() -> None:
    """The vSwitch has no id yet: the stock of its zone is asked for instead."""
    vswitch = a_resource("vswitch.app", zone="cn-hangzhou-h")
    attributes = {
        "vswitch": Ref(vswitch.address),
        "instance_type": "ecs.g7.large",
        "system_disk.category": "cloud_essd",
    }
    resource = a_resource("instance.web", **attributes)
    call = a_create(VSwitchId=Ref(vswitch.address))
    (question,) = _asking.new_machine(resource, call, {vswitch.address: vswitch})
    (asked,) = question.calls
    assert asked.operation == "DescribeAvailableResource" and asked.params["ZoneId"] == "cn-hangzhou-h"
    assert asked.params["SystemDiskCategory"] == "cloud_essd"


def test_machines_that_differ_in_name_and_tags_alone_are_asked_about_once() -> None:
    resource = a_resource("instance.web")
    one, two = (
        next(_asking.new_machine(resource, a_create(InstanceName=name, Tag=[{"Key": "a", "Value": name}]), {}))
        for name in ("one", "two")
    )
    assert one.shape == two.shape


# Lists


def tree(*rows: tuple[str, str, str], on_terms: tuple[str, ...] = ()) -> dict[str, Any]:
    supported = [{"Value": value, "Status": status, "StatusCategory": word} for value, status, word in rows]
    resource = {
        "Type": "InstanceType",
        "SupportedResources": {"SupportedResource": supported},
        "ConditionSupportedResources": {"ConditionSupportedResource": [{"Value": value} for value in on_terms]},
    }
    zone = {"ZoneId": "h", "AvailableResources": {"AvailableResource": [resource]}}
    return {"AvailableZones": {"AvailableZone": [zone]}}


OTHER = ("other", "Available", "WithStock")


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        (tree(("t", "Available", "WithStock")), Checked.PASSED),
        (tree(("t", "Available", "ClosedWithStock")), Checked.PASSED),
        (tree(("t", "SoldOut", "WithoutStock")), Checked.REFUSED),
        (tree(("t", "Available", "ClosedWithoutStock")), Checked.REFUSED),
        (tree(("t", "Perhaps", "NewWord")), Checked.UNCHECKED),
        (tree(OTHER), Checked.REFUSED),
        (tree(OTHER, on_terms=("t",)), Checked.REFUSED),
        (tree(), Checked.UNCHECKED),  # a list without a row may be that of a key that may not read it
        ({}, Checked.UNCHECKED),
        (ApiError("D", "Throttling", ""), Checked.UNCHECKED),
    ],
)
def test_what_a_list_of_stock_says_of_a_type(answer: Any, finding: Checked) -> None:
    assert _asking._in_list(answer, "InstanceType", "t", "h").finding is finding


def test_an_absent_row_says_nothing_where_the_category_of_the_disk_is_left_to_the_service() -> None:
    (question,) = [_asking.stock_question({}, "t", "h")]
    assert question.judge((tree(OTHER),)).finding is Checked.UNCHECKED


def test_a_subscription_may_go_up_or_down() -> None:
    passed, refusal = tree(("t", "Available", "WithStock")), tree(OTHER)
    best = _asking._best
    verdicts = {name: _asking._in_list(answer, "InstanceType", "t", "h") for name, answer in
                (("yes", passed), ("no", refusal), ("?", {}))}  # fmt: skip
    assert best([verdicts["no"], verdicts["yes"]]).finding is Checked.PASSED
    assert best([verdicts["no"], verdicts["?"]]).finding is Checked.UNCHECKED
    assert best([verdicts["no"], verdicts["no"]]).finding is Checked.REFUSED


def test_a_disk_that_cannot_be_had_where_it_goes_is_not_asked_of_the_old_zone(cloud: Cloud) -> None:
    text = stack_of("disk:\n  own: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}")
    cloud.settled(text)
    plan = cloud.plan(text.replace("hangzhou-h", "hangzhou-i"))
    (call,) = [call for step in plan.steps if step.question is not None for call in step.calls]
    assert call.params["ZoneId"] == "cn-hangzhou-i"
