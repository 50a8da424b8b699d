"""A canary in every place for secrets: it reaches the service, and no output, plan, journal, tag, log or traceback."""

import hashlib
import json
import shutil
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecsplan.cli.main import main
from ecsplan.kinds import load_kinds
from tests.kinds.cloud import Cloud, with_instance

CANARY = "Canary-7f3a9c!x"
SENSITIVE = sorted(f"{kind.name}.{a.name}" for kind in load_kinds().values() for a in kind.attributes if a.sensitive)

STACK = """
apiVersion: ecsplan/v1
stack: secret
region: cn-hangzhou
variables:
  greeting: {type: string, default: hello}
resources:
  vpc:
    main: {cidr_block: 10.0.0.0/16}
  vswitch:
    app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}
  security_group:
    web: {vpc: main}
  instance:
    web:
      instance_type: ecs.g7.large
      image: {family: "acs:ubuntu_22_04_x64"}
      vswitch: app
      security_groups: [web]
      password: {env: CANARY, version: VERSION}
"""


def spellings(secret: str) -> Iterator[str]:
    """The secret, the ways in which it travels, and its hashes."""
    raw = secret.encode()
    yield from (secret, b64encode(raw).decode().rstrip("="), json.dumps(secret)[1:-1])
    for algorithm in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(algorithm, raw)
        yield from (
            digest.hexdigest(),
            b64encode(digest.digest()).decode(),
            urlsafe_b64encode(digest.digest()).decode()[:8],
        )


def assert_clean(text: str, where: str) -> None:
    for spelling in spellings(CANARY):
        assert spelling not in text, f"{spelling} in {where}"


def written_files(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "emulator.db":  # the emulated service has to keep it, as the real one does
            yield path, path.read_text(encoding="utf-8", errors="replace")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command line with the canary in its environment; answers all that it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANARY", CANARY)

    def execute(*arguments: str, version: int = 1) -> str:
        (tmp_path / "stack.yaml").write_text(STACK.replace("VERSION", str(version)))
        main([*arguments, "--emulator"] if arguments[0] != "show" else arguments)
        captured = capfd.readouterr()
        return captured.out + captured.err

    return execute


def test_every_sensitive_attribute_is_tried_here():
    assert SENSITIVE == ["instance.password"]


@pytest.mark.door("secrets of a stack")
def test_no_command_tells_a_secret(run, tmp_path):
    logged = ("--log-file", "calls.log", "--events", "events.jsonl", "-vv")
    said = [
        run("validate"),
        run("plan", "-o", "saved.plan"),
        run("plan", "--format", "json"),
        run("plan", "--format", "markdown"),
        run("show", "saved.plan"),
        run("apply", "--auto-approve", *logged),
        run("plan", "--format", "json"),
        run("plan", "-o", "second.plan", version=2),
        run("apply", "second.plan", version=2),
        run("list", "--format", "json"),
        run("destroy", "--auto-approve", *logged),
    ]
    for number, text in enumerate(said):
        assert text.strip(), number
        assert_clean(text, f"the output of command {number}")
    names = {path.name for path, _ in written_files(tmp_path)}
    assert {"saved.plan", "second.plan", "calls.log", "events.jsonl"} <= names
    for path, text in written_files(tmp_path):
        assert_clean(text, str(path))


def a_cloud(folder: Path) -> Cloud:
    return Cloud(folder, environ={"CANARY": CANARY})


SECRETIVE = with_instance("password: {env: CANARY, version: 1}")


@pytest.mark.door("secrets of a stack")
def test_the_service_gets_it_and_no_tag_does(tmp_path):
    cloud = a_cloud(tmp_path)
    cloud.settled(SECRETIVE)
    assert cloud.instance().get("Password") == CANARY or "Password" in str(cloud.written("RunInstances"))
    for kind in ("instance", "disk", "vpc", "vswitch", "securitygroup"):
        for thing in cloud.things(kind):
            assert_clean(json.dumps(thing.tags), f"the tags of {thing.id}")


@pytest.mark.door("secrets of a stack")
@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "drop_after_commit", "times": 99},
        {
            "fault": "error",
            "code": "InvalidPassword.Malformed",
            "status": 400,
            "message": f"not {CANARY}",
            "times": 9,
        },
        {"fault": "error", "code": "Throttling", "status": 400, "times": 2},
    ],
)
def test_no_failure_tells_a_secret(tmp_path, fault):
    cloud = a_cloud(tmp_path)
    cloud.faults({"action": "RunInstances", **fault})
    report = cloud.try_apply(SECRETIVE)
    assert_clean(str(report), "the report")
    for path, text in written_files(tmp_path):
        assert_clean(text, str(path))


def test_a_token_depends_on_no_secret(tmp_path):
    tokens = []
    for secret in (CANARY, "Another-1!x"):
        cloud = Cloud(tmp_path, environ={"CANARY": secret})
        cloud.apply(SECRETIVE, parallelism=1)
        shutil.rmtree(tmp_path / ".ecsplan")
        tokens.append([call["params"]["ClientToken"] for call in cloud.written("RunInstances")])
    assert tokens[0] == tokens[1] and tokens[0]


def test_a_run_that_was_cut_off_sends_the_secret_again_without_having_kept_it(tmp_path):
    cloud = a_cloud(tmp_path)
    cloud.faults({"fault": "error", "action": "RunInstances", "code": "InternalError", "status": 500, "times": 999})
    cloud.try_apply(SECRETIVE)
    cloud.service.faults.clear()
    cloud.clock.advance(700)  # the lock could not be given back: it has to expire
    cloud.settled(SECRETIVE)
    assert len(cloud.things("instance")) == 1
    for path, text in written_files(tmp_path):
        assert_clean(text, str(path))
