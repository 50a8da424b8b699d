"""The pipelines of examples/gitops: their form, what they are allowed, and their commands, carried out.

A run is a checkout with the example's stack, the emulator as the cloud, and a site that answers like the real one. The
key that plans can only read there, as the pipelines promise.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from jsonschema import Draft202012Validator

from ecsplan.api.connect import connect
from ecsplan.emulator.credentials import Credential
from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.testing import running_emulator
from ecsplan.model.call import Product, Request
from tests.forge.fake import Fake, serving
from tests.gitops.pipelines import EVERY, GITOPS, ROOT, Pipeline
from tests.gitops.schemas import FLOW, GITEE

WRITES = ("[!D]*", "D[!e]*", "De[!s]*", "Des[!c]*")  # all but Describe…
START = "import sys; from ecsplan.cli.main import main; sys.exit(main())"


@pytest.fixture
def cloud() -> Iterator[EmulatorServer]:
    with running_emulator(clock="fast") as server:
        deny = tuple(f"{product}:{pattern}" for product in ("ecs", "vpc") for pattern in WRITES)
        server.service.credentials.put(Credential("reader", "reader-secret", deny=deny))
        yield server


@pytest.fixture(scope="module")
def identity() -> Iterator[str]:
    """Where GitHub hands out the token of a job."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            allowed = self.headers["Authorization"] == "bearer ask" and "audience=sts.aliyuncs.com" in self.path
            self.send_response(200 if allowed else 403)
            self.end_headers()
            self.wfile.write(b'{"value": "a.b.c"}')

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/token?api=1"
    server.shutdown()
    server.server_close()


@dataclass
class Runner:
    pipeline: Pipeline
    folder: Path
    cloud: EmulatorServer
    fake: Fake
    identity: str

    @property
    def checkout(self) -> Path:
        return self.folder / "infrastructure"

    def set_up(self) -> None:
        shutil.copytree(GITOPS / "stacks", self.checkout / "stacks")
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "ecsplan").write_text(f'#!/bin/sh\nexec {sys.executable} -P -c "{START}" "$@"\n', encoding="utf-8")
        for name in ("pip", "pip3", "pipx"):
            (tools / name).write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
        for tool in tools.iterdir():
            tool.chmod(0o755)
        self.git("init", "-q", "-b", "main")
        self.git("add", ".")
        self.git("-c", "user.name=c", "-c", "user.email=c@example.com", "commit", "-qm", "A stack")
        self.git("remote", "add", "origin", str(self.checkout))

    def git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.checkout, check=True, capture_output=True)

    @property
    def stack(self) -> str:
        return (self.checkout / "stacks" / "web" / "stack.yaml").read_text(encoding="utf-8")

    def write(self, text: str) -> None:
        (self.checkout / "stacks" / "web" / "stack.yaml").write_text(text, encoding="utf-8")

    def environ(self, part: str) -> dict[str, str]:
        key = "emulator" if part == "apply" else "reader"
        return {
            "PATH": f"{self.folder / 'tools'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8",
            "HOME": str(self.folder), "RUNNER_TEMP": str(self.folder), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": f"{key}-secret",
            "READER_ID": "reader", "READER_SECRET": "reader-secret", "ECSPLAN_ENDPOINT": self.cloud.url,
            "ECSPLAN_FORGE_API": self.fake.url, "GITHUB_API_URL": self.fake.url, "CI_API_V4_URL": self.fake.url,
            "FORGE_API": self.fake.url, "ACTIONS_ID_TOKEN_REQUEST_URL": self.identity,
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "ask", "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_ENV": str(self.folder / "environ"), "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "ALIBABA_CLOUD_OIDC_TOKEN_FILE": str(self.folder / "oidc-token"),
            **self.pipeline.environ, **self.carried(),
        }  # fmt: skip

    def carried(self) -> dict[str, str]:
        """What one job tells the next: outputs of GitHub, dotenv of GitLab."""
        found = {}
        for name in (self.folder / "outputs", self.checkout / "plan.env"):
            if name.exists():
                found |= dict(line.split("=", 1) for line in name.read_text(encoding="utf-8").splitlines())
        return {**found, **({"SHA256": found["sha256"]} if "sha256" in found else {})}

    def __call__(self, part: str) -> "subprocess.CompletedProcess[str]":
        ran = None
        for script in self.pipeline.parts[part]:
            ran = subprocess.run(
                [*self.pipeline.shell, "-c", script], cwd=self.checkout, env=self.environ(part), text=True,
                capture_output=True, timeout=120, check=False,
            )  # fmt: skip
            if ran.returncode:
                break
        assert ran is not None
        return ran

    def keep_the_plan(self) -> None:
        """As Gitee Go does between two steps: the artifacts of one are an archive on the host of the other."""
        folder = self.folder / "gitee_go" / "deploy"
        folder.mkdir(parents=True)
        with tarfile.open(folder / "plan.tar.gz", "w:gz") as archive:
            archive.add(self.checkout / "plan.json", "plan.json")

    def change_outside(self) -> None:
        keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret"}
        api = connect("cn-hangzhou", endpoint=self.cloud.url, environ=keys, home=self.folder)
        groups = api.send(Request("DescribeSecurityGroups", {"RegionId": "cn-hangzhou"}, Product.ECS))
        group = groups["SecurityGroups"]["SecurityGroup"][0]["SecurityGroupId"]
        rule = {"IpProtocol": "tcp", "PortRange": "22/22", "SourceCidrIp": "0.0.0.0/0"}
        asked = {"RegionId": "cn-hangzhou", "SecurityGroupId": group, "Permissions": [rule]}
        api.send(Request("AuthorizeSecurityGroup", asked, Product.ECS, write=True))


@pytest.fixture(params=EVERY)
def runner(request: pytest.FixtureRequest, tmp_path: Path, cloud: EmulatorServer, identity: str) -> Iterator[Runner]:
    pipeline = EVERY[request.param]()
    with serving(pipeline.site) as fake:
        yield Runner(pipeline, tmp_path, cloud, fake, identity)


def test_what_was_reviewed_is_applied_and_what_moves_becomes_one_issue(
    runner: Runner, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["runner"]
    runner.set_up()
    for part in ("review", "plan"):
        ran = runner(part)
        assert ran.returncode == 0, f"{part}: {ran.stdout}\n{ran.stderr}"
    ((_, _, body),) = runner.fake.comments
    assert "vpc.main" in body and "web" in body
    if name == "gitee":
        runner.keep_the_plan()
    ran = runner("apply")
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    whole = name == "github"
    if whole:
        ran = runner("drift")
        assert ran.returncode == 0 and not runner.fake.issues, f"{ran.stdout}\n{ran.stderr}"
    runner.change_outside()
    for _ in range(2 if whole else 1):
        ran = runner("drift")
        assert ran.returncode == (2 if name == "codeup" else 0), f"{ran.stdout}\n{ran.stderr}"
    assert len(runner.fake.issues) == (0 if name == "codeup" else 1)
    if runner.fake.issues:
        assert "security_group.web" in runner.fake.issues[0]["body"] and runner.fake.issues[0]["is_open"]
    assert "tk-secret-1" not in ran.stdout + ran.stderr


@pytest.mark.parametrize("runner", ["github", "gitlab"], indirect=True)
def test_a_plan_that_was_exchanged_on_the_way_is_not_applied(runner: Runner) -> None:
    runner.set_up()
    assert runner("plan").returncode == 0
    plan = runner.checkout / "plan.json"
    plan.write_text(plan.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    ran = runner("apply")
    assert ran.returncode != 0 and "FAILED" in ran.stdout


@pytest.mark.parametrize("runner", ["github", "codeup"], indirect=True)
def test_a_stack_with_errors_fails_the_review_and_says_why(runner: Runner) -> None:
    runner.set_up()
    runner.write(runner.stack.replace("vpc: main", "vpc: mian"))
    ran = runner("review")
    assert ran.returncode == 1 and "mian" in ran.stderr
    ((_, _, body),) = runner.fake.comments
    assert "**There is no plan.**" in body and "mian" in body


def files(folder: str) -> list[Path]:
    return sorted(path for path in (GITOPS / folder).rglob("*") if path.suffix in (".yml", ".yaml"))


@pytest.mark.parametrize(
    ("schema", "folder", "options"),
    [
        ("vendor.github-workflows", "github", ()),
        ("vendor.gitlab-ci", "gitlab", ("--data-transform", "gitlab-ci")),
    ],
)
def test_the_published_schema_takes_it(schema: str, folder: str, options: tuple[str, ...]) -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema brings the schemas of the CI systems")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *options]
    ran = subprocess.run([*command, *map(str, files(folder))], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("path", [*files("gitee"), *files("codeup")], ids=lambda path: path.stem)
def test_the_documented_form_takes_it(path: Path) -> None:
    schema = GITEE if "gitee" in str(path) else FLOW
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(document)] == []


def test_actionlint_finds_nothing() -> None:
    found = shutil.which("actionlint")
    if found is None:
        pytest.skip("actionlint is not installed: go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7")
    ran = subprocess.run([found, *map(str, files("github"))], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_actions_are_pinned_and_jobs_are_allowed_no_more_than_they_need() -> None:
    (path,) = files("github")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    used = [step["uses"] for job in document["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used and all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", one) for one in used)
    assert document["permissions"] == {}
    writes = {name: {p for p, level in job["permissions"].items() if level == "write"} for name, job in
              document["jobs"].items()}  # fmt: skip
    assert writes == {
        "review": {"id-token", "pull-requests", "statuses"}, "plan": {"id-token"}, "apply": {"id-token"},
        "drift": {"id-token", "issues"},
    }  # fmt: skip
    assert {name: job["environment"] for name, job in document["jobs"].items()} == {
        "review": "plan", "plan": "plan", "apply": "production", "drift": "plan",
    }  # fmt: skip
    scripts = [step.get("run", "") for job in document["jobs"].values() for step in job["steps"]]
    assert not [script for script in scripts if "${{" in script]


SECTIONS = {
    "pipeline": {"agent", "options", "triggers", "environment", "stages"},
    "stages": {"stage"},
    "stage": {"when", "agent", "environment", "input", "steps"},
}


def test_the_jenkinsfile_is_a_declarative_pipeline() -> None:
    """Every section stands where the declarative grammar has it; braces and quotes are closed."""
    text = (GITOPS / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")
    text = re.sub(r"'''.*?'''", "''", re.sub(r"^//.*$", "", text, flags=re.MULTILINE), flags=re.DOTALL)
    assert text.count("'") % 2 == 0
    open_sections: list[str] = []
    for word, sign in re.findall(r"(?:(\w+)(?:\([^)]*\))?\s*)?([{}])", text):
        if sign == "}":
            open_sections.pop()
            continue
        if not open_sections or open_sections[-1] in SECTIONS:
            assert word in (SECTIONS[open_sections[-1]] if open_sections else {"pipeline"}), (open_sections, word)
        open_sections.append(word)
    assert open_sections == []
    assert text.count("stage(") == 4 and "submitter" in text and "triggeredBy 'TimerTrigger'" in text
