"""`ecsplan notify`: a test message to the channels of a file."""

import os
import time
import uuid

import click

from ecsplan.cli import exits, options
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import say
from ecsplan.engine.notifying import read_channels
from ecsplan.model.copying import replace
from ecsplan.model.notice import Notice

CHANNELS = (
    click.argument("path", metavar="FILE"),
    click.option("--channel", "name", metavar="NAME", help="Only this channel."),
)


@click.command("notify", help="Send a test message to the channels in FILE.")
@takes(CHANNELS, options.LOOK)
def command(given: Given) -> int:
    from ecsplan.notify.sending import deliver

    known = read_channels(given.path, os.environ)
    channels = [one for one in known if given.name in (None, one.name)]
    if not channels:
        names = ", ".join(one.name for one in known)
        raise click.UsageError(f"{given.path} has no channel {given.name}: choose one of {names}")
    notice = Notice("test", given.path, "", "This is what a message of ecsplan looks like.", ("one line", "another"))
    failed = 0
    for channel in channels:
        failures = deliver([replace(channel, stacks=())], [notice], time.time, lambda: uuid.uuid4().hex)
        failed += len(failures)
        say(failures[0] if failures else f"sent to {channel.name} ({channel.type})")
    return exits.ERROR if failed else exits.DONE
