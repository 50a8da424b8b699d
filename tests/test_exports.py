"""The public names of the package: that they are there, that they are cheap, that none hides a sub-package."""

import subprocess
import sys
from pathlib import Path

import pytest

import ecsplan
from ecsplan import engine

PUBLIC = {
    *("load", "plan", "apply", "connect", "graph", "Stack", "Cloud", "Plan", "Report", "PlanOptions", "ApplyOptions"),
    *("Rejected", "Refused", "ApiError", "__version__"),
}


def in_a_new_process(*lines: str) -> str:
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_public_names_are_these_and_no_others():
    assert set(ecsplan.__all__) == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_is_there(name: str):
    assert getattr(ecsplan, name)


def test_a_name_that_is_not_public_is_an_ordinary_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'plna'"):
        _ = ecsplan.plna


def test_importing_the_package_imports_nothing_of_weight():
    loaded = in_a_new_process("import ecsplan, sys", "print(*sys.modules)").split()
    assert not {"requests", "yaml", "networkx", "jinja2", "click", "rich", "ecsplan.engine"} & set(loaded)


def test_no_sub_package_has_the_name_of_a_public_one():
    packages = {path.parent.name for path in Path(ecsplan.__file__).parent.glob("*/__init__.py")}
    assert "engine" in packages and not PUBLIC & packages


def test_plan_and_apply_are_those_of_the_engine():
    assert ecsplan.plan is engine.plan and ecsplan.apply is engine.apply
