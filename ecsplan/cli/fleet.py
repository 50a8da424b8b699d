"""`--on dask://HOST:PORT`: the stacks of plan, drift and apply on the machines of a dask.distributed cluster."""

import os
import time
import uuid
from collections.abc import Mapping
from queue import Empty, Queue
from typing import Any
from urllib.parse import urlsplit

import click

from ecsplan.cli.asked import apply_options, plan_options
from ecsplan.cli.options import Given
from ecsplan.cli.output import result, say
from ecsplan.cli.why import stack_options
from ecsplan.fleet.order import LOST, MOVED, Done, Fleet, FleetWork
from ecsplan.fleet.work import STORE_OF, StackOrder, work
from ecsplan.model.copying import replace

_SCHEMES = {"dask://": "tcp://", "dask+tls://": "tls://"}
WORDS = {0: "done", 1: "failed", 2: "changes", 3: "refused", 4: "applied in part"}


def on_cluster(given: Given, command: str, needs: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Each stack's exit status. Results are printed as they come."""
    refuse_what_workers_do_not_take()
    on = given.on or ""
    address = next((to + on[len(of) :] for of, to in _SCHEMES.items() if on.startswith(of)), "")
    if not address:
        raise click.UsageError(f"--on {given.on}: write dask://HOST:PORT, or dask+tls://HOST:PORT")
    if command == "apply" and not given.auto_approve:
        raise click.UsageError(
            "--on asks for no confirmation: give --auto-approve; the guards and the policy still apply"
        )
    if given.emulator:
        raise click.UsageError("--emulator is inside of this process: give --endpoint, which the workers reach")
    try:
        import distributed
    except ImportError:
        raise click.ClickException("--on needs more packages: pip install 'ecsplan[fleet]'") from None
    paths = {os.path.abspath(path): path for path in needs}
    fleet = Fleet.of(command, {os.path.abspath(p): tuple(map(os.path.abspath, of)) for p, of in needs.items()})
    try:
        client: Any = distributed.Client(address, timeout="20s", set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TypeError, ValueError) as error:
        raise click.ClickException(f"cannot reach the cluster at {given.on}: {type(error).__name__}") from None
    with client, client.as_current():
        return _run(client, fleet, _order(given, command), paths)


def _order(given: Given, command: str) -> StackOrder:
    loading = {**stack_options(given)}
    del loading["environ"]  # each worker has its own
    applying = replace(apply_options(given, approved=False), environ={}) if command == "apply" else None
    return StackOrder(
        uuid.uuid4().hex[:12], os.path.abspath(".ecsplan"), loading, plan_options(given), applying, _store(given.store),
        given.endpoint, given.profile, min(given.parallelism, 10),
    )  # fmt: skip


def _store(url: str) -> str:
    """As workers in other folders find it; never with a password, which each has in its own environment. Where none is
    named, each stack has a file of its own, which `history` reads too: many write at once.
    """
    parts = urlsplit(url)
    if parts.password:
        return STORE_OF
    return f"sqlite:///{os.path.abspath(parts.path[1:])}" if parts.scheme == "sqlite" else url


_TAKEN = frozenset((
    "paths", "every", "on", "auto_approve", "allow", "allow_destroy", "deny", "only", "on_drift", "targets", "excludes",
    "replaces", "destroy", "refresh", "strict_absence", "preflight", "price", "parallelism", "lock_timeout", "store",
    "overlays", "variables", "var_files", "environment", "region", "allow_paths", "profile", "endpoint", "emulator",
    "detailed_exitcode", "no_color",
))  # fmt: skip


def refuse_what_workers_do_not_take() -> None:
    """An option that was passed over would be a guard that does not hold, or a question that nobody answers."""
    context = click.get_current_context()
    for option in context.command.params:
        name = option.name or ""
        said = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if said and name not in _TAKEN:
            raise click.UsageError(f"--on does not take {option.opts[-1]}: run without --on for it, stack by stack")


def _run(client: Any, fleet: Fleet, order: StackOrder, paths: Mapping[str, str]) -> dict[str, int]:
    running: dict[Any, FleetWork] = {}
    ended: Queue[Any] = Queue()
    while not fleet.is_over:
        for path in fleet.left_out():
            say(f"{paths[path]}: not tried: a stack that it refers to did not end well")
            fleet = fleet.without(path)
        for task in fleet.ready(time.monotonic()):
            key = f"ecsplan-{order.run}-{task.number}-{task.step}-{uuid.uuid4().hex[:8]}"
            future = client.submit(work, order, task, key=key, pure=False, retries=0)
            running[future] = task
            future.add_done_callback(ended.put)
            fleet = fleet.given(task)
        for future in _taken(ended, min(fleet.wake(time.monotonic()), 1.0)):
            task = running.pop(future)
            done = _ended(future, task)
            _show(done, task, paths[task.path])
            fleet = fleet.ended(done, time.monotonic())
    return {paths[path]: int(one.ended or 0) for path, one in fleet.stacks.items()}


def _taken(ended: "Queue[Any]", seconds: float) -> list[Any]:
    """What has ended; waits for the first."""
    try:
        return [ended.get(timeout=seconds), *(ended.get_nowait() for _ in range(ended.qsize()))]
    except Empty:
        return []


def _ended(future: Any, task: FleetWork) -> Done:
    """A worker that died takes its task with it; whatever else the cluster raises is told as that too."""
    error = future.exception()
    if error is None:
        found: Done = future.result()
        return found
    return Done(task.path, LOST, f"{type(error).__name__}\n")


def _show(done: Done, task: FleetWork, path: str) -> None:
    if isinstance(done.outcome, int):
        where = f"{done.worker}, {done.seconds:.1f} s"
        result(f"── {path} ── {task.step} on {where}: {WORDS.get(done.outcome, 'failed')}\n\n{done.text}\n")
    elif done.outcome == LOST:
        say(f"{path}: the worker was lost: handed out again")
    elif done.outcome == MOVED:
        say(f"{path}: {done.text.strip()}: handed out again after a pause")
    else:
        say(f"{path}: {done.outcome}")
