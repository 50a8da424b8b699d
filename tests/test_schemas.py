"""The schemas that editors and programs read are those that the code makes today, and real plans fit theirs."""

from pathlib import Path

import jsonschema
import pytest

from ecsplan import engine
from ecsplan.cli.emulate import fault_schema
from ecsplan.cli.main import main
from ecsplan.engine.schemas import approval_schema
from ecsplan.render.json_schema import output_schema

FOLDER = Path(__file__).parent.parent / "schemas"


@pytest.mark.parametrize("name", ["stack", "plan", "policy", "approval", "faults", "notifications", "serve", "output"])
def test_a_schema_on_disk_is_current(name: str, capsys: pytest.CaptureFixture[str]):
    assert main(["schema", name]) == 0
    written = (FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")
    assert written == capsys.readouterr().out, f"run: ecsplan schema {name} -o schemas/{name}.schema.json"


@pytest.mark.parametrize(
    "schema",
    [engine.stack_schema, engine.plan_schema, engine.policy_schema, output_schema, approval_schema, fault_schema],
)
def test_a_schema_is_itself_valid(schema):
    jsonschema.Draft202012Validator.check_schema(schema())
