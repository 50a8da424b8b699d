"""Tells people what a run found or did: collected while it goes on, sent at its end. It never changes its result."""

import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from ecsplan.cli.options import Given
from ecsplan.cli.output import say
from ecsplan.forge.place import found_in
from ecsplan.model.call import ApiError
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.notice import Notice

NOTIFY = (
    click.option("--notify", envvar="ECSPLAN_NOTIFY", metavar="FILE", help="Send messages to the channels in FILE."),
)
Tell = Callable[[Notice | None], None]


@contextmanager
def notifying(given: Given) -> Iterator[Tell]:
    """What is told is sent when the run ends, well or not: one message a channel."""
    if not given.notify:
        yield lambda notice: None
        return
    from ecsplan.engine.notifying import read_channels
    from ecsplan.notify.sending import deliver

    channels = read_channels(given.notify, os.environ)
    notices: list[Notice] = []
    try:
        yield lambda notice: notices.append(notice) if notice else None
    finally:
        for failure in deliver(channels, notices, time.time, lambda: uuid.uuid4().hex):
            say(f"warning: {failure}")


@contextmanager
def failures_told(given: Given, tell: Tell) -> Iterator[None]:
    """A run that ends by an error is told too."""
    try:
        yield
    except (ApiError, Refused, Rejected, click.ClickException) as error:
        if given.notify:
            from ecsplan.render.notice import failure_notice

            told = [one.summary for one in getattr(error, "diagnostics", ())] or [str(error)]
            tell(failure_notice(given.path, given.region or "", told, job_url()))
        raise


def job_url() -> str:
    """The run of the CI system; empty outside of one."""
    return found_in(os.environ).job_url
