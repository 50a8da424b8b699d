"""A stack that is applied from a folder where another one was: the same things twice, or something else."""

import pytest

from ecsplan.engine import ApplyOptions, blocked
from ecsplan.model.plan import Plan
from tests.kinds.cloud import Cloud, with_instance

HEAD = "apiVersion: ecsplan/v1\nstack: {}\nregion: {}\n"
GROUP = with_instance("count: 3")
VPC = "resources:\n  vpc:\n    %s: {cidr_block: %s}\n"


def headed(body: str, name: str = "prod", region: str = "cn-hangzhou") -> str:
    return HEAD.format(name, region) + body


def told(plan: Plan) -> tuple[bool, list[str]]:
    is_warned = any("lives in cn-hangzhou" in warning.summary for warning in plan.warnings)
    return is_warned, [guard.name for guard in blocked(plan, ApplyOptions()) if guard.name == "second"]


@pytest.mark.parametrize("text", [with_instance(), GROUP], ids=["single", "group"])
def test_a_stack_that_was_renamed_would_make_the_same_again(cloud: Cloud, text: str) -> None:
    cloud.settled(text)
    assert told(cloud.plan(headed(text))) == (True, ["second"])


@pytest.mark.parametrize(
    ("before", "after"),
    [("ecs.g7.large", "ecs.g7.xlarge"), ("category: cloud_essd, size: 40", "category: cloud_essd, size: 80")],
)
def test_so_would_an_older_version_of_the_file(cloud: Cloud, before: str, after: str) -> None:
    text = with_instance()
    cloud.settled(text)
    assert told(cloud.plan(headed(text.replace(before, after)))) == (True, ["second"])


def test_other_things_in_the_same_folder_are_warned_of_and_not_held_up(cloud: Cloud) -> None:
    cloud.settled(VPC % ("main", "10.0.0.0/16"))
    assert told(cloud.plan(headed(VPC % ("main", "172.16.0.0/16")))) == (True, [])
    assert told(cloud.plan(headed(VPC % ("other", "10.0.0.0/16")))) == (True, [])


def test_what_the_folder_made_and_deleted_again_is_nothing(cloud: Cloud) -> None:
    text = VPC % ("main", "10.0.0.0/16")
    cloud.settled(text)
    cloud.destroy(text)
    assert told(cloud.plan(headed(text))) == (False, [])
