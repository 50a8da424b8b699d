"""`--events`: one JSON line for each thing that happens, for programs that watch a run."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

import click

from ecsplan.cli.logfile import closing_quietly
from ecsplan.cli.output import result, say
from ecsplan.files.own import open_own
from ecsplan.model.call import ApiError
from ecsplan.model.diagnostic import Diagnostic, Refused, Rejected
from ecsplan.model.plan import Guard
from ecsplan.model.unseen import printable

if TYPE_CHECKING:
    from ecsplan.render.report import ReportView
    from ecsplan.render.view import PlanView

# What draws an event is loaded for whoever asked for events: every command has a writer, and most are silent.
VERSION = 1


class EventWriter:
    """Adds `v` and `time`. Called by several threads. A full disk, or a reader that is gone, never ends the run."""

    def __init__(self, write: Callable[[str], None] | None) -> None:
        self._write = write
        self._lock = Lock()
        self._seen: set[str] = set()

    def __call__(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            self._seen.add(event["type"])
            if self._write is None:
                return
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            whole = {"v": VERSION, "time": now, **event, "message": event.get("message") or _message(event)}
            line = json.dumps(whole, ensure_ascii=False, default=str)
            try:
                self._write(printable(line) + "\n")
            except BrokenPipeError:
                self._write = None
            except OSError as error:
                self._write = None
                say(f"warning: no more events can be written: {error.strerror}")

    def has_seen(self, kind: str) -> bool:
        return kind in self._seen

    def planned(self, view: "PlanView") -> None:
        """The plan, change by change."""
        if self._write is None:
            return
        from ecsplan.render.json_format import change_document, summary_document
        from ecsplan.render.text import totals

        for row in view.changes:
            document = change_document(row)
            message = f"{row.word} {row.label}" + (f": {row.effect}" if row.effect else "")
            self({"type": "planned_change", "address": document["address"], "message": message, "change": document})
        for guard in view.guards:
            self(_guard_event(guard))
        self({"type": "change_summary", "message": totals(view), "summary": summary_document(view)})

    def summed_up(self, view: "ReportView") -> None:
        if self._write is not None and not self.has_seen("summary"):
            from ecsplan.render.json_format import off_documents, unchecked_documents
            from ecsplan.render.off import off_headlines
            from ecsplan.render.report import conclusion

            for line in off_headlines(view.off):
                self({"type": "diagnostic", "message": line, "off": off_documents(view.off)})
            counts = {"done": view.done, "failed": len(view.failed), "skipped": view.skipped_steps}
            self(
                {
                    "type": "summary",
                    "message": conclusion(view),
                    "status": view.status,
                    "counts": view.counts,
                    **counts,
                    "unchecked": unchecked_documents(view),
                    "left_out": {str(address): why for address, why in view.left_out.items()},
                    "off": off_documents(view.off),
                }
            )

    def diagnosed(self, diagnostic: Diagnostic) -> None:
        if self._write is None:
            return
        from ecsplan.render.json_format import diagnostic_document

        document = diagnostic_document(diagnostic)
        address = {"address": document["address"]} if document["address"] else {}
        self({"type": "diagnostic", **address, "message": diagnostic.summary, "diagnostic": document})


def _message(event: Mapping[str, Any]) -> str:
    """What an event without words says: `create vpc.main: done`."""
    word = str(event["type"]).removeprefix("apply_").replace("start", "started")
    because = f" because {event['because']} failed" if event.get("because") else ""
    return f"{event.get('step') or event.get('address') or ''}: {word}{because}"


def _guard_event(guard: Guard) -> dict[str, Any]:
    from ecsplan.render.json_format import diagnostic_document

    return {
        "type": "diagnostic",
        "message": guard.summary,
        "diagnostic": diagnostic_document(Diagnostic(guard.summary, guard.detail)),
        "addresses": [str(address) for address in guard.addresses],
    }


@contextmanager
def events_to(target: str | None, version: str = "") -> Iterator[EventWriter]:
    """The writer for `--events TARGET`; without a target it keeps silent. Problems that end a run are events too."""
    with _opened(target) as write:
        writer = EventWriter(write)
        writer({"type": "version", "message": f"ecsplan {version}".strip(), "ecsplan_version": version})
        try:
            yield writer
        except (Rejected, Refused) as problem:
            for diagnostic in problem.diagnostics:
                writer.diagnosed(diagnostic)
            raise
        except ApiError as error:
            writer.diagnosed(Diagnostic(str(error)))
            raise


@contextmanager
def _opened(target: str | None) -> Iterator[Callable[[str], None] | None]:
    if target is None or target == "-":
        yield result if target else None
        return
    try:
        stream = os.fdopen(open_own(target, os.O_APPEND), "a", encoding="utf-8")
    except (OSError, ValueError) as error:
        raise click.ClickException(f"cannot write {target}: {getattr(error, 'strerror', None) or error}") from None

    def write(line: str) -> None:
        stream.write(line)
        stream.flush()

    with closing_quietly(stream):
        yield write
