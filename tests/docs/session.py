"""A reader who follows one page: a folder with the examples, a cloud, a shell that knows cd and export, a keyboard."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest

from ecsplan.cli.main import main
from ecsplan.emulator.testing import running_emulator
from tests.docs.pages import ROOT, Block, expected_status, words

OUTSIDE = re.compile(r"^(ALIBABA_CLOUD|ECSPLAN)_")


class Session:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys
        self.printed: dict[str, str] = {}

    def shell(self, block: Block) -> None:
        for line in block.command_lines():
            for part in line.split(" && "):
                self.command(block, part)

    def command(self, block: Block, line: str) -> None:
        said = words(line)
        if said[0] == "cd":
            os.chdir(said[1])
        elif said[0] == "export":
            name, _, value = said[1].partition("=")
            self.monkeypatch.setenv(name, value)
        elif said[0] == "ecsplan" and not {"|", ">"} & set(said):
            self.ecsplan(block, line, said[1:])
        else:
            self.program(block, line)

    def ecsplan(self, block: Block, line: str, arguments: list[str]) -> None:
        """Runs in this process; a person is at the keyboard and says yes to the first question."""
        keyboard = StringIO("yes\n")
        self.monkeypatch.setattr(keyboard, "isatty", lambda: True, raising=False)
        self.monkeypatch.setattr(sys, "stdin", keyboard)
        status = main(arguments)
        captured = self.capsys.readouterr()
        self.printed[" ".join(["ecsplan", *arguments])] = captured.out
        assert status == expected_status(line), f"{block}: {line}\n{captured.out}\n{captured.err}"

    def program(self, block: Block, line: str) -> None:
        """Any other command, with `ecsplan` on its PATH."""
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=120)
        assert done.returncode == expected_status(line), f"{block}: {line}\n{done.stdout}\n{done.stderr}"

    def write(self, name: str, block: Block) -> None:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")

    def python(self, block: Block) -> None:
        exec(compile(block.text, str(block), "exec"), {"__name__": "__main__"})
        self.capsys.readouterr()


@contextmanager
def reading(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Session]:
    """A session in `folder`, its cloud an emulator of its own, empty at first."""
    for name in ("examples", "schemas"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".ecsplan"))
    program = folder / ".bin" / "ecsplan"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m ecsplan "$@"\n')
    program.chmod(0o755)
    for name in [name for name in os.environ if OUTSIDE.match(name)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    monkeypatch.chdir(folder)
    with running_emulator(clock="fast") as server:
        monkeypatch.setenv("ECSPLAN_ENDPOINT", server.url)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "emulator")
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "emulator-secret")
        yield Session(monkeypatch, capsys)
