"""A full disk, folders that nobody may write to, odd bytes, faults of ours: words, and no machine left half done."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.cli.main import main
from tests.cli.conftest import FakeEngine, Ran

Run = Callable[..., Ran]
STACK = (
    "apiVersion: ecsplan/v1\nstack: luck\nregion: cn-hangzhou\nresources:\n  vpc: {main: {cidr_block: 10.0.0.0/16}}\n"
)
FULL = Path("/dev/full")
has_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")


def ecsplan(folder: Path, *arguments: str, **streams: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ecsplan", *arguments, "--emulator"],
        cwd=folder,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )  # type: ignore[call-overload]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stack.yaml").write_text(STACK, encoding="utf-8")
    return tmp_path


def is_applied(folder: Path) -> bool:
    return "No changes" in ecsplan(folder, "plan").stdout


@has_full
@pytest.mark.parametrize("option", ["--events", "--log-file"])
def test_a_log_on_a_full_disk_does_not_stop_an_apply(folder: Path, option: str) -> None:
    ran = ecsplan(folder, "apply", "--auto-approve", option, str(FULL))
    assert ran.returncode == 0, ran.stderr
    assert "No space left on device" in ran.stderr
    assert ran.stderr.count("written") == 1
    assert is_applied(folder)


@has_full
def test_nor_does_stderr_on_a_full_disk(folder: Path) -> None:
    with FULL.open("w") as full:
        ran = ecsplan(folder, "apply", "--auto-approve", stderr=full)
    assert ran.returncode == 0
    assert is_applied(folder)


@has_full
def test_nor_do_event_lines_on_stdout(folder: Path) -> None:
    with FULL.open("w") as full:
        ran = ecsplan(folder, "apply", "--auto-approve", "--events", "-", stdout=full)
    assert ran.returncode == 0
    assert "no more events can be written: No space left on device" in ran.stderr
    assert is_applied(folder)


@has_full
def test_a_result_that_is_lost_is_an_error(folder: Path) -> None:
    with FULL.open("w") as full:
        ran = ecsplan(folder, "plan", "--json", stdout=full)
    assert ran.returncode == 1
    assert "No space left on device" in ran.stderr
    assert "Traceback" not in ran.stderr


@has_full
def test_a_plan_that_cannot_be_saved_is_an_error(folder: Path) -> None:
    ran = ecsplan(folder, "plan", "-o", str(FULL))
    assert ran.returncode == 1
    assert "cannot write /dev/full: No space left on device" in ran.stderr


@pytest.mark.door("our own files")
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("p.json", ("plan", "-o", "p.json")),
        ("calls.log", ("plan", "--log-file", "calls.log")),
        ("events.jsonl", ("apply", "--auto-approve", "--events", "events.jsonl")),
        ("s.json", ("schema", "-o", "s.json")),
    ],
)
def test_a_link_in_the_checkout_does_not_choose_what_is_overwritten(
    folder: Path, name: str, arguments: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    precious = tmp_path_factory.mktemp("home") / "authorized_keys"
    precious.write_text("mine", encoding="utf-8")
    for target in (precious, precious.with_name("missing")):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)
        environ = {**os.environ, "PYTHONPATH": ""}
        whole = [sys.executable, "-m", "ecsplan", *arguments, *(() if arguments[0] == "schema" else ("--emulator",))]
        ran = subprocess.run(whole, cwd=folder, text=True, capture_output=True, timeout=60, env=environ)
        assert ran.returncode == 1
        assert f"cannot write {name}: it is a symbolic link" in ran.stderr
    assert precious.read_text(encoding="utf-8") == "mine"
    assert not precious.with_name("missing").exists()


@pytest.mark.door("arguments and variables")
@pytest.mark.parametrize(
    "arguments",
    [
        ("unlock", "\udcff"),
        ("plan", "--var", "\udcff=1"),
        ("plan", "--target", "vpc.\udcff"),
        ("validate", "\udcff"),
        ("\udcff",),
        ("explain", "\udcff"),
        ("plan", "-o", "\udcff/p.json"),
    ],
)
def test_an_argument_that_is_no_text_is_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert ran.status == 64
    assert "is not UTF-8 text" in ran.err


@pytest.mark.parametrize(
    "name", ["ECSPLAN_VAR_x", "ECSPLAN_ENDPOINT", "ALIBABA_CLOUD_REGION_ID", "ALIBABA_CLOUD_PROFILE"]
)
def test_a_variable_that_is_no_text_is_named_and_not_shown(
    run: Run, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "hush\udcff")
    ran = run("plan")
    assert ran.status == 64
    assert f"{name} is not UTF-8 text" in ran.err
    assert "hush" not in ran.err


@pytest.mark.door("arguments and variables")
def test_a_fault_of_ours_is_told_without_its_message(
    fake: FakeEngine, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message may hold a secret."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("hush")

    monkeypatch.setattr(engine, "plan", fail)
    ran = run("plan")
    assert ran.status == 1
    assert "a fault of ecsplan: RuntimeError" in ran.err
    assert "ECSPLAN_DEBUG=1" in ran.err
    assert not {"hush", "Traceback"} & set(ran.err.split())
    monkeypatch.setenv("ECSPLAN_DEBUG", "1")
    with pytest.raises(RuntimeError, match="hush"):
        main(["plan"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_told_before_anything_is(folder: Path) -> None:
    ecsplan(folder, "plan")
    (folder / ".ecsplan" / "journal").mkdir(mode=0o500)
    ran = ecsplan(folder, "apply", "--auto-approve")
    assert ran.returncode == 1
    assert "cannot be written" in ran.stderr
    assert not is_applied(folder)
