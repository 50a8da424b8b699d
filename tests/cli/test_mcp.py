"""`ecsplan mcp`, asked by the client of the official SDK over stdio."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ecsplan.cli.tools import READING, BadArgument, Desk
from ecsplan.emulator.testing import running_emulator
from ecsplan.files.proposing import NoProposal, proposed

pytest.importorskip("mcp", reason="the extra mcp has the SDK")
STACK = """\
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16, description: "${stack.name}"}}
"""
Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    home = tmp_path / "repository"
    (home / "shop").mkdir(parents=True)
    (home / "shop" / "stack.yaml").write_text(STACK, encoding="utf-8")
    for line in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"]):
        subprocess.run(["git", *line], cwd=home, check=True)
    return home


def git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout


def served(root: Path, asks: Callable[[Ask, Any], Awaitable[None]]) -> None:
    """Runs `asks` with a client whose server is the command itself, before an empty account."""
    from mcp import ClientSession
    from mcp.client.stdio import StdioServerParameters, stdio_client

    async def go(url: str) -> None:
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ALIBABA_CLOUD_")},
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret",
        }
        line = ["-P", "-m", "ecsplan", "mcp", "--root", str(root), "--endpoint", url]
        parameters = StdioServerParameters(command=sys.executable, args=line, env=environ)
        async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
            await session.initialize()

            async def ask(tool: str, /, **arguments: Any) -> dict[str, Any]:
                answer = await session.call_tool(tool, arguments)
                found: dict[str, Any] = json.loads(answer.content[0].text)  # type: ignore[union-attr]
                return found

            await asks(ask, session)

    with running_emulator(clock="fast") as server:
        asyncio.run(go(server.url))
        assert not any(name.startswith(("Create", "Run", "Delete")) for name in server.service.log.stats()["actions"])


def test_an_agent_reads_and_proposes_over_stdio(root: Path) -> None:
    async def asks(ask: Ask, session: Any) -> None:
        names = {tool.name for tool in (await session.list_tools()).tools}
        assert names == {"validate", "plan", "price", "explain", "why", "list_live", "history", "propose"}
        assert json.loads((await ask("validate", stack="shop"))["printed"])["valid"] is True
        planned = await ask("plan", stack="shop")
        assert (planned["status"], "vpc.main" in planned["printed"]) == (0, True)
        assert "emulator-secret" not in json.dumps(planned)
        assert "cidr_block" in (await ask("explain", subject="vpc"))["printed"]
        assert "shop" in (await ask("why", attribute="vpc.main.description", stack="shop"))["printed"]
        assert (await ask("history"))["status"] == 0
        for hostile in ("../..", "/etc", "shop/../../x", "a\0b"):
            assert "not below the root" in (await ask("validate", stack=hostile))["said"]
        assert "is not" in (await ask("explain", subject="--help"))["said"]
        text = STACK.replace("10.0", "10.9")
        done = await ask("propose", name="other-range", files={"shop/stack.yaml": text}, stack="shop")
        assert (done["branch"], done["status"]) == ("ecsplan-proposal/other-range", 0)
        assert "10.9.0.0/16" in done["plan"]["printed"]
        wrong = await ask("propose", name="odd", files={"shop/stack.yaml": "stack: [\n"}, stack="shop")
        assert (wrong["status"], wrong["plan"]) == (1, None)

    served(root, asks)
    assert (root / "shop" / "stack.yaml").read_text(encoding="utf-8") == STACK
    assert "10.9.0.0/16" in git(root, "show", "ecsplan-proposal/other-range:shop/stack.yaml")
    assert git(root, "status", "--short") == ""


def test_no_tool_runs_a_command_that_writes(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for command in ("apply", "destroy", "approve", "unlock", "start", "stop", "reinit", "fmt", "export"):
        assert command not in READING
        with pytest.raises(BadArgument):
            desk.line(command)


def test_a_link_out_of_the_root_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "out").symlink_to(tmp_path)
    with pytest.raises(BadArgument, match="not below"):
        Desk(tmp_path / "root").folder("out")


@pytest.mark.parametrize(
    ("name", "path", "words"),
    [
        ("a", "../x.yaml", "below the root"),
        ("a", "/etc/x.yaml", "below the root"),
        ("a", ".git/x.yaml", "below the root"),
        ("a", "shop/../.GIT/x.yaml", "below the root"),
        ("a", "shop/hook.sh", "not a YAML file"),
        ("a", "out/x.yaml", "symbolic link"),
        ("--force", "shop/stack.yaml", "named by"),
        ("a/b", "shop/stack.yaml", "named by"),
    ],
)
def test_a_proposal_stays_in_its_branch(root: Path, tmp_path: Path, name: str, path: str, words: str) -> None:
    (root / "out").symlink_to(tmp_path)
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "link"], cwd=root, check=True)
    with pytest.raises(NoProposal, match=words), proposed(root, name, {path: "a: 1\n"}, ""):
        pass
    assert git(root, "branch", "--list", "ecsplan*") == ""
    assert not (tmp_path / "x.yaml").exists()


def test_a_proposal_does_not_take_a_branch_that_exists(root: Path) -> None:
    with proposed(root, "one", {"shop/stack.yaml": "a: 1\n"}, ""):
        pass
    with pytest.raises(NoProposal, match="one"), proposed(root, "one", {"shop/stack.yaml": "a: 2\n"}, ""):
        pass
    assert git(root, "show", "ecsplan-proposal/one:shop/stack.yaml") == "a: 1\n"
