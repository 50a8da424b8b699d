"""A way that a plan closes in one place and opens in another is never lost in between."""

from pathlib import Path

import pytest

from ecsplan.model.plan import Plan
from tests.kinds.cloud import INSTANCE, Cloud, stack_of

HTTPS, SSH = "{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}", "{protocol: tcp, ports: 22, cidr: 0.0.0.0/0}"


def estate(a: str, b: str, groups: str) -> str:
    network = f"""
vpc:
  main: {{cidr_block: 10.0.0.0/8}}
vswitch:
  app: {{vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}
security_group:
  a: {{vpc: main, ingress: [{a}]}}
  b: {{vpc: main, ingress: [{b}]}}
"""
    lines = INSTANCE.replace("[web]", f"[{groups}]").strip("\n").replace("\n", "\n    ")
    return stack_of(network, f"instance:\n  web:\n    {lines}\n")


def waits(plan: Plan, later: str, earlier: str) -> bool:
    """Whether what closes in one place waits for what opens in another, by whatever way."""
    needs = {str(step.id): [str(need) for need in step.needs] for step in plan.steps}
    todo, seen = [_step(plan, later, "Revoke")], set()
    while todo:
        one = todo.pop()
        seen.add(one)
        todo += [need for need in needs.get(one, ()) if need not in seen]
    return _step(plan, earlier, "Authorize") in seen


def _step(plan: Plan, address: str, operation: str) -> str:
    """The step of an address that has such a call; that of a machine is its only update."""
    (found,) = [step for step in plan.steps if step.id.verb == "update" and address == str(step.addresses[0])
                and (address.startswith("instance") or step.calls[0].operation.startswith(operation))]  # fmt: skip
    return str(found.id)


@pytest.mark.parametrize(
    ("before", "after", "order"),
    [
        (
            (HTTPS, SSH, "a, b"),
            (SSH, f"{SSH}, {HTTPS}", "a, b"),
            ("security_group.a", "security_group.b"),
        ),
        (
            (SSH, HTTPS, "a, b"),
            (f"{SSH}, {HTTPS}", SSH, "a, b"),
            ("security_group.b", "security_group.a"),
        ),
        ((HTTPS, HTTPS, "a"), (SSH, HTTPS, "b"), ("security_group.a", "instance.web")),
        ((HTTPS, SSH, "a"), (SSH, HTTPS, "b"), ("instance.web", "security_group.b")),
    ],
    ids=["a rule goes from a to b", "a rule goes from b to a", "a machine leaves a", "a machine joins b"],
)
def test_what_closes_comes_after_what_opens(
    tmp_path: Path, before: tuple[str, str, str], after: tuple[str, str, str], order: tuple[str, str]
) -> None:
    cloud = Cloud(tmp_path)
    cloud.settled(estate(*before))
    plan = cloud.plan(estate(*after))
    assert waits(plan, *order), [(str(step.id), list(map(str, step.needs))) for step in plan.steps]
    cloud.apply(plan)
    cloud.service.close()


def test_two_groups_that_swap_rules_both_open_before_either_closes(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path)
    cloud.settled(estate(HTTPS, SSH, "a, b"))
    plan = cloud.plan(estate(SSH, HTTPS, "a, b"))
    assert waits(plan, "security_group.a", "security_group.b") and waits(plan, "security_group.b", "security_group.a")
    cloud.forget()
    cloud.apply(plan)
    written = [name for name in cloud.writes() if "SecurityGroup" in name]
    assert written == ["AuthorizeSecurityGroup"] * 2 + ["RevokeSecurityGroup"] * 2
    cloud.service.close()


def test_where_the_opening_fails_nothing_is_closed(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path)
    cloud.settled(estate(HTTPS, SSH, "a, b"))
    plan = cloud.plan(estate(SSH, f"{SSH}, {HTTPS}", "a, b"))
    cloud.faults(
        {"fault": "error", "action": "ecs:AuthorizeSecurityGroup", "code": "Forbidden.RAM", "status": 403, "times": 1}
    )
    assert not cloud.try_apply(plan).is_complete
    assert "RevokeSecurityGroup" not in cloud.writes()
    cloud.service.close()
