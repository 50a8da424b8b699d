"""`ecsplan serve`: the loop, its page and its probes, until a signal ends it."""

import json
import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import say
from ecsplan.cli.version import own_version
from ecsplan.engine.serving import checked
from ecsplan.serve.settings import BadSettings, Settings, serve_schema, settings_of

CONFIG = (
    click.argument("path", metavar="CONFIG"),
    click.option("--once", is_flag=True, help="Run every stack once, without a page, and exit."),
)
_OWN = set(logging.makeLogRecord({}).__dict__) | {"message", "taskName"}


@click.command("serve", help="Watch a Git repository: plan its stacks, apply what CONFIG allows, show a page.")
@takes(CONFIG, options.LOOK)
def command(given: Given) -> int:
    try:
        settings = settings_of(checked(given.path, serve_schema(tuple(engine.classes()))), os.environ)
    except BadSettings as error:
        raise click.ClickException(str(error)) from None
    try:
        import prometheus_client  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise click.ClickException("serve needs more packages: pip install 'ecsplan[server]'") from None
    _log_as_json()
    return _served(settings, given.once)


def _served(settings: Settings, is_once: bool) -> int:
    import uvicorn

    from ecsplan.files.own import private_folder
    from ecsplan.serve.book import Book
    from ecsplan.serve.checkout import Checkout
    from ecsplan.serve.loop import Loop, Tools, in_thread, state_file
    from ecsplan.serve.metrics import Metrics
    from ecsplan.serve.runner import Runner
    from ecsplan.serve.web import Web

    home = Path(settings.state).resolve()
    private_folder(home)
    tools = Tools(
        settings, os.environ, Book(state_file(settings)),
        Checkout(home / "git", settings.url, settings.branch, os.environ),
        Runner(settings, os.environ), Metrics(own_version()),
    )  # fmt: skip
    loop = Loop(tools)
    if is_once:
        loop.ask()
    thread = in_thread(loop)
    if is_once:
        while thread.is_alive() and not loop.has_passed:
            thread.join(0.1)
        loop.stop()
        thread.join()
        return exits.DONE
    web = Web(loop, tools, is_tls=settings.public.startswith("https://"))
    server = uvicorn.Server(
        uvicorn.Config(
            web.app(), host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=5,
        )
    )  # fmt: skip

    def end(_number: int, _frame: FrameType | None) -> None:
        loop.stop()
        server.should_exit = True

    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    say(f"serve: http://{settings.host}:{settings.port}")
    server.run()
    loop.stop()
    thread.join()  # what runs finishes its calls
    tools.book.close()
    return exits.DONE


def _log_as_json() -> None:
    """One line a record, for machines; on stderr."""

    class Lines(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            more: dict[str, Any] = {k: v for k, v in record.__dict__.items() if k not in _OWN}
            told = {"at": record.created, "level": record.levelname.lower(), "message": record.getMessage(), **more}
            if record.exc_info:
                told["error"] = self.formatException(record.exc_info)
            return json.dumps(told, ensure_ascii=True, default=str)

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.getLogger("ecsplan.serve").addHandler(handler)
    logging.getLogger("ecsplan.serve").setLevel(logging.INFO)
