"""Progress of a run: live on a terminal, plain lines in a pipe; both on stderr, both from the engine's events."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

from ecsplan.cli.output import harmless, paint_for, say
from ecsplan.model.durations import Durations, is_slow
from ecsplan.model.plan import Step
from ecsplan.model.unseen import printable
from ecsplan.render.eta import Course
from ecsplan.render.paint import Paint
from ecsplan.render.values import clean
from ecsplan.render.words import duration

if TYPE_CHECKING:
    from rich.console import RenderableType

ENDINGS = {"apply_done": ("done", "create"), "apply_failed": ("failed", "danger"), "apply_skipped": ("skipped", "dim")}
MOST_RUNNING = 8


class Progress:
    """Turns events into lines. Called by several threads."""

    tells_starts = True
    tells_course = True

    def __init__(self, tell: Callable[[str], None], paint: Paint) -> None:
        self._tell, self._paint = tell, paint
        self._lock = Lock()
        self._began = time.monotonic()
        self._started: dict[str, float] = {}
        self._names: dict[str, str] = {}
        self._course = Course()

    def expect(self, steps: Sequence[Step], durations: Durations) -> None:
        """What is to come, for how far it is."""
        with self._lock:
            self._course = Course.of(steps, durations)

    def __call__(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            text = self._text(event["type"], who_of(event), event)
        # Told without the lock: a live display draws itself meanwhile, and for that asks what is running.
        if text:
            elapsed = time.monotonic() - self._began
            self._tell(f"{self._paint(f'{elapsed:7.1f} s', 'dim')}  {text}")

    def _text(self, kind: str, who: str, event: Mapping[str, Any]) -> str | None:
        name = str(event.get("step") or "")
        if kind == "run_begin":
            self._course.only(event["steps"])
        if kind == "apply_start":
            self._started[who] = time.monotonic()
            self._names[who] = name
            self._course.begins(name, self._started[who])
            return f"{who}: started" if self.tells_starts else None
        if kind == "diagnostic":
            return f"{self._paint('note', 'update')}: {clean(str(event['message']))}"
        if kind == "apply_retry":
            return f"{who}: {self._paint('waiting', 'update')}: {clean(str(event['message']))}"
        return self._ending(kind, who, event) if kind in ENDINGS else None

    def _ending(self, kind: str, who: str, event: Mapping[str, Any]) -> str:
        word, style = ENDINGS[kind]
        begun, now, name = self._started.pop(who, None), time.monotonic(), str(event.get("step") or "")
        took = f" after {duration(now - begun)}{self._slow(name, now - begun)}" if begun is not None else ""
        self._course.ends(name)
        why = ": ".join(clean(str(event[key])) for key in ("code", "message") if event.get(key))
        cause = f" because {event['because']} failed" if event.get("because") else ""
        told = f": {why}" if why and kind != "apply_done" else ""
        text = self._course.text(now) if self.tells_course else ""
        far = self._paint(f"  ({text})", "dim") if text else ""
        return f"{who}: {self._paint(word, style)}{took}{cause}{told}{far}"

    def _slow(self, name: str, seconds: float) -> str:
        usual = self._course.usual(name)
        return f", slower than usual ({duration(usual)})" if usual is not None and is_slow(seconds, usual) else ""

    def running(self) -> tuple[tuple[str, float, str], ...]:
        """What runs, for how long, and whether that is slow; the longest first."""
        with self._lock:
            now, begun = time.monotonic(), sorted(self._started.items(), key=lambda item: item[1])
            return tuple((who, now - at, self._slow(self._names.get(who, who), now - at)) for who, at in begun)


class LiveProgress(Progress):
    """On a terminal what runs stands below the lines, so starts need no line of their own.

    `begin` puts up the display, with the first step and not before: until then a question may stand there.
    """

    tells_starts = False
    tells_course = False  # it stands below the lines

    def __init__(self, tell: Callable[[str], None], paint: Paint, begin: Callable[[], None]) -> None:
        super().__init__(tell, paint)
        self._begin: Callable[[], None] | None = begin

    def __call__(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            begin, self._begin = (self._begin, None) if event["type"] == "apply_start" else (None, self._begin)
        if begin:
            begin()
        super().__call__(event)

    def __rich__(self) -> "RenderableType":
        from rich.text import Text

        running = self.running()
        lines = [f"  … {who}  {duration(seconds)}{slow}" for who, seconds, slow in running[:MOST_RUNNING]]
        if len(running) > MOST_RUNNING:
            lines.append(f"  … and {len(running) - MOST_RUNNING} more")
        with self._lock:
            far = self._course.text(time.monotonic())
        lines += [f"  {far}"] if far else []
        return Text(printable("\n".join(lines)), no_wrap=True, overflow="ellipsis")


def who_of(event: Mapping[str, Any]) -> str:
    """`create instance.web[0] and 2 more`: what a step does, and to whom."""
    verb = str(event.get("step") or "").partition(" ")[0]
    return clean(f"{verb} {event.get('address') or ''}".strip())


@contextmanager
def progress(no_color: bool = False) -> Iterator[Progress]:
    """A listener for the engine's events while the block runs."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Progress(say, paint_for(sys.stderr, no_color))
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True, no_color=no_color or None, highlight=False)
    paint = paint_for(sys.stderr, no_color)
    live = Live(console=console, refresh_per_second=8, transient=True, redirect_stdout=False, redirect_stderr=False)
    listener = LiveProgress(lambda line: console.print(Text.from_ansi(harmless(line, sys.stderr))), paint, live.start)
    live.update(listener)
    try:
        yield listener
    finally:
        live.stop()
