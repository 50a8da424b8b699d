"""One run of one stack: planned, and applied as far as its rule and its approvals allow. Called in a thread.

What the rule does not allow waits: its plan is saved, and its page is written, until a signature of the policy covers
it.
"""

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag
from typing import Any

import msgspec
from msgspec import Struct

from ecsplan import engine
from ecsplan.engine.facts import facts_of
from ecsplan.engine.notifying import read_channels
from ecsplan.engine.policy_files import Asking
from ecsplan.files.own import private_folder, write_own
from ecsplan.model.call import Api, ApiError
from ecsplan.model.change import Cause
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Locked, Refused, Rejected
from ecsplan.model.drift import Drift
from ecsplan.model.notice import Notice
from ecsplan.model.plan import Plan
from ecsplan.model.ruling import Ruling
from ecsplan.model.stack import Stack
from ecsplan.render.drift import drift_view
from ecsplan.render.notice import approval_notice, drift_notice, failure_notice, report_notice
from ecsplan.render.report import conclusion, report_view
from ecsplan.render.text import totals
from ecsplan.render.view import view
from ecsplan.serve.book import Book
from ecsplan.serve.settings import Rule, Settings
from ecsplan.serve.traces import RunTrace

_ASKED = (Cause.PENDING, Cause.BOTH)


@dataclass
class Stop:
    """The engine asks `requested` before each call."""

    requested: Flag = field(default_factory=Flag)


class Result(Struct, frozen=True):
    """`outcome` is one of core.FINAL; `resources` how many live ones were read; `changes` by their action."""

    outcome: str
    summary: str = ""
    digest: str = ""
    drift: int = 0
    changes: Mapping[str, int] = msgspec.field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


class Task(Struct, frozen=True):
    """`folder` is the checkout of the commit; `events` hears what an apply does while it goes on."""

    path: str
    folder: Path
    may_apply: bool
    stop: Stop
    events: Callable[[Mapping[str, Any]], None]
    trace: RunTrace = msgspec.field(default_factory=RunTrace)


class Runner:
    """Shared by the threads; it holds no state but its settings. `store` is the URL of the store of runs."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], book: Book, store: str) -> None:
        self.settings, self._environ, self._book, self._store = settings, environ, book, store
        self._home = Path(settings.state)

    def home(self, path: str) -> Path:
        """Where the journal, the waiting plan and its approvals of a stack lie, whatever commit is checked out."""
        return self._home / "stacks" / f"{path.replace('/', '_')[:60]}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"

    def planfile(self, path: str) -> Path:
        return self.home(path) / "plan.json"

    def __call__(self, task: Task) -> Result:
        link = f"{self.settings.public}/stacks/{task.path}" if self.settings.public else ""
        try:
            return self._run(task, link)
        except Refused as error:
            told = [one.summary for one in error.diagnostics]
            if isinstance(error, Locked):
                return Result("busy", told[0])
            return Result("refused", "; ".join(told), notices=(failure_notice(task.path, "", told, link),))
        except Rejected as error:
            told = [f"{one.source}: {one.summary}" if one.source else one.summary for one in error.diagnostics]
            told = [text.replace(f"{task.folder}{os.sep}", "") for text in told]
            return Result("refused", "; ".join(told[:5]), notices=(failure_notice(task.path, "", told, link),))
        except (ApiError, OSError, ValueError) as error:
            told = [f"{type(error).__name__}: {error}"]
            return Result("failed", told[0][:500], notices=(failure_notice(task.path, "", told, link),))

    def _run(self, task: Task, link: str) -> Result:
        stack = engine.load(str(task.folder / task.path), environ=self._environ)
        api = engine.connect(
            stack.region, endpoint=self.settings.endpoint or None, environ=self._environ, parallelism=4,
            log=task.trace.call,
        )  # fmt: skip
        with task.trace.span(f"stack {stack.name}", **{"ecsplan.stack": stack.name, "cloud.region": stack.region}):
            return self._compared(task, link, stack, api)

    def _compared(self, task: Task, link: str, stack: Stack, api: Api) -> Result:
        home = self.home(task.path)
        private_folder(home)
        rule, journals = self.settings.rule_of(task.path), str(home / "journal")
        self._book.lay_out(task.path, self.planfile(task.path))
        drift = engine.drift(stack, api, engine.PlanOptions(store=self._store), state_dir=journals)
        options = engine.PlanOptions(state_dir=journals, on_drift="revert", store=self._store)
        plan = engine.plan(stack, api, options)
        notices = [drift_notice(drift_view(drift), link)]
        may_revert = self._may_revert(plan, drift, rule) or self._puts_back_what_is_signed(plan, task, drift)
        reverting = plan if drift.findings and not may_revert else None
        if reverting:
            plan = engine.plan(stack, api, replace(options, on_drift="keep"))
        return self._carried_out(task, stack, api, plan, drift, reverting, notices, link)

    def _carried_out(
        self, task: Task, stack: Stack, api: Api, plan: Plan, drift: Drift, reverting: Plan | None,
        notices: list[Notice | None], link: str,
    ) -> Result:  # fmt: skip
        """`reverting` would put back drift that is kept; it waits for a signature where nothing else does."""
        seen = view(plan)
        changes: dict[str, int] = {}
        for fact in facts_of(plan, engine.kinds()):
            changes[fact.class_] = changes.get(fact.class_, 0) + 1
        ruling = self._ruling(plan, task)
        if plan.is_empty and not plan.steps:
            if reverting is None:
                return Result("in_sync", "in sync", "", len(drift.findings), {}, _there(notices))
            self._save(task.path, reverting)
            told = f"{len(drift.findings)} changed outside"
            return Result("drifted", told, reverting.digest, len(drift.findings), {}, _there(notices))
        self._save(task.path, plan)
        allowed = self._allows(plan, ruling, self.settings.rule_of(task.path), drift)
        if not (task.may_apply and allowed and not task.stop.requested.is_set()):
            notices.append(approval_notice(seen, ruling, link))
            why = "" if task.may_apply else "; waits for what it refers to"
            return Result("pending", f"{totals(seen)}{why}", plan.digest, len(drift.findings), changes, _there(notices))

        def heard(event: Mapping[str, Any]) -> None:
            task.trace.event(event)
            task.events(event)

        report = engine.apply(plan, api, self._options(task, plan, ruling), events=heard, stop=task.stop)
        done = report_view(report)
        notices.append(report_notice(done, stack.name, stack.region, link))
        outcome = "applied" if done.status == "done" else "failed"
        if outcome == "applied" and reverting:
            outcome = "drifted"
        return Result(outcome, conclusion(done), "", len(drift.findings) if reverting else 0, {}, _there(notices))

    def _options(self, task: Task, plan: Plan, ruling: Ruling) -> engine.ApplyOptions:
        """Who signed has seen what the guards are about; for all else they stand."""
        facts = facts_of(plan, engine.kinds())
        unsigned = {one.address for one in facts if not _is_signed(ruling, one.class_, one.address)}
        signed = {one.address for one in facts} - unsigned
        return engine.ApplyOptions(
            allow=tuple(sorted(signed)), allow_destroy=len(signed) if signed else None, approved=True, parallelism=4,
            state_dir=str(self.home(task.path) / "journal"), environ=self._environ, store=self._store,
            approvals=tuple(sorted({one.signer for one in ruling.approvals if not one.trouble})),
            watched_tags=ruling.tags,
        )  # fmt: skip

    def _may_revert(self, plan: Plan, drift: Drift, rule: Rule) -> bool:
        """Whether all that putting the drift back does is of classes that are put back without a signature."""
        moved = _addresses(drift)
        return {one.class_ for one in facts_of(plan, engine.kinds()) if one.address in moved} <= rule.revert

    def _allows(self, plan: Plan, ruling: Ruling, rule: Rule, drift: Drift) -> bool:
        """What the file asks for is held against `apply`, what puts drift back against `revert`, both against both;
        a change that was signed against neither."""
        if not ruling.is_met:
            return False
        moved = _addresses(drift)
        asked = {str(one.address) for one in plan.changes for line in one.attributes if line.cause in _ASKED}
        for fact in facts_of(plan, engine.kinds()):
            if _is_signed(ruling, fact.class_, fact.address):
                continue
            is_drift = fact.address in moved
            if is_drift and fact.class_ not in rule.revert:
                return False
            if (not is_drift or fact.address in asked) and fact.class_ not in rule.apply:
                return False
        return True

    def _puts_back_what_is_signed(self, plan: Plan, task: Task, drift: Drift) -> bool:
        """Whether all that putting the drift back does was signed."""
        ruling, moved = self._ruling(plan, task), _addresses(drift)
        facts = [one for one in facts_of(plan, engine.kinds()) if one.address in moved]
        return ruling.is_met and bool(facts) and all(_is_signed(ruling, one.class_, one.address) for one in facts)

    def _ruling(self, plan: Plan, task: Task) -> Ruling:
        """Approvals lie beside the waiting plan. The policy is that of the commit, which the branch protects."""
        asking = Asking(task.folder / task.path, time.time(), planfile=str(self.planfile(task.path)))
        return engine.ruling(plan, asking)

    def _save(self, path: str, plan: Plan) -> None:
        text = engine.save_plan(plan)
        write_own(self.planfile(path), text)
        self._book.save_plan(path, text)

    def tell(self, notices: tuple[Notice, ...]) -> list[str]:
        """Sends them; why some were not sent."""
        if not (self.settings.notify and notices):
            return []
        from uuid import uuid4

        from ecsplan.notify.sending import deliver

        channels = read_channels(self.settings.notify, self._environ)
        return deliver(channels, notices, time.time, lambda: uuid4().hex)


def _addresses(drift: Drift) -> set[str]:
    return {str(finding.address) for finding in drift.findings}


def _is_signed(ruling: Ruling, class_: str, address: str) -> bool:
    return any(approval.approves(class_, address) for approval in ruling.approvals)


def _there(notices: list[Notice | None]) -> tuple[Notice, ...]:
    return tuple(notice for notice in notices if notice is not None)


def stacks_in(folder: Path, environ: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The stacks of a checkout by their paths, with the paths that each refers to; a broken one refers to none."""
    paths = {os.path.relpath(found, folder): found for found in engine.stack_folders(str(folder))}
    loaded: dict[str, Stack] = {}
    for path, found in paths.items():
        try:
            loaded[path] = engine.load(found, environ=environ)
        except Rejected:
            continue  # its own run tells why
    named = {stack.name: path for path, stack in loaded.items()}
    needs: dict[str, tuple[str, ...]] = dict.fromkeys(paths, ())
    for path, stack in loaded.items():
        needs[path] = tuple(sorted({named[name] for name in stack.stacks if name in named} - {path}))
    return needs
