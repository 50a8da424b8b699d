import pytest

from ecsplan.model.keepers import claimed
from ecsplan.model.resource import Listed


def an_object(tags: dict[str, str], **raw: object) -> Listed:
    return Listed("disk", "d-1", "data", "Available", tags=tags, _answer=raw)


@pytest.mark.parametrize(
    ("tags", "tool"),
    [
        ({"acs:ros:stackId": "stack-1"}, "ROS"),
        ({"ack.aliyun.com": "c1234"}, "ACK"),
        ({"acs:autoscaling:scalingGroupId": "asg-1"}, "Auto Scaling"),
        ({"kubernetes.io/cluster/c1": "owned"}, "Kubernetes"),
        ({"managed-by": "terraform"}, "Terraform"),
        ({"ManagedBy": "Terraform 1.9"}, "Terraform"),
        ({"created_by": "OpenTofu"}, "OpenTofu"),
        ({"terraform": "true"}, "Terraform"),
        ({"terraform:workspace": "prod"}, "Terraform"),
        ({"managed_by": "infra-bot"}, "infra-bot"),
        ({"ecsplan:stack": "shop"}, "ecsplan"),
        ({"team": "terraform"}, ""),
        ({"managed-by": ""}, ""),
        ({}, ""),
    ],
)
def test_tags_tell_the_tool(tags: dict[str, str], tool: str) -> None:
    assert claimed(an_object(tags))[0] == tool


def test_what_shows_it_is_named() -> None:
    assert claimed(an_object({"a": "b", "managed-by": "terraform"}))[1] == "managed-by=terraform"


def test_a_thing_of_a_cloud_service_is_known_without_tags() -> None:
    tool, because = claimed(an_object({}, ServiceManaged=True, ServiceID=12))

    assert (tool, because) == ("a cloud service", "managed by 12")
