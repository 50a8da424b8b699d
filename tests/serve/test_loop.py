"""The loop over a real repository and the emulated cloud: order, what is applied, drift, approvals, kills."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("prometheus_client", reason="the extra server is not installed")

from ecsplan import engine
from ecsplan.cli.main import main
from ecsplan.serve.loop import Loop
from tests.serve.world import NET, WEB, World, until, world_in

FILES = {"stacks/web/stack.yaml": WEB, "stacks/net/stack.yaml": NET}
N, W = "stacks/net", "stacks/web"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as made:
        made.commit(FILES)
        yield made


def settled(loop: Loop, *statuses: str, path: str = W) -> None:
    until(lambda: path in loop.state.stacks and loop.state.stacks[path].status in statuses)


def again(loop: Loop, *paths: str) -> None:
    """Runs stacks once more, and waits for their ends."""
    before = {path: loop.state.stacks[path].rounds for path in paths}
    loop.ask(*paths)
    until(lambda: all(loop.state.stacks[path].rounds > count for path, count in before.items()))


def test_stacks_are_applied_in_the_order_of_their_references_and_then_in_sync(world: World) -> None:
    with world.looping() as loop:
        settled(loop, "applied")
        assert loop.state.stacks[N].status == "applied" and loop.state.stacks[W].needs == (N,)
        again(loop, N, W)
        assert {one.status for one in loop.state.stacks.values()} == {"in_sync"}
        runs = [(run.path, run.outcome) for run in reversed(loop._tools.book.runs())]
        assert runs[:2] == [(N, "applied"), (W, "applied")] and len(world.groups()) == 1
        assert b'ecsplan_runs_total{outcome="applied",stack="stacks/web"} 1.0' in loop._tools.metrics.text(loop.state)


def test_drift_is_reported_or_mended_by_its_class(world: World) -> None:
    with world.looping() as loop:
        settled(loop, "applied")
        world.open_outside(22)
        again(loop, W)
        assert loop.state.stacks[W].status == "drifted" and "changed outside" in loop.state.stacks[W].summary
    world.rule["revert"] = ["update", "access_closed"]
    with world.looping() as loop:
        again(loop, W)
        assert loop.state.stacks[W].status == "applied"
        again(loop, W)
        assert loop.state.stacks[W].status == "in_sync"


def test_a_push_is_followed_at_once_and_a_rewound_branch_is_not(world: World) -> None:
    with world.looping() as loop:
        settled(loop, "applied")
        first = loop.state.commit
        world.commit({"stacks/web/stack.yaml": WEB.replace("ports: 443", "ports: 8443")})
        loop.look()
        until(lambda: loop.state.commit != first)
        settled(loop, "applied")
        second = loop.state.commit
        world.git("reset", "-q", "--hard", "HEAD~1")
        loop.look()
        until(lambda: bool(loop.state.problem))
        assert loop.state.commit == second and "rewound" in loop.state.problem


def sign(loop: Loop, plan: Path, key: Path, *options: str, path: str = N) -> None:
    """As somebody does who downloaded the plan, and pastes both files into the page."""
    assert main(["approve", str(plan), "--key", str(key), "--any-commit", *options]) == 0
    (statement,) = plan.with_name("plan.json.approvals").glob("*.json")
    signature = statement.with_name(f"{statement.name}.sig")
    loop._tools.book.approve(path, statement.read_text(), signature.read_text(), 0.0)
    statement.unlink()
    signature.unlink()


def with_signer(world: World, tmp_path: Path) -> None:
    """A policy by which every change wants the signature of Alice."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "alice")], check=True)
    key = (tmp_path / "alice.pub").read_text(encoding="utf-8")
    policy = (
        "apiVersion: ecsplan/v1\nkind: Policy\nsigners: allowed_signers\n"
        "rules:\n  - {name: all, classes: [all], then: {approvals: 1}}\n"
    )
    world.commit({
        "ecsplan.policy.yaml": policy, "allowed_signers": f'alice@example.com namespaces="ecsplan-approval@v1" {key}',
    })  # fmt: skip


def test_what_the_rule_does_not_allow_waits_for_a_signature_of_the_policy(world: World, tmp_path: Path) -> None:
    with_signer(world, tmp_path)
    world.rule = {"apply": [], "revert": []}
    with world.looping() as loop:
        settled(loop, "pending", path=N)
        plan = tmp_path / "plan.json"
        plan.write_text(loop._tools.book.plan(N), encoding="utf-8")
        assert loop.state.stacks[N].digest
        sign(loop, plan, tmp_path / "alice", "--class", "update")
        again(loop, N)
        assert loop.state.stacks[N].status == "pending"  # a creation was not signed
        sign(loop, plan, tmp_path / "alice")
        again(loop, N)
        assert loop.state.stacks[N].status == "applied"


def test_drift_that_the_rule_keeps_is_put_back_by_a_signature_and_never_without(world: World, tmp_path: Path) -> None:
    with world.looping() as loop:
        settled(loop, "applied")
    with_signer(world, tmp_path)
    world.open_outside(22)
    with world.looping() as loop:
        again(loop, W)
        drifted = loop.state.stacks[W]
        assert (drifted.status, len(world.rules())) == ("drifted", 2)
        plan = tmp_path / "plan.json"
        plan.write_text(loop._tools.book.plan(W), encoding="utf-8")
        assert drifted.digest and engine.load_plan(plan.read_text(encoding="utf-8")).digest == drifted.digest
        sign(loop, plan, tmp_path / "alice", "--class", "create", path=W)
        again(loop, W)
        assert (loop.state.stacks[W].status, len(world.rules())) == ("drifted", 2)  # another class was signed
        sign(loop, plan, tmp_path / "alice", path=W)
        world.open_outside(23)
        again(loop, W)
        assert (loop.state.stacks[W].status, len(world.rules())) == ("drifted", 3)  # other drift than was signed
        plan.write_text(loop._tools.book.plan(W), encoding="utf-8")
        sign(loop, plan, tmp_path / "alice", path=W)
        again(loop, W)
        assert (loop.state.stacks[W].status, len(world.rules())) == ("applied", 1)
        again(loop, W)
        assert (loop.state.stacks[W].status, loop.state.stacks[W].digest) == ("in_sync", "")


def test_a_suspended_stack_rests_and_a_broken_one_fails_alone(world: World) -> None:
    world.commit({"stacks/broken/stack.yaml": NET.replace("cidr_block", "cidr_blok").replace("net", "broken")})
    with world.looping(stacks={W: {"suspend": True}}) as loop:
        settled(loop, "refused", path="stacks/broken")
        assert loop.state.stacks["stacks/broken"].summary.startswith("stacks/broken/stack.yaml:5:")
        settled(loop, "applied", path=N)
        assert loop.state.stacks[W].is_suspended and loop.state.stacks[W].status == "new"
        loop.suspend(W, False)
        settled(loop, "applied")


def test_after_a_kill_the_loop_goes_on_where_it_was_and_doubles_nothing(world: World) -> None:
    with world.looping() as loop:
        settled(loop, "applied")
    book = world.tools().book
    book.begin(W, book.commit(), 0.0)  # what is there of a loop that was killed while W ran
    with world.looping() as loop:
        settled(loop, "in_sync")
        outcomes = [(run.path, run.outcome, run.summary) for run in loop._tools.book.runs(W)]
        assert (W, "failed", "the loop was killed while it ran") in outcomes and len(world.groups()) == 1
