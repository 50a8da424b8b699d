"""The pages as HTML without script: landmarks, headings, tables with captions, labels, a live region that reloads."""

import time
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ecsplan.history.loops import LoopRun
from ecsplan.model.unseen import spelled
from ecsplan.serve.core import Stack, State

HEALTH = {
    "in_sync": ("ok", "In sync"), "applied": ("ok", "Applied"), "pending": ("wait", "Waits for approval"),
    "drifted": ("wait", "Drifted"), "refused": ("bad", "Refused"), "failed": ("bad", "Failed"),
    "busy": ("wait", "Locked by others"), "running": ("run", "Running"), "new": ("wait", "Not yet run"),
    "suspended": ("off", "Suspended"),
}  # fmt: skip
STYLE = files("ecsplan.serve").joinpath("templates/style.css").read_text(encoding="utf-8")


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("ecsplan.serve"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    made.filters["seen"] = spelled
    made.filters["moment"] = lambda at: time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))

    def health(status: str) -> Markup:
        style, words = HEALTH.get(status, ("wait", status))
        return Markup('<span class="health {}">{}</span>').format(style, words)

    made.filters["health"] = health
    return made


_PAGES = _environment()


def _drawn(name: str, title: str, level: str = "", token: str = "", refresh: int = 0, **values: Any) -> str:
    shown = spelled(title)
    return _PAGES.get_template(f"{name}.html.j2").render(
        title=shown, level=level, token=token, refresh=refresh, **values
    )


def login_page(problem: str) -> str:
    return _drawn("login", "Log in", problem=problem)


def stacks_page(state: State, level: str, token: str, now: float) -> str:
    counted: dict[str, int] = {}
    for one in state.stacks.values():
        words = HEALTH["suspended" if one.is_suspended else one.status][1]
        counted[words] = counted.get(words, 0) + 1
    return _drawn(
        "stacks", "Stacks", level, token, 30, commit=state.commit, problem=state.problem,
        stacks=sorted(state.stacks.values(), key=lambda one: one.path), counts=sorted(counted.items()),
    )  # fmt: skip


def stack_page(one: Stack, runs: Sequence[LoopRun], waits: bool, level: str, token: str, now: float) -> str:
    verbs = [("run", "Run now"), ("resume", "Resume") if one.is_suspended else ("suspend", "Suspend")]
    return _drawn("stack", one.path, level, token, one=one, runs=runs, waits=waits, verbs=verbs, now=now)


def run_page(one: Stack, lines: Sequence[str], level: str, token: str) -> str:
    refresh = 3 if one.status == "running" else 0
    return _drawn("run", f"Run of {one.path}", level, token, refresh, one=one, lines=lines)


def history_page(runs: Sequence[LoopRun], level: str, token: str) -> str:
    return _drawn("history", "History", level, token, runs=runs)
