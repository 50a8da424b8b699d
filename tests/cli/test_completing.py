"""What a shell proposes after the words so far, asked for as the completion scripts do."""

import json
from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from ecsplan.cli.main import root

STACK = """\
apiVersion: ecsplan/v1
stack: demo
region: cn-hangzhou
resources:
  vpc:
    main: {cidr_block: 10.0.0.0/16}
    test: {count: 2, cidr_block: 10.0.0.0/16}
"""


def proposed(*said: str, begun: str = "") -> list[str]:
    complete = BashComplete(root, {}, "ecsplan", "_ECSPLAN_COMPLETE")
    return [item.value for item in complete.get_completions(list(said), begun)]


def test_kinds_and_attributes_are_proposed() -> None:
    assert "disk" in proposed("explain", begun="di")
    assert "disk.size" in proposed("explain", begun="disk.s")
    assert "lifecycle" in proposed("explain", begun="life")
    assert proposed("unmanaged", "--kind", begun="vp") == ["vpc"]


def test_addresses_of_the_stack_are_proposed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stack.yaml").write_text(STACK)
    monkeypatch.chdir(tmp_path)
    assert proposed("plan", "--target", begun="vpc.") == ["vpc.main", "vpc.test", "vpc.test[0]", "vpc.test[1]"]


def test_a_stack_that_cannot_be_read_has_nothing_to_propose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stack.yaml").write_text("resources: [")
    monkeypatch.chdir(tmp_path)
    assert proposed("plan", "--target") == []


def test_regions_are_proposed() -> None:
    assert "cn-hangzhou" in proposed("plan", "--region", begun="cn-h")


def test_profiles_are_proposed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert proposed("plan", "--profile") == []
    config = tmp_path / ".aliyun" / "config.json"
    config.parent.mkdir()
    config.write_text(json.dumps({"profiles": [{"name": "prod"}, {"name": "test"}]}))
    assert proposed("plan", "--profile", begun="p") == ["prod"]
