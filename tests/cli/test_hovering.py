"""What an editor shows under the pointer."""

from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.cli.hovering import hover_text
from ecsplan.emulator.testing import running_emulator
from ecsplan.engine.editing import checking
from ecsplan.engine.editing.model import Folder
from ecsplan.engine.editing.symbols import use_at, uses

STACK = """\
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
resources:
  vpc:
    main:
      cidr_block: 10.0.0.0/16
      lifecycle: {prevent_destroy: true}
"""


def shown(line: int, column: int) -> str:
    return hover_text(STACK, line, column, None, None)


def test_a_key_shows_its_documentation_and_what_a_change_of_it_does() -> None:
    text = shown(6, 8)
    assert "vpc.cidr_block" in text
    assert "Changes:" in text
    assert "prevent_destroy" in shown(7, 20)
    assert "The resources" in shown(3, 2)
    assert shown(5, 5) == ""  # a name alone has no documentation


def test_a_name_shows_what_a_saved_plan_knows_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stack.yaml").write_text(STACK, encoding="utf-8")
    environ = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret"}
    monkeypatch.chdir(tmp_path)
    with running_emulator(clock="fast") as server:
        stack = engine.load(str(tmp_path))
        cloud = engine.connect(stack.region, endpoint=server.url, environ=environ)
        plan = engine.plan(stack, cloud)
    (tmp_path / "plan.json").write_text(engine.save_plan(plan), encoding="utf-8")
    folder = Folder({"stack.yaml": STACK})
    found = checking.plan_at_hand(str(tmp_path), checking.stack_name(folder))
    assert found is not None
    use = use_at(uses(folder, checking.shapes()), "stack.yaml", 5, 5)
    assert "vpc.main not live: create" in hover_text(STACK, 5, 5, use, found)
    assert [hint.text for hint in checking.hints(folder, found)] == ["create"]
    assert checking.plan_at_hand(str(tmp_path), "other") is None
