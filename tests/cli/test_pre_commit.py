"""The hooks of `.pre-commit-hooks.yaml`, run by pre-commit itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ecsplan.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
STACK = (
    "stack: shop\napiVersion: ecsplan/v1\nregion: cn-hangzhou\nresources:\n  vpc: {main: {cidr_block: 10.0.0.0/16}}\n"
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One whose hooks are those of the manifest, with the `ecsplan` of this test: nothing is downloaded."""
    for needed in ("git", "pre_commit"):
        if not (shutil.which(needed) or needed in sys.modules or _has(needed)):
            pytest.skip(f"{needed} is not installed")
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    script = bin_folder / "ecsplan"
    script.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from ecsplan.cli.main import main\nsys.exit(main())\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    hooks = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    local = [{**hook, "language": "system"} for hook in hooks]
    home = tmp_path / "repository"
    home.mkdir()
    config = {"repos": [{"repo": "local", "hooks": local}]}
    (home / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=home, check=True)
    return home


def _has(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None


def _pre_commit(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PATH": f"{home.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    environ["PRE_COMMIT_HOME"] = str(home.parent / "cache")
    command = [sys.executable, "-m", "pre_commit", *arguments]
    return subprocess.run(command, cwd=home, env=environ, capture_output=True, text=True, check=False)


def test_the_manifest_is_one(repository: Path) -> None:
    ran = _pre_commit(repository, "validate-manifest", str(MANIFEST))
    assert ran.returncode == 0, ran.stdout
    entries = [hook["entry"].split() for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))]
    assert all(entry[0] == "ecsplan" and entry[1] in COMMANDS for entry in entries)


def test_a_commit_lays_out_stacks_and_refuses_faults_and_leaves_other_files_alone(repository: Path) -> None:
    folder = repository / "stacks" / "shop"
    folder.mkdir(parents=True)
    (folder / "stack.yaml").write_text(STACK, encoding="utf-8")
    (repository / "pod.yaml").write_text("kind:   Pod\napiVersion: v1\n", encoding="utf-8")
    subprocess.run(["git", "add", "."], cwd=repository, check=True)
    first = _pre_commit(repository, "run", "--all-files")
    assert "ecsplan validate" in first.stdout
    assert first.returncode == 1  # a file was changed
    assert (folder / "stack.yaml").read_text(encoding="utf-8").startswith("apiVersion")
    assert (repository / "pod.yaml").read_text(encoding="utf-8").startswith("kind:   Pod")
    subprocess.run(["git", "add", "."], cwd=repository, check=True)
    assert _pre_commit(repository, "run", "--all-files").returncode == 0
    (folder / "more.yaml").write_text("resources:\n  security_group: {web: {vpc: mian}}\n", encoding="utf-8")
    subprocess.run(["git", "add", "."], cwd=repository, check=True)
    wrong = _pre_commit(repository, "run")  # only more.yaml is staged anew; the whole stack is checked
    assert wrong.returncode == 1
    assert "did you mean main?" in wrong.stdout
