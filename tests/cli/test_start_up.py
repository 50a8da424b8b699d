"""What a command loads before it does anything: each module costs milliseconds of every run."""

import subprocess
import sys
from pathlib import Path

import pytest

STACK = """\
apiVersion: ecsplan/v1
stack: small
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
"""
NETWORK = ("requests", "urllib3", "http.client", "ecsplan.api.client", "ecsplan.emulator", "networkx")
HEAVY = (*NETWORK, "yaml", "jinja2", "jsonschema", "rich", "traceback", "difflib", "ecsplan.config", "ecsplan.engine",
         "ecsplan.kinds", "ecsplan.planner", "ecsplan.model.plan", "ecsplan.model.change")  # fmt: skip

# What Python brings and `--help` has no use for; half of what it took once, when errors were described ahead of any.
OWN = ("ecsplan.model.call", "ecsplan.model.diagnostic", "ecsplan.files", "dataclasses", "json", "pathlib")


def importers(folder: Path, *arguments: str) -> dict[str, str]:
    """Each module that a command loads, and the one that imported it first."""
    command = (sys.executable, "-X", "importtime", "-m", "ecsplan", *arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, str] = {}
    waiting: list[tuple[int, str]] = []  # depth and name; a module is told after those that it imports
    for line in done.stderr.splitlines():
        if line.startswith("import time:") and line.count("|") == 2 and "cumulative" not in line:
            name = line.rpartition("|")[2]
            depth = len(name) - len(name.lstrip())
            while waiting and waiting[-1][0] > depth:
                found[waiting.pop()[1]] = name.strip()
            waiting.append((depth, name.strip()))
    return found | {name: "ecsplan itself" for _, name in waiting}


def chains(loaded: dict[str, str], unwanted: tuple[str, ...]) -> list[str]:
    """Who imports whom, from each unwanted module to the command."""
    told = []
    for name in unwanted:
        chain = [name]
        while chain[-1] in loaded and len(chain) < 50:
            chain.append(loaded[chain[-1]])
        if len(chain) > 1:
            told.append(" < ".join(chain))
    return told


def test_help_loads_neither_stacks_nor_the_network(tmp_path: Path) -> None:
    loaded = importers(tmp_path, "--help")
    assert "click" in loaded
    assert chains(loaded, (*HEAVY, *OWN)) == []
    assert len(loaded) < 200


@pytest.mark.parametrize("arguments", [("validate", "stack.yaml"), ("explain", "disk")])
def test_what_is_done_offline_loads_no_network(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "stack.yaml").write_text(STACK, encoding="utf-8")
    assert chains(importers(tmp_path, *arguments), NETWORK) == []


def test_a_plan_loads_what_draws_events_and_reads_policies_where_there_are_any() -> None:
    code = "import ecsplan.cli.plan, ecsplan.engine.policy_files, ecsplan.api.answer"
    done = subprocess.run(
        (sys.executable, "-c", f"{code}, sys; print(*sys.modules)"), capture_output=True, text=True, check=True
    )
    late = {"ecsplan.render.json_format", "ecsplan.engine.approving", "ecsplan.policy.rules", "sqlite3", "xml.etree"}
    assert late.isdisjoint(done.stdout.split())
