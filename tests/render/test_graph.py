"""The graph of a plan, drawn: every step, every edge with its reason, whatever is in the names."""

import shutil
import subprocess
from pathlib import Path

import pytest

import ecsplan
from ecsplan import engine
from ecsplan.model.address import Address
from ecsplan.model.copying import replace
from ecsplan.model.plan import Plan, StepId
from ecsplan.render.graph import plan_dot, plan_mermaid
from ecsplan.render.view import view
from tests.kinds.cloud import Cloud, with_instance


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path)


@pytest.fixture
def plan(cloud: Cloud) -> Plan:
    return cloud.plan(with_instance())


def test_each_edge_says_why_the_later_step_waits(plan: Plan) -> None:
    why = {(str(edge.earlier), str(edge.later)): edge.why for edge in plan.edges}
    assert why["create vpc.main", "create vswitch.app"] == "refers to it (vpc)"
    assert why["create vswitch.app", "create instance.web"] == "refers to it (vswitch)"
    assert all(why.values())


def test_the_graph_is_one_of_networkx_in_the_direction_of_time(plan: Plan) -> None:
    found = ecsplan.graph(plan)
    first, last = StepId("vpc.main", "create"), StepId("instance.web", "create")
    assert [data["step"] for _, data in found.nodes(data=True)] == list(plan.steps)
    assert found.edges[first, StepId("vswitch.app", "create")] == {"why": "refers to it (vpc)", "needed": True}
    assert found.in_degree(first) == 0 and found.in_degree(last) == 2


def test_a_saved_plan_keeps_the_reasons(plan: Plan) -> None:
    assert engine.load_plan(engine.save_plan(plan)).edges == plan.edges


def test_a_window_is_closed_by_a_dashed_edge(cloud: Cloud) -> None:
    text = with_instance()
    cloud.settled(text)
    seen = view(cloud.plan(text.replace("ecs.g7.large", "ecs.g7.xlarge")))
    start = '"stop instance.web" -> "start instance.web"'
    assert f'{start} [label="closes the window that it is in", style=dashed];' in plan_dot(seen)
    assert '-.->|"closes the window that it is in"|' in plan_mermaid(seen)


def test_dot_draws_each_step_and_edge_once(plan: Plan) -> None:
    lines = plan_dot(view(plan)).splitlines()
    assert lines[0] == "digraph plan {" and lines[-1] == "}"
    assert '  "create vpc.main" [label="create vpc.main"];' in lines
    assert '  "create vpc.main" -> "create vswitch.app" [label="refers to it (vpc)"];' in lines
    assert sum(" -> " in line for line in lines) == len(plan.edges)


def test_mermaid_names_steps_by_number(plan: Plan) -> None:
    lines = plan_mermaid(view(plan)).splitlines()
    assert lines[0] == "flowchart LR" and '  s0["create vpc.main"]' in lines
    assert any(line.endswith('-->|"refers to it #40;vpc#41;"| s1') for line in lines)


def test_no_name_breaks_out_of_its_quotes(plan: Plan) -> None:
    odd = Address("instance", "web", 'a"] --> x\\')
    step = replace(plan.steps[0], id=StepId(str(odd), "create"), addresses=(odd,), needs=(), why=())
    seen = view(replace(plan, steps=(step,)))
    assert '\\"] --> x' in plan_dot(seen) and '"] --> x' not in plan_mermaid(seen)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_it(plan: Plan) -> None:
    done = subprocess.run(["dot", "-Tsvg"], input=plan_dot(view(plan)), capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "<svg" in done.stdout
