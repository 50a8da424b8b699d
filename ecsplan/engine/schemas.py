"""The JSON Schemas that are published; each is made when it is asked for."""

from typing import Any


def stack_schema() -> dict[str, Any]:
    """The JSON Schema of stack files, for editors."""
    from ecsplan.config.resources.stack_schema import stack_schema as schema_of
    from ecsplan.kinds import load_kinds

    return schema_of(load_kinds())


def plan_schema() -> dict[str, Any]:
    """The JSON Schema of saved plans."""
    from ecsplan.planner.planschema import plan_schema as schema

    return schema()


def test_schema() -> dict[str, Any]:
    """The JSON Schema of files of scenarios."""
    from ecsplan.config.scenarios import scenario_schema

    return scenario_schema()


def policy_schema() -> dict[str, Any]:
    """The JSON Schema of policy files."""
    from ecsplan.policy.schema import policy_schema as schema

    return schema()


def notifications_schema() -> dict[str, Any]:
    """The JSON Schema of files of channels."""
    from ecsplan.notify.schema import notifications_schema as schema

    return schema()


def approval_schema() -> dict[str, Any]:
    """The JSON Schema of approvals."""
    from ecsplan.approval.schema import approval_schema as schema

    return schema()
