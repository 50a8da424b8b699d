"""`ecsplan output`: outputs for people, programs and shells."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ecsplan.model.address import Address, Ref, Secret
from ecsplan.model.copying import replace
from ecsplan.model.stack import Stack
from ecsplan.render.outputs import variables_text
from tests.cli.conftest import FakeEngine, Ran

Run = Callable[..., Ran]
OUTPUTS: dict[str, Any] = {
    "ips": ("10.0.1.1", "10.0.1.2"),
    "later": Ref(Address("vpc", "main")),
    "some": (Ref(Address("vpc", "main")), "x"),
}


@pytest.fixture
def stacked(fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    def load(path: str = ".", **options: Any) -> Stack:
        return replace(fake.load(path, **options), outputs=OUTPUTS)

    monkeypatch.setattr("ecsplan.engine.load", load)
    fake.made = replace(fake.made, outputs=OUTPUTS)
    return fake


def test_all_outputs_as_text(run: Run, stacked: FakeEngine) -> None:
    ran = run("output")
    assert ran.status == 0
    assert "10.0.1.1, 10.0.1.2" in ran.out and "later" in ran.out


def test_outputs_for_programs_have_null_for_what_is_not_known_yet(run: Run, stacked: FakeEngine) -> None:
    assert json.loads(run("output", "--json").out) == {"ips": list(OUTPUTS["ips"]), "later": None, "some": [None, "x"]}
    assert json.loads(run("output", "ips", "--json").out) == list(OUTPUTS["ips"])


def test_a_raw_list_is_one_entry_a_line(run: Run, stacked: FakeEngine) -> None:
    assert run("output", "ips", "--raw").out == "10.0.1.1\n10.0.1.2\n"


def test_an_output_that_is_not_declared_is_refused_with_those_that_are(run: Run, stacked: FakeEngine) -> None:
    ran = run("output", "ip")
    assert ran.status == 1 and "outputs: ips, later, some" in ran.err
    assert run("output", "--raw").status == 64
    assert run("output", "stacks/web").status == 64


def test_variables_for_the_next_job_of_a_pipeline(run: Run, stacked: FakeEngine) -> None:
    assert run("output", "ips", "--format", "dotenv").out == 'ips=["10.0.1.1", "10.0.1.2"]\n'
    name, value, end = run("output", "ips", "--format", "github").out.splitlines()
    assert name == f"ips<<{end}" and json.loads(value) == list(OUTPUTS["ips"])


def test_a_value_cannot_make_a_variable_of_its_own() -> None:
    hostile = {"a-b": "x\nevil=1\nend-00"}
    first, *lines, last = variables_text(hostile, "github").splitlines()
    assert first == f"a-b<<{last}" and last not in lines
    with pytest.raises(ValueError, match="several lines"):
        variables_text(hostile, "dotenv")
    assert variables_text({"a-b": "x", "p": Secret(1, env="P"), "n": None}, "dotenv").startswith("a_b=x\n")
