"""The answer of a create is lost, with and without a ClientToken, and what it made is seen late: never a second one."""

import ast
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import ecsplan.kinds
from ecsplan import engine
from tests.survival.sizes import Tally, chosen
from tests.survival.stacks import ALONE_IN_AN_EXAMPLE, BY_NAME, Scenario
from tests.survival.test_crash import LEASE, MODES, before, what
from tests.survival.test_single_faults import actions
from tests.survival.world import Boundary, Death, World

SCENARIOS = (
    *("create shop", "create group", "scale up", "data disks", "replace group", "backups", "convert"),
    *(f"create {kind}" for kind in ALONE_IN_AN_EXAMPLE),
)
CREATES = ("Create", "Run", "Import", "Allocate", "Copy", "Convert")
A_MOMENT = 60.0
READS_UNSEEN = (0, 1, 2, 5, 9)
UNLISTED = -1  # reads by id show it at once, lists only after some seconds
LISTED_AFTER = 6.0


OF_EXAMPLES, OF_OTHERS = 6, 20  # cases of each example of a kind, and of each of the other scenarios


@dataclass(frozen=True, slots=True)
class Case:
    scenario: Scenario
    action: str
    time: int
    unseen: int
    mode: str  # "lives" or one of MODES: how it goes on after it died

    def __str__(self) -> str:
        unseen = f"unseen for {self.unseen} reads" if self.unseen != UNLISTED else "seen by its id, and not in lists"
        return f"[{self.scenario}] {self.action} time {self.time}, {unseen}, {self.mode}"


def cases(scenario: Scenario) -> list[Case]:
    return [
        Case(scenario, action, time, unseen, mode)
        for action, count in actions(scenario).items()
        if action.startswith(CREATES)
        for time in range(1, count + 1)
        for unseen in (*READS_UNSEEN, UNLISTED)
        for mode in ("lives", *MODES)
        if mode != "elsewhere" or unseen == 0  # without a journal nothing but time tells; that is in test_lying_reads
    ]


@cache
def calls(scenario: Scenario, mode: str) -> tuple[str, ...]:
    """The calls of an apply to which nothing happens."""
    with World.of(before(scenario), seed=1) as world:
        return world.apply(what(world, scenario, mode)).actions


def place_of(case: Case) -> int:
    """The number of the call that is to be lost."""
    made = calls(case.scenario, case.mode)
    hits = [number for number, action in enumerate(made, 1) if action == case.action]
    return hits[min(case.time, len(hits)) - 1]


def problems(case: Case) -> list[str]:
    scenario = case.scenario
    with World.of(before(scenario), seed=1) as world:
        selected = {"action": case.action, "nth": case.time}
        if case.unseen == UNLISTED:
            world.service.settings.change({"lag": {"lists": LISTED_AFTER}})
        elif case.unseen:
            world.faults({"fault": "not_visible_for", "reads": case.unseen, **selected})
        applied = what(world, scenario, case.mode)
        if case.mode == "lives":
            world.faults({"fault": "drop_after_commit", **selected})
            run = world.apply(applied)
        else:
            first = world.apply(applied, death=Death(place_of(case), Boundary.COMMITTED))
            if not first.died:
                return [f"did not die: {first}"]
            if case.mode == "elsewhere":
                world.forget_journals()
                world.wait(LEASE)
            run = world.apply(applied)
            for _ in range(3):  # what is unseen for so long that two lists disagree is not planned on
                if "plan again in a moment" in str(run.error):
                    world.wait(A_MOMENT)
                    run = world.apply(applied)
        if run.is_complete:
            world.check_settled(scenario.then)
        else:
            world.watch.say(f"did not converge: {run}")
        return world.watch.violations


@pytest.mark.parametrize("name", SCENARIOS)
def test_lost_answers(name: str, sweep: Callable[[str], AbstractContextManager[Tally]]) -> None:
    found = cases(BY_NAME[name])
    is_example = name.removeprefix("create ") in engine.kinds()  # what it is made in is that of the others, too
    with sweep("lost answers") as tally:
        for case in chosen(found, OF_EXAMPLES if is_example else OF_OTHERS, seed=len(name)):
            tally.add(case, problems(case))


def operations_that_make() -> dict[str, str]:
    """Every operation with which a kind makes something, as the sources name it, and where.

    That is the first argument of a `Create`, and of a `Call` that says what it creates or whose name says so.
    """
    return {
        operation: path.name
        for path in sorted(Path(ecsplan.kinds.__file__).parent.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        for operation in _made_by(node.func.id, node)
    }


def _made_by(name: str, node: ast.Call) -> Iterator[str]:
    first = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "operation"), None)
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return
    says_so = first.value.startswith(CREATES) or any(keyword.arg == "creates" for keyword in node.keywords)
    if name == "Create" or (name == "Call" and says_so):
        yield first.value


def test_every_operation_that_makes_something_is_in_the_sweep() -> None:
    """A new one needs a scenario of its own, or a place in one: else nobody knows what a lost answer of it does."""
    swept = {action for name in SCENARIOS for action in actions(BY_NAME[name])}
    missing = {operation: place for operation, place in operations_that_make().items() if operation not in swept}
    assert not missing
    assert {"CreateDisk", "CopyImage", "RunInstances", "ImportKeyPair"} <= operations_that_make().keys()
    assert all(operation.startswith(CREATES) for operation in operations_that_make())


def test_every_kind_is_made_in_the_sweep() -> None:
    made = {
        resource.address.kind
        for name in SCENARIOS
        for resource in BY_NAME[name].then.resources
        if BY_NAME[name].first is None or resource.address not in BY_NAME[name].first.by_address()  # type: ignore[union-attr]
    }
    assert made == set(engine.kinds())
