"""The work on one stack. It runs at most once for each number: a second execution finds the first one's
claim in the shared folder, and does nothing.
"""

import hashlib
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from ecsplan import engine
from ecsplan.engine.approving import refusals
from ecsplan.engine.policy_files import Asking
from ecsplan.files.own import private_folder, write_own
from ecsplan.fleet.order import BUSY, CHANGES, DONE, ERROR, LOST, MOVED, PARTLY, PLANNED, REFUSED, Done, FleetWork
from ecsplan.model.call import Api, ApiError, ShortRead
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Locked, Refused, Rejected
from ecsplan.model.plan import Plan
from ecsplan.model.ruling import Ruling
from ecsplan.model.stack import Stack
from ecsplan.render.drift import drift_text, drift_view
from ecsplan.render.report import report_text, report_view
from ecsplan.render.text import plan_text
from ecsplan.render.view import view

_STATUSES = {"done": DONE, "partly": PARTLY}
STORE_OF = "ECSPLAN_STORE"


class StackOrder(Struct, frozen=True):
    """What holds for the whole fleet. `shared` is a folder that all machines see; no secret is in here.

    `applying` is None where nothing is applied; its environment is that of each worker. `store` is a URL, or STORE_OF
    where it stands in the environment of each worker, since it has a password.
    """

    run: str
    shared: str
    loading: Mapping[str, Any]
    planning: engine.PlanOptions = field(default_factory=engine.PlanOptions)
    applying: engine.ApplyOptions | None = None
    store: str = ""
    endpoint: str | None = None
    profile: str | None = None
    parallelism: int = 4


def work(order: StackOrder, task: FleetWork) -> Done:
    """Never raises for what a person or the cloud can cause: a fault of one stack is its own."""
    began = time.monotonic()
    if not _claimed(order, task):
        return Done(task.path, LOST, worker=socket.gethostname())
    try:
        outcome, text, digest = _done(order, task)
    except Refused as error:
        told = "\n".join(str(one) for one in error.diagnostics)
        outcome, text, digest = (BUSY if isinstance(error, Locked) else REFUSED), f"refused: {told}\n", ""
    except Rejected as error:
        outcome, text, digest = ERROR, "".join(f"error: {one}\n" for one in error.diagnostics), ""
    except ShortRead as error:  # others make and delete things: it is read again when they may be done
        outcome, text, digest = MOVED, f"{error}\n", ""
    except (ApiError, OSError, ValueError) as error:
        outcome, text, digest = ERROR, f"error: {type(error).__name__}: {error}\n", ""
    where = f"{socket.gethostname()}:{os.getpid()}"
    return Done(task.path, outcome, text, digest, where, time.monotonic() - began)


def home(order: StackOrder, path: str) -> Path:
    """Where the plan and the journal of a stack lie, on whatever machine it is worked on."""
    name = f"{Path(path).name[:40]}-{hashlib.sha256(os.path.abspath(path).encode()).hexdigest()[:12]}"
    return Path(order.shared) / "fleet" / name


def _claimed(order: StackOrder, task: FleetWork) -> bool:
    folder = home(order, task.path) / "claims"
    folder.mkdir(parents=True, exist_ok=True)
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    try:
        os.close(os.open(folder / f"{order.run}-{task.step}-{task.number}", flags, 0o600))
    except FileExistsError:
        return False
    return True


def _done(order: StackOrder, task: FleetWork) -> tuple[int | str, str, str]:
    stack = engine.load(task.path, environ=os.environ, **order.loading)
    api = engine.connect(
        stack.region, endpoint=order.endpoint, profile=order.profile, environ=os.environ,
        parallelism=order.parallelism,
    )  # fmt: skip
    folder = home(order, task.path)
    private_folder(folder)
    if task.step == "drift":
        found = drift_view(engine.drift(stack, api, order.planning, state_dir=str(folder / "journal")))
        return (CHANGES if found.findings else DONE), drift_text(found), ""
    if task.step == "plan":
        return _planned(order, task, stack, api, folder)
    return _applied(order, task, stack, api, folder)


def _planned(order: StackOrder, task: FleetWork, stack: Stack, api: Api, folder: Path) -> tuple[int | str, str, str]:
    asked = replace(order.planning, state_dir=str(folder / "journal"), store=_store(order) or None)
    plan = engine.plan(stack, api, asked)
    text = plan_text(view(plan))
    if order.applying is None:
        return (DONE if plan.is_empty else CHANGES), text, plan.digest
    if plan.is_empty and not plan.steps:
        return DONE, text, plan.digest
    guards = engine.blocked(plan, _options(order, order.applying, folder))
    if guards:
        raise Refused([guard.diagnostic for guard in guards])
    _ruled(plan, task)
    write_own(folder / "plan.json", engine.save_plan(plan))
    return PLANNED, text, plan.digest


def _applied(order: StackOrder, task: FleetWork, stack: Stack, api: Api, folder: Path) -> tuple[int | str, str, str]:
    """The plan whose digest the task names, and no other."""
    assert order.applying is not None
    plan: Plan = engine.load_plan((folder / "plan.json").read_text(encoding="utf-8"))
    if plan.digest != task.digest:
        raise ValueError("the saved plan is another one than was handed out")
    plan = engine.bound(plan, stack, order.planning)
    found = _ruled(plan, task)
    signers = tuple(sorted({one.signer for one in found.approvals if not one.trouble}))
    options = replace(_options(order, order.applying, folder), approvals=signers, watched_tags=found.tags)
    report = engine.apply(plan, api, options)
    done = report_view(report)
    return _STATUSES.get(done.status, ERROR), report_text(done), plan.digest


def _ruled(plan: Plan, task: FleetWork) -> Ruling:
    """What the policy beside the stack says. Raises Refused."""
    found = engine.ruling(plan, Asking(Path(task.path), time.time()))
    if not found.is_met:
        raise Refused(refusals(found))
    return found


def _options(order: StackOrder, asked: engine.ApplyOptions, folder: Path) -> engine.ApplyOptions:
    return replace(
        asked, state_dir=str(folder / "journal"), store=_store(order), environ=os.environ,
        parallelism=order.parallelism,
    )  # fmt: skip


def _store(order: StackOrder) -> str:
    """Where the run is recorded; for a URL with a password the worker's own word."""
    if order.store != STORE_OF:
        return order.store
    if STORE_OF not in os.environ:
        raise ValueError(f"set {STORE_OF} on the machine of this worker, as it is where the fleet was started")
    return os.environ[STORE_OF]
