"""The pages as HTML without script: landmarks, headings, tables with captions, labels, a live region that reloads."""

import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from ecsplan.history.loops import LoopRun
from ecsplan.model.unseen import spelled
from ecsplan.serve.core import Stack, State
from ecsplan.serve.texts import LANGUAGES, NAMES, texts

HEALTH = {
    "in_sync": "ok", "applied": "ok", "pending": "wait", "drifted": "wait", "refused": "bad", "failed": "bad",
    "busy": "wait", "running": "run", "new": "wait", "suspended": "off",
}  # fmt: skip
STYLE = files("ecsplan.serve").joinpath("templates/style.css").read_text(encoding="utf-8")


class Reader(Struct, frozen=True):
    """Who looks at a page: `level` is that of the session, `token` that of its forms."""

    language: str = "en"
    level: str = ""
    token: str = ""

    @property
    def texts(self) -> Mapping[str, str]:
        return texts(self.language)


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("ecsplan.serve"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    made.filters["seen"] = spelled
    made.filters["moment"] = lambda at: time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))

    def health(status: str, words: Mapping[str, str]) -> Markup:
        return Markup('<span class="health {}">{}</span>').format(
            HEALTH.get(status, "wait"), words.get(status, status)
        )  # fmt: skip

    made.filters["health"] = health
    return made


_PAGES = _environment()


def _drawn(name: str, title: str, reader: Reader, refresh: int = 0, **values: Any) -> str:
    others = [(code, NAMES[code]) for code in LANGUAGES if code != reader.language]
    return _PAGES.get_template(f"{name}.html.j2").render(
        title=spelled(title), level=reader.level, token=reader.token, refresh=refresh, language=reader.language,
        t=reader.texts, others=others, **values,
    )  # fmt: skip


def login_page(reader: Reader, problem: str = "") -> str:
    """`problem` is the key of a text."""
    words = reader.texts
    return _drawn("login", words["log_in"], reader, problem=words[problem] if problem else "")


def stacks_page(state: State, reader: Reader) -> str:
    counted: dict[str, int] = {}
    for one in state.stacks.values():
        words = reader.texts["suspended" if one.is_suspended else one.status]
        counted[words] = counted.get(words, 0) + 1
    return _drawn(
        "stacks", reader.texts["stacks"], reader, 30, commit=state.commit, problem=state.problem,
        stacks=sorted(state.stacks.values(), key=lambda one: one.path), counts=sorted(counted.items()),
    )  # fmt: skip


def stack_page(one: Stack, runs: Sequence[LoopRun], waits: bool, reader: Reader, now: float) -> str:
    verbs = [(verb, reader.texts[verb]) for verb in ("run", "resume" if one.is_suspended else "suspend")]
    return _drawn("stack", one.path, reader, one=one, runs=runs, waits=waits, verbs=verbs, now=now)


def run_page(one: Stack, lines: Sequence[str], reader: Reader) -> str:
    refresh = 3 if one.status == "running" else 0
    return _drawn("run", f"{reader.texts['run_of']} {one.path}", reader, refresh, one=one, lines=lines)


def history_page(runs: Sequence[LoopRun], reader: Reader) -> str:
    return _drawn("history", reader.texts["history"], reader, runs=runs)
