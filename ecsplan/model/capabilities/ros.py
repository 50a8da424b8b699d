"""A kind in a ROS template. Asked for by migrate/ros_out.py."""

from collections.abc import Mapping

from ecsplan.model.capability import Capability


class Ros(Capability, frozen=True):
    """`id` is the property that identifies an object; `properties` are by the attribute of the Terraform provider."""

    type: str
    id: str
    properties: Mapping[str, str]
