"""Answers of another shape than documented: a plain error that names the action, or read as if nothing was odd.

Never a traceback, and never a plan that takes a broken answer for an empty cloud. Every member of every answer that a
plan reads is left out, emptied, or given a value of another type.
"""

import copy
import json
import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.api.shapes import fitted
from ecsplan.model.call import ApiError, ErrorClass, Request
from ecsplan.model.change import Action
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.plan import Plan
from tests.kinds.cloud import KINDS, NETWORK, Cloud, stack_of

STACK = stack_of(
    NETWORK.replace("web: {vpc: main}", "web: {vpc: main, ingress: [{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]}")
    + """
key_pair:
  ops: {public_key: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC6 ops@desk"}
auto_snapshot_policy:
  nightly: {hours: [2], weekdays: [1], retention_days: 7}
instance:
  web:
    instance_type: ecs.g7.large
    image: ubuntu_22_04_x64_20G_alibase_20260522.vhd
    vswitch: app
    security_groups: [web]
    key_pair: ops
    system_disk: {category: cloud_essd, size: 40}
    data_disks: {logs: {category: cloud_essd, size: 20}}
    charge_type: PrePaid
    period: 1
    renewal: {status: AutoRenewal, period: 1}
    metadata: {tokens: required}
    tags: {team: web}
disk:
  data: {zone: cn-hangzhou-h, category: cloud_essd, size: 40, snapshot_policy: nightly, instance: web}
network_interface:
  side: {vswitch: app, security_groups: [web]}
eip:
  front: {bandwidth: 5, instance: web}
snapshot:
  before: {disk: data}
"""
)
ODD = (None, 7, "²", "", [7], {}, [], "1,2", {"odd": 1}, True)
GONE = object()
Path = tuple[Any, ...]


@dataclass
class Replay:
    """Answers as a recorded account did, one member of one action changed; then fitted, as the client does it."""

    answers: Mapping[str, Mapping[str, Any]]
    region: str = "cn-hangzhou"
    odd: tuple[str, Path, Any] | None = None
    calls: int = 0
    unknown: list[str] = field(default_factory=list)

    def send(self, request: Request) -> Mapping[str, Any]:
        if request.params.get("DryRun"):
            raise ApiError(request.operation, "DryRunOperation", "", error_class=ErrorClass.DRY_RUN)
        found = self.answers.get(key_of(request), {"RequestId": "r", "TotalCount": 0})
        answer = copy.deepcopy(found)
        if self.odd is not None and self.odd[0] == request.operation:
            put(answer, self.odd[1], self.odd[2])
        return fitted(request.operation, answer)


def key_of(request: Request) -> str:
    params = {name: value for name, value in request.params.items() if value is not None}
    return f"{request.operation} {json.dumps(params, sort_keys=True, default=list)}"


def put(answer: Any, path: Path, value: Any) -> None:
    """Sets one member, where the answer has it; GONE takes it out."""
    for step in path[:-1]:
        try:
            answer = answer[step]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(answer, dict) and path[-1] in answer:
        if value is GONE:
            del answer[path[-1]]
        else:
            answer[path[-1]] = copy.deepcopy(value)
    elif isinstance(answer, list) and isinstance(path[-1], int) and path[-1] < len(answer) and value is not GONE:
        answer[path[-1]] = copy.deepcopy(value)


def paths(value: Any, before: Path = ()) -> Iterator[Path]:
    """Every member; of a list the first two items."""
    steps = list(value.items()) if isinstance(value, dict) else list(enumerate(value))[:2]
    for step, member in steps:
        yield (*before, step)
        if isinstance(member, dict | list):
            yield from paths(member, (*before, step))


class Recorder:
    """Stands before the client and keeps every answer."""

    def __init__(self, cloud: Cloud) -> None:
        self.api, self.region = cloud.api, cloud.api.region
        self.answers: dict[str, Mapping[str, Any]] = {}

    def send(self, request: Request) -> Mapping[str, Any]:
        answer = self.api.send(request)
        self.answers[key_of(request)] = copy.deepcopy(answer)
        return answer


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Mapping[str, Mapping[str, Any]]]]:
    cloud = Cloud(tmp_path_factory.mktemp("odd"))
    stack = cloud.load(STACK)
    cloud.apply(stack)
    recorder = Recorder(cloud)
    assert engine.plan(stack, recorder).is_empty
    yield stack, recorder.answers
    cloud.service.close()


def planned(stack: Any, replay: Replay) -> Plan | str:
    """The plan, or the words of a plain error; anything else goes up."""
    try:
        return engine.plan(stack, replay)
    except ApiError as error:
        assert error.operation in str(error) and error.message
        return str(error)
    except (Rejected, Refused) as error:
        return error.diagnostics[0].summary


def cases(answers: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, Path, Any]]:
    found = {}
    for key, answer in answers.items():
        for path in paths(answer):
            found[key.partition(" ")[0], path] = None
    return [(operation, path, value) for operation, path in found for value in (*ODD, GONE)]


def test_the_recorded_account_is_as_the_stack_says(world: Any) -> None:
    stack, answers = world
    plan = planned(stack, Replay(answers))
    assert isinstance(plan, Plan) and plan.is_empty
    assert len(cases(answers)) > 3000


@pytest.mark.door("shape of an answer")
@pytest.mark.parametrize("part", range(4))
def test_no_odd_member_of_any_answer_ends_in_a_traceback(world: Any, part: int) -> None:
    """A sample of all members and all odd values; with ECSPLAN_ALL_ODD, all of them."""

    stack, answers = world
    chosen = cases(answers)
    random.Random(part).shuffle(chosen)
    size = len(chosen) if os.environ.get("ECSPLAN_ALL_ODD") else 40
    broken = []
    for odd in chosen[part::4][:size]:
        try:
            planned(stack, Replay(answers, odd=odd))
        except Exception as error:  # noqa: BLE001
            broken.append((odd[0], ".".join(map(str, odd[1])), odd[2], repr(error)[:100]))
    assert broken == []


LISTS = [(kind.listing.operation, kind.listing.items) for kind in KINDS.values()]


@pytest.mark.door("shape of an answer")
@pytest.mark.parametrize(("operation", "items"), LISTS)
@pytest.mark.parametrize("value", [7, "²", [7], {"odd": 1}, [{}], [None], True])
def test_a_broken_list_is_never_taken_for_an_empty_one(world: Any, operation: str, items: str, value: Any) -> None:
    stack, answers = world
    path = tuple(items.split("."))
    for place in (path, path[:1]):
        plan = planned(stack, Replay(answers, odd=(operation, place, value)))
        if isinstance(plan, Plan):
            assert not [change for change in plan.changes if change.action is Action.CREATE]


def test_a_changed_copy_leaves_the_recorded_answer_alone(world: Any) -> None:
    stack, answers = world
    before = json.dumps(answers, sort_keys=True)
    planned(replace(stack), Replay(answers, odd=("DescribeVpcs", ("Vpcs",), 7)))
    assert json.dumps(answers, sort_keys=True) == before
