"""Drift over the emulator: each way in which somebody may touch what is ours, and what is merely pending."""

import shutil

import pytest

from ecsplan import engine
from ecsplan.engine import PlanOptions
from ecsplan.model.call import Product
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.drift import Drift, Moved
from ecsplan.render.drift import drift_document, drift_markdown, drift_text, drift_view
from tests.kinds.cloud import Cloud, stack_of, with_instance

GROUP = with_instance("count: 3")
EIP = "eip:\n  front: {bandwidth: 5, charge_type: PayByTraffic, instance: web}\n"
WITH_EIP = with_instance(more=EIP)
RULES = """
vpc:
  main: {cidr_block: 10.0.0.0/8}
security_group:
  web: {vpc: main, ingress: [{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}], tags: {team: web}}
"""


def drift(cloud: Cloud, text: str, **options: bool) -> Drift:
    return engine.drift(cloud.load(text), cloud.api, PlanOptions(**options), state_dir=str(cloud.folder / ".ecsplan"))


def found(drift: Drift) -> dict[str, Moved]:
    return {str(finding.address): finding.moved for finding in drift.findings}


def forget(cloud: Cloud) -> None:
    """As in another checkout: no journal tells what was made here."""
    shutil.rmtree(cloud.folder / ".ecsplan")


def test_nothing_moved_after_an_apply(cloud: Cloud) -> None:
    cloud.settled(WITH_EIP)

    assert not drift(cloud, WITH_EIP).findings


def test_a_changed_file_is_pending_and_no_drift(cloud: Cloud) -> None:
    cloud.settled(WITH_EIP)

    changed = drift(cloud, WITH_EIP.replace("ecs.g7.large", "ecs.g7.xlarge"))

    assert not changed.findings
    assert [str(change.address) for change in changed.pending] == ["instance.web"]


def test_a_new_block_is_pending_and_no_drift(cloud: Cloud) -> None:
    cloud.settled(with_instance())

    assert not drift(cloud, WITH_EIP).findings


def test_a_new_stack_has_no_drift(cloud: Cloud) -> None:
    assert not drift(cloud, WITH_EIP).findings


def test_a_rule_that_somebody_added_is_drift_beside_a_pending_tag(cloud: Cloud) -> None:
    cloud.settled(stack_of(RULES))
    group = cloud.things("securitygroup")[0]
    cloud.call("AuthorizeSecurityGroup", SecurityGroupId=group.id, IpProtocol="tcp", PortRange="22/22",
               SourceCidrIp="0.0.0.0/0")  # fmt: skip

    moved = drift(cloud, stack_of(RULES.replace("team: web", "team: shop")))

    (finding,) = moved.findings
    assert finding.change is not None
    assert [line.name for line in finding.change.attributes] == ["ingress"]
    assert [[line.name for line in change.attributes] for change in moved.pending] == [["tags"]]


@pytest.mark.parametrize("has_journal", [True, False])
def test_a_deleted_member_of_a_group_is_drift(cloud: Cloud, has_journal: bool) -> None:
    cloud.settled(GROUP)
    cloud.call("DeleteInstance", InstanceId=cloud.instance("demo-web-0001").id, Force=True)
    cloud.clock.advance(60)
    if not has_journal:
        forget(cloud)

    assert found(drift(cloud, GROUP)) == {"instance.web[1]": Moved.DELETED}


def test_what_others_were_applied_with_was_there(cloud: Cloud) -> None:
    cloud.settled(WITH_EIP)
    cloud.call("DeleteInstance", InstanceId=cloud.instance().id, Force=True)
    cloud.clock.advance(60)
    forget(cloud)

    moved = found(drift(cloud, WITH_EIP))

    assert moved["instance.web"] is Moved.DELETED
    assert moved["eip.front"] is Moved.CHANGED


@pytest.mark.parametrize(("has_journal", "moved"), [(True, Moved.DELETED), (False, Moved.MISSING)])
def test_an_address_that_was_released_outside(cloud: Cloud, has_journal: bool, moved: Moved) -> None:
    text = WITH_EIP.replace(", instance: web", "")
    cloud.settled(text)
    cloud.call("ReleaseEipAddress", Product.VPC, AllocationId=cloud.things("eip")[0].id)
    if not has_journal:
        forget(cloud)

    assert found(drift(cloud, text)) == {"eip.front": moved}


def test_a_machine_whose_tags_are_gone_is_disowned(cloud: Cloud) -> None:
    cloud.settled(WITH_EIP)
    keys = ["ecsplan:instance", "ecsplan:instance:applied"]
    cloud.call("UntagResources", ResourceType="instance", ResourceId=[cloud.instance().id], TagKey=keys)

    assert found(drift(cloud, WITH_EIP))["instance.web"] is Moved.DISOWNED


def rename(cloud: Cloud, *names: str) -> None:
    for number, name in enumerate(names):
        cloud.call("ModifyInstanceAttribute", InstanceId=cloud.instance(name).id, InstanceName=f"mine{number}")


def test_a_member_that_was_renamed_has_changed(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    rename(cloud, "demo-web-0001")

    assert found(drift(cloud, GROUP)) == {"instance.web[1]": Moved.CHANGED}


def test_members_that_cannot_be_told_apart_any_more_are_strangers(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    rename(cloud, "demo-web-0000", "demo-web-0001")
    forget(cloud)

    told = drift(cloud, GROUP)

    assert [finding.moved for finding in told.findings] == [Moved.STRANGER, Moved.STRANGER]
    assert {str(warning.address) for warning in told.warnings} >= {"instance.web[0]", "instance.web[1]"}


def test_members_that_were_renamed_have_only_another_name_where_the_journal_knows_them(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    rename(cloud, "demo-web-0000", "demo-web-0001")

    assert set(found(drift(cloud, GROUP)).values()) == {Moved.CHANGED}


def test_what_we_deleted_ourselves_and_declare_again_is_pending(cloud: Cloud) -> None:
    cloud.settled(WITH_EIP)
    cloud.settled(with_instance())

    assert not drift(cloud, WITH_EIP).findings


def test_drift_writes_nothing(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    cloud.forget()

    drift(cloud, GROUP, refresh_full=True)

    assert cloud.writes() == []


def test_a_tag_that_must_not_be_there_is_drift(cloud: Cloud) -> None:
    text = stack_of(RULES.replace("tags: {team: web}}", "tags: {team: web}, lifecycle: {exclusive: [tags]}}"))
    cloud.settled(text)
    group = cloud.things("securitygroup")[0].id
    tags = [{"Key": "owner", "Value": "me"}]
    cloud.call("TagResources", ResourceType="securitygroup", ResourceId=[group], Tag=tags)

    assert found(drift(cloud, text)) == {"security_group.web": Moved.CHANGED}


def test_a_disk_that_was_detached_from_its_machine_is_drift(cloud: Cloud) -> None:
    text = with_instance("data_disks: {data: {category: cloud_essd, size: 40}}")
    cloud.settled(text)
    (disk,) = cloud.disks(cloud.instance()).values()
    cloud.call("DetachDisk", DiskId=disk.id, InstanceId=cloud.instance().id)
    cloud.clock.advance(60)

    assert found(drift(cloud, text)) == {"instance.web": Moved.CHANGED}


def test_what_this_reading_cannot_tell_is_named_and_is_no_drift(cloud: Cloud) -> None:
    cloud.environ["LOGIN"] = "Correct-Horse-9"
    text = with_instance("user_data: '#!/bin/sh'\npassword: {env: LOGIN, version: 1}\ncount: 2")
    cloud.settled(text)

    quick, full = drift(cloud, text), drift(cloud, text, refresh_full=True)

    assert not quick.findings and not full.findings
    assert [(one.attribute, len(one.addresses)) for one in quick.unchecked] == [
        ("instance.password", 2), ("instance.user_data", 2),
    ]  # fmt: skip
    assert [one.attribute for one in full.unchecked] == ["instance.password"]


def test_what_the_file_ignores_is_not_said_to_be_unchecked(cloud: Cloud) -> None:
    text = with_instance("user_data: '#!/bin/sh'\nlifecycle: {ignore_changes: [user_data]}")
    cloud.settled(text)

    assert not drift(cloud, text).unchecked


def test_a_machine_that_is_off_and_not_declared_so_is_said_and_is_no_drift(cloud: Cloud) -> None:
    """The file says nothing of power: it is not what was declared that moved, and it is not passed over either."""
    cloud.settled(with_instance())
    cloud.call("StopInstance", InstanceId=cloud.instance().id)
    cloud.clock.advance(60)

    quiet = drift(cloud, with_instance())
    meant = drift(cloud, with_instance("state: stopped"))

    assert not quiet.findings and [(str(one.address), one.by_us) for one in quiet.off] == [("instance.web", False)]
    view = drift_view(quiet)
    assert "Off, as found: instance.web" in drift_text(view) and "Off, as found" in drift_markdown(view)
    assert drift_document(view)["off"][0]["address"] == "instance.web" and drift_document(view)["summary"]["off"] == 1
    assert not meant.off


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("size: 40", "size: 40, performance_level: PL2"), "from 461 to 2048"),
        (("ecs.g7.large", "ecs.g7.larg"), "ecs.g7.larg"),
    ],
    ids=["a limit", "a type that is not offered"],
)
def test_a_file_that_a_plan_would_refuse_is_compared_and_warned_of(
    cloud: Cloud, change: tuple[str, str], said: str
) -> None:
    """Drift is what moved since the last apply; a pull request must not hide it."""
    text = with_instance("description: ours")
    cloud.settled(text)
    cloud.call("ModifyInstanceAttribute", InstanceId=cloud.instance().id, Description="theirs")
    text = text.replace(*change)
    with pytest.raises(Rejected):
        cloud.plan(text)
    stack = engine.load(str(cloud.folder / "stack.yaml"), environ={}, only_to_compare=True)
    answer = engine.drift(stack, cloud.api, state_dir=str(cloud.folder / ".ecsplan"))
    assert found(answer) == {"instance.web": Moved.CHANGED}
    assert any(said in warning.summary for warning in answer.warnings), answer.warnings
