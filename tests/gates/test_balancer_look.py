"""A look at a balancer: well is who is an available member of its group, and not in the list of the sick."""

from collections.abc import Mapping
from typing import Any

import pytest

from ecsplan.gates.cloud import balancer
from ecsplan.model.call import Request
from ecsplan.model.gate import CheckResult, Measurement, Target

WEB = Target("i-web", "Running", "Running", "cn-hangzhou", "web", others=("eni-front",))
CHECKED = {"alb": {"HealthCheckEnabled": "on"}, "nlb": {"HeathCheckEnabled": True}}  # spelled so there
UNCHECKED: dict[str, dict[str, Any]] = {"alb": {"HealthCheckEnabled": "off"}, "nlb": {"HeathCheckEnabled": False}}


def look(product: str, members: Mapping[str, str], sick: Mapping[str, str], check: Mapping[str, Any]) -> Measurement:
    """`members` and `sick` are states by the id of a server."""

    def ask(request: Request) -> Mapping[str, Any]:
        if request.operation == "ListServerGroupServers":
            wanted = request.params["ServerIds"]
            return {"Servers": [{"ServerId": one, "Status": s} for one, s in members.items() if one in wanted]}
        rows = [{"ServerId": one, "Status": state, "Reason": {"ReasonCode": "TIMEOUT"}} for one, state in sick.items()]
        info = {"ServerGroupId": "sgp-1", "NonNormalServers": rows, **check}
        return {"ListenerHealthStatus": [{"ServerGroupInfos": [info]}]}

    return balancer({product: "lsn-1"}, WEB, ask)


@pytest.mark.parametrize("product", ["alb", "nlb"])
@pytest.mark.parametrize(
    ("members", "sick", "result"),
    [
        ({"i-web": "Available"}, {}, CheckResult.PASSED),
        ({"i-web": "Available"}, {"i-other": "Unhealthy"}, CheckResult.PASSED),
        ({"i-web": "Available"}, {"i-web": "Unhealthy"}, CheckResult.FAILED),
        ({"i-web": "Available"}, {"i-web": "Initial"}, CheckResult.UNKNOWN),
        ({"i-web": "Adding"}, {}, CheckResult.UNKNOWN),
        ({"i-other": "Available"}, {}, CheckResult.UNKNOWN),
        ({"eni-front": "Available"}, {}, CheckResult.PASSED),
        ({"eni-front": "Available"}, {"eni-front": "Unavailable"}, CheckResult.FAILED),
        ({"i-web": "Available", "eni-front": "Configuring"}, {}, CheckResult.UNKNOWN),
    ],
)
def test_a_member_that_is_in_no_list_of_the_sick_is_well_only_where_it_is_available(
    product: str, members: dict[str, str], sick: dict[str, str], result: CheckResult
) -> None:
    assert look(product, members, sick, CHECKED[product]).result is result


@pytest.mark.parametrize("product", ["alb", "nlb"])
def test_a_group_whose_health_check_is_off_tells_nothing(product: str) -> None:
    assert look(product, {"i-web": "Available"}, {}, UNCHECKED[product]).result is CheckResult.UNKNOWN
