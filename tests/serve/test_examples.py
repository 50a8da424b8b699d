"""The files of examples/serve: a valid configuration, a unit that systemd takes, an image and a manifest."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecsplan import engine
from ecsplan.engine.serving import checked
from ecsplan.model.diagnostic import Rejected
from ecsplan.serve.settings import BadSettings, Settings, serve_schema, settings_of

FOLDER = Path(__file__).parent.parent.parent / "examples" / "serve"
ENVIRON = {name: f"{name}-{'x' * 16}" for name in ("ECSPLAN_READ_TOKEN", "ECSPLAN_WRITE_TOKEN", "ECSPLAN_HOOK_SECRET")}


def settings(path: Path, environ: dict[str, str]) -> Settings:
    return settings_of(checked(str(path), serve_schema(tuple(engine.classes()))), environ)


def test_the_configuration_is_valid_and_shows_no_secret() -> None:
    found = settings(FOLDER / "ecsplan.serve.yaml", ENVIRON)
    assert (
        found.rule_of("staging").revert == {"update", "access_closed"} and found.rule_of("other").revert == frozenset()
    )
    assert "x" * 16 not in repr(found)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({**ENVIRON, "ECSPLAN_READ_TOKEN": ""}, "is not set"),
        ({**ENVIRON, "ECSPLAN_READ_TOKEN": "short"}, "fewer than"),
        ({**ENVIRON, "ECSPLAN_READ_TOKEN": ENVIRON["ECSPLAN_WRITE_TOKEN"]}, "are the same"),
    ],
)  # fmt: skip
def test_weak_or_equal_tokens_are_refused(environ: dict[str, str], told: str) -> None:
    with pytest.raises(BadSettings, match=told):
        settings(FOLDER / "ecsplan.serve.yaml", environ)


def test_a_wrong_class_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "ecsplan.serve.yaml"
    text = (FOLDER / "ecsplan.serve.yaml").read_text(encoding="utf-8").replace("revert: []", "revert: [everything]")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Rejected, match="everything"):
        settings(path, ENVIRON)


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = (FOLDER / "ecsplan-serve.service").read_text(encoding="utf-8")
    for line in ("DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "StateDirectory=ecsplan"):
        assert line in text.splitlines()
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "ecsplan-serve.service"
    unit.write_text(text.replace("/opt/ecsplan/bin/ecsplan", shutil.which("true") or "/bin/true"), encoding="utf-8")
    ran = subprocess.run([program, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False,
                         env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"})  # fmt: skip
    assert not [line for line in ran.stderr.splitlines() if "ecsplan" in line], ran.stderr


def test_the_image_runs_as_nobody_with_what_the_loop_needs() -> None:
    text = (FOLDER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    verbs = [line.split()[0] for line in lines]
    assert set(verbs) <= {"FROM", "ARG", "RUN", "COPY", "ENV", "USER", "WORKDIR", "EXPOSE", "ENTRYPOINT", "CMD"}
    assert all(re.search(r":\d+\.\d+\.\d+", line) for line in lines if line.startswith("FROM"))
    assert verbs.index("USER") < verbs.index("ENTRYPOINT") and "USER 65532:65532" in lines
    assert "git" in text and "openssh-client" in text and "rm -rf /var/lib/apt/lists" in text


def documents() -> dict[str, Any]:
    text = (FOLDER / "kubernetes.yml").read_text(encoding="utf-8")
    return {one["kind"]: one for one in yaml.safe_load_all(text)}


def test_the_manifest_has_one_loop_with_its_state_and_no_rights_that_it_needs_not() -> None:
    found = documents()
    assert set(found) == {"ServiceAccount", "PersistentVolumeClaim", "Deployment", "Service"}
    spec = found["Deployment"]["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    assert spec["replicas"] == 1 and spec["strategy"] == {"type": "Recreate"}
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]
    assert pod["securityContext"]["runAsNonRoot"] and container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    mounts, volumes = ({one["name"] for one in part} for part in (container["volumeMounts"], pod["volumes"]))
    assert mounts == volumes and ":latest" not in container["image"]
    assert {container[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")} == {
        "/healthz", "/readyz",
    }  # fmt: skip
