"""`ecsplan serve`: the loop, its page and its probes, until a signal ends it."""

import json
import logging
import os
import signal
import sys
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from ecsplan import __version__, engine
from ecsplan.cli import exits, options
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import say
from ecsplan.engine.serving import checked
from ecsplan.model.diagnostic import Rejected
from ecsplan.serve.book import StoreError
from ecsplan.serve.settings import BadSettings, Settings, serve_schema, settings_of

if TYPE_CHECKING:
    from ecsplan.serve.loop import Loop, Tools

CONFIG = (
    click.argument("path", metavar="CONFIG"),
    click.option("--once", is_flag=True, help="Run every stack once, without a page, and exit."),
)
_OWN = set(logging.makeLogRecord({}).__dict__) | {"message", "taskName"}


@click.command("serve", help="Watch a Git repository: plan its stacks, apply what CONFIG allows, show a page.")
@takes(CONFIG, options.LOOK, options.STORE)
def command(given: Given) -> int:
    try:
        settings = _settings(given.path)
    except BadSettings as error:
        raise click.ClickException(str(error)) from None
    try:
        import prometheus_client  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise click.ClickException("serve needs more packages: pip install 'ecsplan[server]'") from None
    _log_as_json()
    return _served(settings, given)


def _settings(path: str) -> Settings:
    """Raises Rejected or BadSettings."""
    return settings_of(checked(path, serve_schema(tuple(engine.classes()))), os.environ)


def _served(settings: Settings, given: Given) -> int:
    from ecsplan.files.own import private_folder
    from ecsplan.serve.loop import Loop, in_thread
    from ecsplan.serve.start import tools_of
    from ecsplan.serve.traces import tracer_of

    private_folder(Path(settings.state).resolve())
    try:
        tools = tools_of(settings, os.environ, given.store, __version__)
        tools.tracer = tracer_of(os.environ, __version__)
        loop = Loop(tools)
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    except ImportError:
        raise click.ClickException("OTEL_EXPORTER_OTLP_ENDPOINT needs more: pip install 'ecsplan[traces]'") from None
    if given.once:
        loop.ask()
    thread = in_thread(loop)
    if given.once:
        while thread.is_alive() and not loop.has_passed:
            thread.join(0.1)
        loop.stop()
        thread.join()
        return exits.DONE
    _until_a_signal(loop, tools, given.path)
    loop.stop()
    thread.join()  # what runs finishes its calls
    return exits.DONE


def _until_a_signal(loop: "Loop", tools: "Tools", path: str) -> None:
    import uvicorn

    from ecsplan.serve.web import Web

    settings = tools.settings
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

    def again(_number: int, _frame: FrameType | None) -> None:
        Thread(target=read_again, args=(tools, path), name="settings").start()  # logs, which a handler must not

    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, again)
    say(f"serve: http://{settings.host}:{settings.port}")
    server.run()


def read_again(tools: "Tools", path: str) -> None:
    """Takes the file as it is now; a bad one leaves the old settings, and is told in the log."""
    from ecsplan.serve.start import needs_restart

    log = logging.getLogger("ecsplan.serve")
    try:
        found = _settings(path)
    except Rejected as error:
        log.error("settings kept: the file is bad", extra={"reason": [str(one) for one in error.diagnostics]})
        return
    except BadSettings as error:
        log.error("settings kept: the file is bad", extra={"reason": str(error)})
        return
    if names := needs_restart(tools.settings, found):
        log.error("settings kept: these need a restart", extra={"settings": names})
        return
    tools.use(found)
    log.info("settings read again")


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
