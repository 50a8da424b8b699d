"""docs/libcloud.md says of every public method of libcloud's ECS driver what to use here; nothing is left out."""

import inspect
import re
from pathlib import Path

import pytest
from libcloud.compute.drivers.ecs import ECSDriver

from ecsplan import engine
from ecsplan.cli.main import COMMANDS

PAGE = (Path(__file__).parent.parent / "docs" / "libcloud.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE))
METHODS = sorted(name for name, _ in inspect.getmembers(ECSDriver, inspect.isfunction) if not name.startswith("_"))


@pytest.mark.parametrize("method", METHODS)
def test_a_public_method_of_the_driver_has_its_row(method: str) -> None:
    assert len(ROWS.get(method, "")) > 10


def test_no_row_is_about_a_method_that_is_not_there() -> None:
    assert sorted(ROWS) == METHODS


def test_the_kinds_attributes_and_commands_that_rows_name_are_there() -> None:
    kinds = engine.kinds()
    for text in re.findall(r"`([^`]+)`", " ".join(ROWS.values())):
        command = re.match(r"ecsplan (\w+)", text)
        attribute = re.fullmatch(r"(\w+)\.([\w.]+)", text)
        if command:
            assert command[1] in COMMANDS, text
        elif attribute:
            names = [known.name for known in kinds[attribute[1]].attributes]
            assert any(name == attribute[2] or name.startswith(f"{attribute[2]}.") for name in names), text
