"""Drift accepted by a pull request: real Git, a site in this process, and an emulated cloud."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecsplan.cli.accepting import branch_name
from ecsplan.cli.main import main
from ecsplan.files.publishing import NotPublished, Target, publish
from tests.forge.fake import TOKEN, Fake, serving
from tests.serve.world import KEYS, World, world_in

STACK = """\
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
  security_group:
    web:
      vpc: main
      # for everybody
      ingress: [{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]
"""
BRANCH = "ecsplan-drift/shop-cn-hangzhou"


@dataclass
class Shop:
    world: World
    fake: Fake

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.world.repository, check=True, capture_output=True, text=True)
        return done.stdout

    def drift(self, *options: str) -> int:
        place = ["--forge", "github", "--api", self.fake.url, "--repo", "o/r", "--endpoint", self.world.cloud.url]
        return main(["drift", "shop", "--pull-request", *place, *options])

    def pushed(self) -> str:
        return self.git("show", "--format=%an%n%P", f"origin/{BRANCH}") if self.branches() else ""

    def branches(self) -> list[str]:
        self.git("fetch", "-q", "--prune", "origin")
        return self.git("branch", "-r", "--list", f"origin/{BRANCH}").split()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    for name, value in {**KEYS, "ECSPLAN_FORGE_TOKEN": TOKEN}.items():
        monkeypatch.setenv(name, value)
    for name in ("GITHUB_REF_NAME", "GITHUB_EVENT_PATH", "CI_COMMIT_BRANCH", "CI_COMMIT_REF_NAME"):
        monkeypatch.delenv(name, raising=False)
    with world_in(tmp_path) as world, serving("github") as fake:
        world.commit({"shop/stack.yaml": STACK, ".gitignore": ".ecsplan/\n"})
        subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "origin")], check=True)
        world.git("remote", "add", "origin", str(tmp_path / "origin"))
        world.git("push", "-q", "origin", "main")
        monkeypatch.chdir(world.repository)
        assert main(["apply", "shop", "--auto-approve", "--endpoint", world.cloud.url]) == 0
        yield Shop(world, fake)


def open_outside(shop: Shop, port: int) -> None:
    (group,) = shop.world.call("DescribeSecurityGroups")["SecurityGroups"]["SecurityGroup"]
    rule = {"IpProtocol": "tcp", "PortRange": f"{port}/{port}", "SourceCidrIp": "10.0.0.0/8"}
    shop.world.call("AuthorizeSecurityGroup", SecurityGroupId=group["SecurityGroupId"], Permissions=[rule])


def test_drift_is_accepted_by_one_pull_request_that_is_kept_up_to_date(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    told, before = [], (shop.git("rev-parse", "HEAD"), shop.git("status", "--porcelain"))
    for port in (0, 22, 0, 8080):
        if port:
            open_outside(shop, port)
        shop.drift()
        told.append(next(line for line in capsys.readouterr().err.splitlines() if line.startswith("pull request")))
    assert told == [
        "pull request: none is needed for shop", "pull request: opened 1 for shop",
        "pull request: 1 is up to date for shop", "pull request: updated 1 for shop",
    ]  # fmt: skip
    assert (shop.git("rev-parse", "HEAD"), shop.git("status", "--porcelain")) == before
    assert shop.git("branch", "--list").split() == ["*", "main"]
    (one,) = shop.fake.pulls
    assert (one["head"], one["base"]) == (BRANCH, "main") and "security_group.web.ingress" in one["body"]
    shown = shop.pushed()
    assert shown.startswith(f"ecsplan\n{before[0]}") and "22" in shown and "8080" in shown
    assert "# for everybody" in shop.git("show", f"origin/{BRANCH}:shop/stack.yaml")
    shop.git("merge", "-q", "--ff-only", f"origin/{BRANCH}")
    assert shop.drift() == 0 and not one["is_open"]
    assert "closed 1" in capsys.readouterr().err


def test_what_somebody_else_committed_is_not_overwritten(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    open_outside(shop, 22)
    assert shop.drift() == 2
    shop.git("fetch", "-q", "origin")
    shop.git("checkout", "-q", "-b", "work", f"origin/{BRANCH}")
    shop.git("-c", "user.name=c", "-c", "user.email=carol@example.com", "commit", "-q", "--allow-empty", "-m", "mine")
    shop.git("push", "-q", "origin", f"work:{BRANCH}")
    shop.git("checkout", "-q", "main")
    open_outside(shop, 8080)
    assert shop.drift() == 1
    assert f"somebody else has committed to {BRANCH}" in capsys.readouterr().err
    assert "mine" in shop.git("log", "-1", "--format=%s", f"origin/{BRANCH}")


def test_a_file_that_is_not_as_committed_is_not_pushed(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    open_outside(shop, 22)
    file = shop.world.repository / "shop" / "stack.yaml"
    file.write_text(file.read_text() + "# mine, not for everybody\n")
    assert shop.drift() == 1
    assert "shop/stack.yaml is not as committed" in capsys.readouterr().err and not shop.branches()


def test_a_remote_that_refuses_is_told_without_its_password(tmp_path: Path, shop: Shop) -> None:
    url = "http://user:secret@127.0.0.1:9/x.git"
    file = shop.world.repository / "shop" / "stack.yaml"
    with pytest.raises(NotPublished) as refused:
        publish(Target(shop.world.repository, url, BRANCH, os.environ), {str(file): STACK + "# more\n"}, "message")
    assert "secret" not in str(refused.value) and "user" not in str(refused.value)


def test_a_branch_has_the_name_of_its_stack_and_region() -> None:
    assert branch_name("shop", "cn-hangzhou") == BRANCH
    assert branch_name("a b..c~^:d", "r") == "ecsplan-drift/a-b-c-d-r"
