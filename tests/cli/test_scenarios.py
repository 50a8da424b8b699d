"""`ecsplan test`: scenarios of a user's repository, played on the emulator."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ecsplan.engine.schemas import test_schema as schema_of_tests
from tests.cli.conftest import Ran

Run = Callable[..., Ran]
EXAMPLE = Path(__file__).parents[2] / "examples" / "tested"
STACK = """\
apiVersion: ecsplan/v1
stack: small
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
"""
HEAD = "apiVersion: ecsplan/v1\nkind: Test\nscenarios:\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], None]:
    (tmp_path / "stack.yaml").write_text(STACK, encoding="utf-8")
    return lambda text: (tmp_path / "ecsplan.test.yaml").write_text(HEAD + text, encoding="utf-8") and None


def test_the_example_passes(run: Run, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "tested")
    ran = run("test", "tested")
    assert (ran.status, ran.out.count("passed  ")) == (0, 6), ran.out
    assert not (tmp_path / "tested" / ".ecsplan").exists()


def test_a_failure_says_what_came_instead_and_where_the_scenario_stands(run: Run, write: Callable[[str], None]) -> None:
    write("  right: {expect: {plan: {create: [vpc.main]}}}\n  wrong: {expect: {plan: {update: [vpc.main]}}}\n")
    ran = run("test")
    assert ran.status == 1
    assert "the plan does not update vpc.main; the plan says create vpc.main" in ran.out
    assert "ecsplan.test.yaml:5:3" in ran.out
    assert "2 scenarios, 1 failed." in ran.out
    assert run("test", "--only", "right").status == 0


def test_reports_for_programs(run: Run, write: Callable[[str], None]) -> None:
    junitparser = pytest.importorskip("junitparser", reason="the extra dev reads reports")
    write("  right: {expect: {plan: {create: ['*']}}}\n  wrong: {expect: {plan: {}}}\n")
    (suite,) = junitparser.JUnitXml.fromstring(run("test", "--format", "junit").out.encode())
    assert [(case.name, case.is_passed) for case in suite] == [("right", True), ("wrong", False)]
    document = json.loads(run("test", "--json").out)
    assert [one["passed"] for one in document["scenarios"]] == [True, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  a: {expect: {}}\n", "expect has no key"),
        ("  a: {expct: {}}\n", "did you mean expect?"),
        ("  a: {expect: {outcome: perfect}}\n", "ecsplan.test.yaml:4:25"),
        ("  a: {expect: {plan: {}}, faults: [{fault: nonsense}]}\n", "nonsense"),
        ("  a: {expect: {plan: {}}, world: {outside: [{action: NoAction}]}}\n", "there is no NoAction"),
        (
            "  a: {expect: {plan: {}}, world: {outside: [{action: DeleteVpc, params: {VpcId: '${vpc.x}'}}]}}\n",
            "there is no vpc.x; live: none",
        ),
        ("  a: {stack: gone, expect: {plan: {}}}\n", "gone"),
    ],
)
def test_a_mistake_in_a_scenario_is_told(run: Run, write: Callable[[str], None], text: str, words: str) -> None:
    write(text)
    ran = run("test")
    assert ran.status == 1
    assert words in ran.out + ran.err


def test_what_somebody_else_did_is_part_of_the_world(run: Run, write: Callable[[str], None]) -> None:
    write(
        "  a:\n    world:\n      applied: {}\n      outside:\n"
        "        - {product: vpc, action: DeleteVpc, params: {VpcId: '${vpc.main}'}}\n"
        "    expect: {plan: {create: [vpc.main]}, outcome: done}\n"
    )
    ran = run("test")
    assert ran.status == 0, ran.out + ran.err


def test_a_file_of_scenarios_is_no_part_of_the_stack(run: Run, write: Callable[[str], None]) -> None:
    write("  a: {expect: {plan: {}}}\n")
    assert run("validate").status == 0
    assert run("fmt", "--check").status == 0


def test_the_schema_names_every_key_with_a_meaning() -> None:
    def objects(schema: object) -> list[dict[str, dict[str, object]]]:
        if isinstance(schema, list):
            return [found for item in schema for found in objects(item)]
        if not isinstance(schema, dict):
            return []
        own = [schema["properties"]] if "properties" in schema else []
        return own + [found for item in schema.values() for found in objects(item)]

    assert all("description" in about for found in objects(schema_of_tests()) for about in found.values())
