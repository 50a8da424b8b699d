"""A repository, an emulated cloud and a loop in this process, driven without waiting."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ecsplan.api.connect import connect
from ecsplan.emulator.testing import running_emulator
from ecsplan.files.own import private_folder
from ecsplan.model.call import Product, Request
from ecsplan.serve.loop import Loop, Tools, in_thread
from ecsplan.serve.settings import Settings, settings_of
from ecsplan.serve.start import tools_of

READ, WRITE, HOOK = "read-token-of-the-test", "write-token-of-the-test", "hook-secret-of-the-test"
KEYS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret"}
NET = """\
apiVersion: ecsplan/v1
stack: net
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
"""
WEB = """\
apiVersion: ecsplan/v1
stack: web
region: cn-hangzhou
resources:
  security_group:
    web:
      vpc: {stack: net, name: main}
      ingress: [{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]
"""


class Cloud(Protocol):
    url: str


@dataclass
class World:
    folder: Path
    cloud: Cloud
    rule: dict[str, Any] = field(default_factory=lambda: {"apply": ["create", "update", "access_opened"], "revert": []})
    store: str = ""

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    def commit(self, files: Mapping[str, str], message: str = "A change") -> None:
        if not (self.repository / ".git").exists():
            self.repository.mkdir()
            self.git("init", "-q", "-b", "main")
        for name, text in files.items():
            path = self.repository / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("-c", "user.name=c", "-c", "user.email=carol@example.com", "commit", "-qm", message)

    def git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.repository, check=True, capture_output=True)

    def settings(self, **more: Any) -> Settings:
        document = {
            "repository": {"url": str(self.repository)}, "state": str(self.folder / "state"), "interval": 600,
            "fetch": 3600, "workers": 2, "tokens": {"read": {"env": "R"}, "write": {"env": "W"}},
            "hook": {"secret": {"env": "H"}}, "endpoint": self.cloud.url, **self.rule, **more,
        }  # fmt: skip
        return settings_of(document, {"R": READ, "W": WRITE, "H": HOOK})

    def tools(self, **more: Any) -> Tools:
        settings = self.settings(**more)
        private_folder(Path(settings.state))
        return tools_of(settings, {**os.environ, **KEYS}, self.store, "test")

    @contextmanager
    def looping(self, **more: Any) -> Iterator[Loop]:
        tools = self.tools(**more)
        loop = Loop(tools)
        thread = in_thread(loop)
        try:
            yield loop
        finally:
            loop.stop()
            thread.join(60)
            assert not thread.is_alive()

    def call(self, operation: str, product: Product = Product.ECS, **params: Any) -> Any:
        api = connect("cn-hangzhou", endpoint=self.cloud.url, environ=KEYS, home=self.folder)
        asked = {"RegionId": "cn-hangzhou", **params}
        return api.send(Request(operation, asked, product, write=not operation.startswith("Describe")))

    def groups(self) -> list[dict[str, Any]]:
        found = self.call("DescribeSecurityGroups")["SecurityGroups"]["SecurityGroup"]
        return [one for one in found if one["SecurityGroupName"].startswith("web")]

    def rules(self) -> list[dict[str, Any]]:
        found = self.call("DescribeSecurityGroupAttribute", SecurityGroupId=self.groups()[0]["SecurityGroupId"])
        return list(found["Permissions"]["Permission"])

    def open_outside(self, port: int) -> None:
        rule = {"IpProtocol": "tcp", "PortRange": f"{port}/{port}", "SourceCidrIp": "0.0.0.0/0"}
        self.call("AuthorizeSecurityGroup", SecurityGroupId=self.groups()[0]["SecurityGroupId"], Permissions=[rule])


def until(what: Callable[[], bool], seconds: float = 60.0) -> None:
    """Waits for another thread of this process."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@contextmanager
def world_in(folder: Path) -> Iterator[World]:
    with running_emulator(clock="fast") as server:
        yield World(folder, server)
