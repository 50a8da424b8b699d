"""A rollout is told in text, Markdown, JSON, dot, Mermaid and the page, before anybody approves."""

import json

from ecsplan.model.address import Address
from ecsplan.model.gate import Check, Gate
from ecsplan.model.plan import Plan, Step, StepId
from ecsplan.render.graph import plan_dot, plan_mermaid
from ecsplan.render.json_format import plan_json
from ecsplan.render.markdown import plan_markdown
from ecsplan.render.page import plan_page
from ecsplan.render.rollout import rollout_lines
from ecsplan.render.text import plan_text
from ecsplan.render.view import view

WEB = [Address("instance", "web", number) for number in range(3)]
GATE = Gate((Check("tcp", {"port": 443}),))
STEPS = (
    Step(StepId("instance.web", "gate"), (WEB[2],), (), gate=GATE),
    Step(StepId("instance.web[0]", "gate"), WEB[:1], (), wave=1, gate=GATE, needs=(StepId("instance.web", "gate"),)),
    Step(StepId("instance.web", "pause", 1), (Address("instance", "web"),), (), wave=1, seconds=300.0,
         gate=Gate(pause=300.0)),
    Step(StepId("instance.web[1]", "gate"), WEB[1:2], (), wave=2, gate=GATE),
)  # fmt: skip
SEEN = view(Plan("web-prod", "cn-hangzhou", None, (), STEPS))


def test_the_line_names_waves_pauses_and_checks():
    assert list(rollout_lines(SEEN)) == [
        "Rollout of instance.web: 2 waves; 1 pause of 5 min after the canaries; each must pass before the next: "
        "tcp 443; 1 other must pass before it begins."
    ]


def test_every_format_shows_the_gates():
    for text in (plan_text(SEEN), plan_markdown(SEEN)):
        assert "tcp 443" in text
    gates = {step["id"]: step["gate"] for step in json.loads(plan_json(SEEN))["steps"]}
    assert gates["gate instance.web[0]"] == "tcp 443" and gates["pause instance.web #1"] == "pause of 300 s"
    assert 'label="gate instance.web[0]: tcp 443"' in plan_dot(SEEN)
    assert "tcp 443" in plan_mermaid(SEEN) and "tcp 443" in plan_page(SEEN)
