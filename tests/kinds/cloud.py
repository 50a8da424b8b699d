"""An account in this process and the engine over it: a test writes YAML, plans, applies and looks.

No sockets and no waiting: requests go straight to the emulator's handler, and time is a clock that jumps.
"""

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.structures import CaseInsensitiveDict

from ecsplan import engine
from ecsplan.api.client import Client
from ecsplan.api.connect import connect
from ecsplan.emulator.account import Thing
from ecsplan.emulator.options import Options
from ecsplan.emulator.service import ConnectionDropped, HttpRequest, Service, VirtualClock
from ecsplan.engine import ApplyOptions, PlanOptions
from ecsplan.kinds import load_kinds
from ecsplan.model.address import Address
from ecsplan.model.call import Product, Request
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.copying import replace
from ecsplan.model.plan import Plan, Report, Step
from ecsplan.model.stack import Stack
from tests.support.effects import Seen, neighbours

KINDS = load_kinds()
KEYS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret"}
HEAD = "apiVersion: ecsplan/v1\nstack: demo\nregion: cn-hangzhou\n"
START = 1_790_000_000.0
LOCK = "ecsplan-lock:"
READS = ("Describe", "List", "Get")

NETWORK = """
vpc:
  main: {cidr_block: 10.0.0.0/8}
vswitch:
  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}
security_group:
  web: {vpc: main}
"""

INSTANCE = """
instance_type: ecs.g7.large
image: ubuntu_22_04_x64_20G_alibase_20260522.vhd
vswitch: app
security_groups: [web]
system_disk: {category: cloud_essd, size: 40}
"""


class InProcess(BaseAdapter):
    """Hands a prepared request to the emulator and its answer back."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self.service = service

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(request.url or "")
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        headers.setdefault("host", parts.netloc)
        body = request.body or b""
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        raw = body.encode() if isinstance(body, str) else bytes(body)
        try:
            answer = self.service.handle(HttpRequest(request.method or "GET", target, headers, raw))
        except ConnectionDropped as dropped:
            raise RequestsConnectionError(str(dropped), request=request) from dropped
        response = Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(answer.headers)
        response.raw = BytesIO(answer.body)
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        pass


@dataclass
class Cloud:
    """`load` → `plan` → `apply`, and looks behind the scenes. `environ` is what secrets are read from."""

    folder: Path
    settle: float = 1.0
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._near: dict[str, set[str]] = {}
        self.clock = VirtualClock(START)
        self.service = Service(Options(settle=self.settle, seed="kinds"), self.clock)
        self.api: Client = connect(
            "cn-hangzhou",
            endpoint="http://127.0.0.1:8686",
            environ=KEYS,
            home=self.folder,
            adapter=InProcess(self.service),
            clock=self.clock,
            seed=7,
        )

    # The engine

    def load(self, text: str | Stack) -> Stack:
        if isinstance(text, Stack):
            return text
        path = self.folder / "stack.yaml"
        body = textwrap.dedent(text)
        path.write_text(body if "apiVersion" in body else HEAD + body, encoding="utf-8")
        return engine.load(str(path), environ=self.environ)

    def plan(self, text: str | Stack, **options: Any) -> Plan:
        """Every plan can be saved, and shows what its stack says."""
        folder = str(self.folder / ".ecsplan")
        plan = engine.plan(self.load(text), self.api, PlanOptions(**{"state_dir": folder, **options}))
        engine.load_plan(engine.save_plan(plan))
        return plan

    def apply(self, what: str | Stack | Plan, **options: Any) -> Report:
        """Carries it out as a person who said yes; every step must end well."""
        report = self.try_apply(what, **options)
        assert report.is_complete, [o for o in report.outcomes if o.status.value != "done"]
        return report

    def try_apply(self, what: str | Stack | Plan, **options: Any) -> Report:
        plan = what if isinstance(what, Plan) else self.plan(what)
        given = {"approved": True, "allow_destroy": 1000} | options
        return engine.apply(
            plan, self.api, ApplyOptions(state_dir=str(self.folder / ".ecsplan"), environ=self.environ, **given)
        )

    def settled(self, text: str | Stack) -> Stack:
        """Applies a stack and sees that nothing is left to do."""
        stack = self.load(text)
        self.apply(stack)
        self.assert_settled(stack)
        return stack

    def assert_settled(self, text: str | Stack, *, records: bool = False) -> None:
        """Nothing is left to do; with `records`, but to bring the record of what was applied up to date."""
        plan = self.plan(text)
        assert plan.is_empty and (records or not plan.steps), shown(plan)

    def destroy(self, text: str | Stack) -> None:
        self.apply(self.plan(text, destroy=True))
        assert self.left() == []

    # Behind its back

    def call(self, operation: str, product: Product = Product.ECS, **params: Any) -> Mapping[str, Any]:
        """A call that somebody else makes."""
        return self.api.send(Request(operation, params, product, write=not operation.startswith(READS)))

    def things(self, kind: str) -> list[Thing]:
        return list(self.service.account.in_region(kind, "cn-hangzhou"))

    def thing(self, kind: str, name: str) -> Thing:
        """The one object whose name is `name`."""
        fields = {"instance": "InstanceName", "disk": "DiskName", "vswitch": "VSwitchName", "vpc": "VpcName",
                  "securitygroup": "SecurityGroupName", "eip": "Name", "keypair": "KeyName",
                  "snapshotpolicy": "AutoSnapshotPolicyName"}  # fmt: skip
        found = [thing for thing in self.things(kind) if thing.get(fields[kind]) == name]
        assert len(found) == 1, f"{len(found)} of {kind} {name}"
        return found[0]

    def instance(self, name: str = "demo-web") -> Thing:
        return self.thing("instance", name)

    def disks(self, instance: Thing, type_: str = "data") -> dict[str, Thing]:
        return {
            disk["DiskName"]: disk
            for disk in self.service.account.where("disk", "InstanceId", instance.id)
            if disk["Type"] == type_
        }

    def left(self) -> list[str]:
        """Everything in the account that is not its own. What was run stays in the service's history."""
        self.clock.advance(600)
        self.call("DescribeInstances")  # lets what is under way come to its end
        return [f"{thing.kind} {thing.id}" for thing in self.service.account.all()
                if thing.region == "cn-hangzhou" and thing.kind not in ("invocation", "task")]  # fmt: skip

    def writes(self) -> list[str]:
        """The operations called since `forget`, reads and the lock apart, in order."""
        return [entry["action"] for entry in self.written()]

    def changed(self) -> list[str]:
        """The writes that are more than tags."""
        return [action for action in self.writes() if "tagresources" not in action.lower()]

    def written(self, *operations: str) -> list[dict[str, Any]]:
        return [
            entry
            for entry in self.service.log.calls()
            if not entry["action"].startswith(READS)
            and LOCK not in str(entry["params"])
            and entry["params"].get("DryRun") != "true"
            and (not operations or entry["action"] in operations)
        ]

    def forget(self) -> None:
        self.service.log.reset()

    def mark(self) -> None:
        """From here on the emulator tells what happens to things."""
        self._near = self._at_rest()
        self.service.effects.mark(self.clock.now())

    def seen(self) -> Seen:
        """What happened since the mark, with everything that is under way at its end."""
        near = self._at_rest()
        return Seen.of(self.service.effects.report(self.clock.now()), self._near, near)

    def _at_rest(self) -> dict[str, set[str]]:
        self.clock.advance(600)
        self.service.lifecycle.advance(self.clock.now())
        return neighbours(self.service.account)

    def faults(self, *specs: Mapping[str, Any]) -> None:
        self.service.faults.add(specs)


def stack_of(*parts: str, **blocks: str) -> str:
    """One stack file of resource blocks, each a text of YAML."""
    return "resources:\n" + "".join(textwrap.indent(textwrap.dedent(part).strip("\n") + "\n", "  ") for part in parts)


def with_instance(*extra: str, name: str = "web", more: str = "", body: str = INSTANCE) -> str:
    """The network, and one instance with further attributes; `more` are further blocks."""
    lines = body.strip("\n") + "\n" + "".join(textwrap.dedent(part).strip("\n") + "\n" for part in extra)
    return stack_of(NETWORK, f"instance:\n  {name}:\n" + textwrap.indent(lines, "    "), more)


def changes(plan: Plan) -> dict[str, Change]:
    """What is to happen, by address; quiet ones left out. A deletion beside another change has a `-` before it."""
    found: dict[str, Change] = {}
    for change in plan.changes:
        if change.action is not Action.NOOP:
            key = str(change.address)
            found[f"-{key}" if key in found else key] = change
    return found


def the_change(plan: Plan) -> Change:
    """The only change of a plan."""
    found = changes(plan)
    assert len(found) == 1, shown(plan)
    return next(iter(found.values()))


def the_line(plan: Plan) -> AttributeChange:
    """The only line of the only change."""
    (line,) = the_change(plan).attributes
    return line


def shown(plan: Plan) -> str:
    lines = [f"{c.action.name} {c.address} {c.reason} {c.blocked}" for c in changes(plan).values()]
    lines += [f"  {c.address} {a}" for c in changes(plan).values() for a in c.attributes]
    return "\n".join(lines + [f"step {s.id}" for s in plan.steps])


def steps(plan: Plan) -> list[str]:
    """`operation address` of every step, in the plan's order; not of those that put back what is refused."""
    planned = [step for step in plan.steps if step.calls and step.id.verb != "restore"]
    return [f"{step.calls[0].operation} {step.addresses[0]}" for step in planned]


def step(plan: Plan, operation: str, address: str = "") -> Step:
    done = [s for s in plan.steps if s.question is None and s.calls and s.id.verb != "restore"]
    found = [s for s in done if s.calls[0].operation == operation and address in ("", str(s.addresses[0]))]
    assert len(found) == 1, steps(plan)
    return found[0]


def comes_before(plan: Plan, first: Step, last: Step) -> bool:
    """Whether `last` waits for `first`, by whatever way."""
    by_id = {one.id: one for one in plan.steps}
    todo, seen = list(last.comes_after), set(last.comes_after)
    while todo:
        need = todo.pop()
        if need == first.id:
            return True
        fresh = set(by_id[need].comes_after) - seen
        seen |= fresh
        todo += fresh
    return False


def address(text: str) -> Address:
    return Address.parse(text)


def without_retirement(operations: Iterable[str]) -> list[str]:
    return [operation for operation in operations if "Tag" not in operation]


__all__ = ["Cloud", "replace"]
