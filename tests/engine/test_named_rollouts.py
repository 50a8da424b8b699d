"""`rollouts:` at the top level: machines of several blocks, named by a tag, go through one rollout."""

import textwrap

import pytest

from ecsplan.model.diagnostic import Rejected
from ecsplan.render.graph import plan_dot, plan_mermaid
from ecsplan.render.page import plan_page
from ecsplan.render.text import plan_text
from ecsplan.render.view import view
from tests.engine.test_rollouts import off, unwell
from tests.kinds.cloud import HEAD, INSTANCE, NETWORK, stack_of

CHECK = "check: [{status: true, interval: 1, timeout: 10}]"
ROLLOUT = "tags: {tier: front}, max_unavailable: 1, canary: [1, 50%], pause: 1m, on_failure: roll_back, " + CHECK


def estate(type_: str, rollouts: str = f"shop: {{{ROLLOUT}}}", api: str = "") -> str:
    """Two of web and one api, all of the tier; and a machine that is not."""
    body = INSTANCE.replace("ecs.g7.large", type_)
    machines = {"web": "count: 2\ntags: {tier: front}", "api": f"tags: {{tier: front}}\n{api}", "batch": ""}
    lines = {name: textwrap.indent(f"{body.strip()}\n{more}", "    ") for name, more in machines.items()}
    blocks = "".join(f"  {name}:\n{text}\n" for name, text in lines.items())
    return f"{HEAD}rollouts:\n  {rollouts}\n" + stack_of(NETWORK, f"instance:\n{blocks}")


def test_blocks_with_one_tag_roll_together_in_every_form_of_the_plan(cloud):
    cloud.apply(estate("ecs.g7.large"))
    plan = cloud.plan(estate("ecs.g7.xlarge"))
    waves = {}
    for step in plan.steps:
        if step.id.verb == "update":
            waves.setdefault(step.wave, set()).update(map(str, step.addresses))
    assert waves == {0: {"instance.batch"}, 1: {"instance.api"}, 2: {"instance.web[0]"}, 3: {"instance.web[1]"}}
    pauses = [str(step.id) for step in plan.steps if step.id.verb == "pause"]
    assert pauses == ["pause rollout.shop #1"]
    seen = view(plan)
    text = plan_text(seen)
    assert "Rollout of shop: 3 waves; 1 pause of 1m after the canaries" in text.replace("1 min", "1m")
    assert "a wave that fails is rolled back" in text
    for drawn in (plan_dot(seen), plan_mermaid(seen)):
        assert "pause rollout.shop" in drawn and "gate instance.api" in drawn
    page = plan_page(seen)
    assert "pause of 60 s" in page and "status; a wave that fails is rolled back" in page


def test_what_fails_in_one_block_stops_the_others_and_is_rolled_back(cloud):
    cloud.apply(estate("ecs.g7.large"))
    unwell(cloud, "*-web-0000")
    report = cloud.try_apply(estate("ecs.g7.xlarge"))
    found = {thing["InstanceName"]: thing["InstanceType"] for thing in cloud.things("instance")}
    assert found == {
        "demo-api": "ecs.g7.xlarge",
        "demo-web-0000": "ecs.g7.large",
        "demo-web-0001": "ecs.g7.large",
        "demo-batch": "ecs.g7.xlarge",
    }
    assert off(cloud) == [] and [str(one) for one in report.taken_back] == ["instance.web[0]"]


def test_kinds_may_be_named_and_only_machines_are_looked_at(cloud):
    rollouts = "shop: {tags: {tier: front}, kinds: [instance, vpc], max_unavailable: 1, " + CHECK + "}"
    vpc = "{cidr_block: 10.0.0.0/8}"
    text = estate("ecs.g7.large", rollouts).replace(vpc, vpc.replace("}", ", tags: {tier: front}}"))
    cloud.apply(text)
    plan = cloud.plan(text.replace("ecs.g7.large", "ecs.g7.xlarge"))
    gates = [str(step.id) for step in plan.steps if step.id.verb == "gate"]
    assert sorted(gates) == ["gate instance.api", "gate instance.web[0]", "gate instance.web[1]"]


@pytest.mark.parametrize(
    ("rollouts", "api", "said"),
    [
        ("shop: {max_unavailable: 1}", "", "rollouts.shop needs tags"),
        ("shop: {tags: {tier: front}, canaries: 1}", "", "rollouts.shop has no key canaries"),
        ("shop: {tags: {tier: back}}", "", "rollouts.shop: no resource has the tags tier=back"),
        ("shop: 3", "", "rollouts.shop is 3"),
        ("shop: {tags: {tier: front}, kinds: [instances]}", "", "with tags"),
        ("shop: {tags: {tier: front}, max_unavailable: 0}", "", "max_unavailable: 0 is not a valid share"),
        ("{shop: {tags: {tier: front}}, more: {tags: {tier: front}}}", "", "it is in rollouts.shop and rollouts.more"),
        ("shop: {tags: {tier: front}}", "lifecycle: {rollout: {max_unavailable: 2}}", "it has lifecycle.rollout, and"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(cloud, rollouts, api, said):
    text = estate("ecs.g7.large", rollouts, api)
    text = text.replace("rollouts:\n  {", "rollouts: {")
    with pytest.raises(Rejected) as found:
        cloud.load(text)
    (fault, *_) = found.value.diagnostics
    assert said in fault.summary and fault.source is not None and fault.source.line > 3


def test_the_schema_knows_the_keys():
    from ecsplan import engine

    entry = engine.stack_schema()["properties"]["rollouts"]["additionalProperties"]
    assert entry["required"] == ["tags"] and {"kinds", "canary", "check"} < entry["properties"].keys()
