"""The public names of the package: that they are there, that they are cheap, that none hides a sub-package."""

import subprocess
import sys

import pytest

import ecsplan

PUBLIC = {
    *("load", "plan", "apply", "connect", "graph", "Stack", "Plan", "Report", "PlanOptions", "ApplyOptions"),
    *("Rejected", "Refused", "ApiError", "__version__"),
}

CALLED = "ecsplan.engine.plan = lambda stack, cloud: (stack, cloud); assert ecsplan.plan('s', 'c') == ('s', 'c')"


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


@pytest.mark.parametrize(
    "imports",
    [
        ("import ecsplan, ecsplan.engine",),
        ("import ecsplan, ecsplan.engine", "from ecsplan.plan.diff import diff"),
        ("from ecsplan.plan.diff import diff", "import ecsplan, ecsplan.engine"),
        ("import ecsplan.plan.diff as module", "import ecsplan, ecsplan.engine", "assert module.diff"),
        ("from ecsplan import plan", "import ecsplan.plan.diff", "import ecsplan.engine"),
        ("import ecsplan.apply.run", "import ecsplan.engine"),
    ],
)
def test_plan_is_called_whatever_was_imported_before(imports: tuple[str, ...]):
    in_a_new_process(*imports, CALLED, "from ecsplan.plan.diff import diff", "assert callable(diff)", CALLED)


def test_apply_is_called_although_a_package_has_its_name():
    lines = ("import ecsplan.apply.run, ecsplan.engine", "ecsplan.engine.apply = lambda plan, cloud: 'applied'")
    in_a_new_process(*lines, "assert ecsplan.apply('p', 'c') == 'applied'")
