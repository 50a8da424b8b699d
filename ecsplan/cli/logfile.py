"""`--log-file` and `-vv`: one line for each request, with its request id. Secrets are masked before they get here."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Lock
from typing import TextIO

import click

from ecsplan.cli.output import say
from ecsplan.files.own import open_own
from ecsplan.model.sent import Sent
from ecsplan.model.unseen import spelled

Log = Callable[[Sent], None]


def log_line(sent: Sent) -> str:
    """`2026-11-24T08:15:30.120Z ecs DescribeInstances cn-hangzhou 200 0.123 s attempt 1 request … {…}`."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    answer = f"{sent.status or 'no answer'}{f' {sent.code}' if sent.code else ''}"
    params = json.dumps(dict(sent.params), ensure_ascii=False, default=str)
    return spelled(
        f"{now} {sent.product} {sent.operation} {sent.region} {answer} {sent.seconds:.3f} s "
        f"attempt {sent.attempt} request {sent.request_id or '-'} {params}"
    )


@contextmanager
def call_log(path: str | None, to_terminal: bool = False) -> Iterator[Log | None]:
    """What the client calls for each request; None where nobody wants to know. Requests come from several threads."""
    if path is None:
        yield (lambda sent: say(log_line(sent))) if to_terminal else None
        return
    try:
        stream = os.fdopen(open_own(path, os.O_APPEND), "a", encoding="utf-8")
    except (OSError, ValueError) as error:
        raise click.ClickException(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from None
    lock = Lock()
    is_full = False

    def write(sent: Sent) -> None:
        nonlocal is_full
        line = log_line(sent)
        with lock:
            if not is_full:
                try:
                    stream.write(line + "\n")
                    stream.flush()
                except OSError as error:  # no reason to stop an apply
                    is_full = True
                    say(f"warning: {path} cannot be written any more: {error.strerror}")
        if to_terminal:
            say(line)

    with closing_quietly(stream):
        yield write


@contextmanager
def closing_quietly(stream: TextIO) -> Iterator[None]:
    """What could not be written was told when it was to be written."""
    try:
        yield
    finally:
        with suppress(OSError):
            stream.close()
