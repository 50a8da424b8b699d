"""The way to the cloud that the options ask for: the real one, another endpoint, or the emulator inside."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import click
from msgspec import Struct

from ecsplan import engine
from ecsplan.cli.excerpts import show_lines_of
from ecsplan.cli.logfile import Log, call_log
from ecsplan.cli.options import Given
from ecsplan.cli.output import say
from ecsplan.model.call import Api
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.stack import Stack

DEFAULT_REGION = "cn-hangzhou"


class Place(Struct, frozen=True):
    """Where the calls go. `environ` holds the credentials that fit there."""

    endpoint: str | None
    environ: Mapping[str, str]
    profile: str | None


@contextmanager
def cloud(given: Given, region: str) -> Iterator[Api]:
    """An Api for one region, for as long as the command runs."""
    if given.turns is not None:
        yield given.turns(region)
        return
    with clouds(given) as connected:
        yield connected(region)


@contextmanager
def clouds(given: Given) -> Iterator[Callable[[str], Api]]:
    """What makes an Api for a region, all in one place."""
    with ExitStack() as ends:
        place = ends.enter_context(place_of(given))
        log = ends.enter_context(call_log(given.log_file, to_terminal=given.verbose > 1))
        told: set[str] = set()

        def once(text: str) -> None:
            if text not in told:
                told.add(text)
                say(text)

        yield lambda region: _connected(region, place, given, log, once)


def _connected(region: str, place: Place, given: Given, log: Log | None, notice: Callable[[str], None]) -> Api:
    try:
        return engine.connect(
            region,
            profile=place.profile,
            endpoint=place.endpoint,
            environ=place.environ,
            log=log,
            parallelism=given.parallelism,
            signature=given.signature,
            notice=notice,
        )
    except ValueError as error:  # no key, or an endpoint that must not be used: the message says what to do
        raise click.ClickException(str(error)) from None


@contextmanager
def place_of(given: Given) -> Iterator[Place]:
    if not given.emulator:
        yield Place(given.endpoint, os.environ, given.profile)
        return
    if given.profile or _was_typed("endpoint"):
        raise click.UsageError("--emulator stands alone: leave out --endpoint and --profile")
    from ecsplan.cli.emulate import embedded

    with embedded() as running:
        say(f"emulator: a local account in {running.data}, nothing real is touched")
        yield Place(running.url, running.environ, None)


def _was_typed(option: str) -> bool:
    """Whether an option stands on the command line, not only in the environment."""
    source = click.get_current_context().get_parameter_source(option)
    return source is click.core.ParameterSource.COMMANDLINE


def load(given: Given, *, only_to_compare: bool = False, when_large: Callable[[str], object] | None = None) -> Stack:
    """The stack at PATH; its warnings are told at once. `when_large` is told the region of a large one early."""
    if (known := given.stacks.get(given.path)) is not None and not only_to_compare:
        show_lines_of(known.files)
        return known
    try:
        stack = engine.load(
            given.path,
            overlays=given.overlays,
            variables=given.variables,
            var_files=given.var_files,
            region=given.region,
            environ=os.environ,
            allow_paths=given.allow_paths,
            environment=given.environment,
            only_to_compare=only_to_compare,
            when_large=when_large,
        )
    except Rejected as rejected:
        show_lines_of(rejected.files)
        raise
    show_lines_of(stack.files)
    return stack


def region_of(given: Given) -> str:
    """For commands that need no stack: the option, else the environment, else the profile, else a default."""
    return named_region(given) or (None if given.emulator else _region_of_profile(given.profile)) or DEFAULT_REGION


def named_region(given: Given) -> str | None:
    """The region that the command line or the environment names."""
    return given.region or os.environ.get("ALIBABA_CLOUD_REGION_ID") or os.environ.get("ALIBABA_CLOUD_REGION")


def _region_of_profile(profile: str | None) -> str | None:
    try:
        return engine.profile_setting(profile, "region_id", os.environ)
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def is_interactive() -> bool:
    return sys.stdin.isatty()
