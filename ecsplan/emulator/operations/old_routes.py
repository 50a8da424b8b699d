"""Routes by their old ECS names: the same work, with the shorter answers of that time."""

from __future__ import annotations

from typing import Any

from ecsplan.emulator import contract
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations import route_entries, route_tables


def _fitted(shape: Any, value: Any) -> Any:
    """Without the keys that the old answer does not have."""
    if isinstance(shape, list):
        return [_fitted(shape[0], item) for item in value]
    if isinstance(shape, dict):
        return {key: _fitted(inner, value[key]) for key, inner in shape.items() if key in value}
    return value


def _old(call: Call) -> Body:
    body = (route_entries.VPC | route_tables.VPC)[call.action](call)
    agreed = contract.find("ecs", call.action)
    fitted: Body = _fitted(agreed.response if agreed is not None else {}, body)
    return fitted


ECS = dict.fromkeys(("CreateRouteEntry", "DeleteRouteEntry", "DescribeRouteTables", "ModifyVRouterAttribute"), _old)
