"""Where a comment or an issue goes: the options that say it, and the site that they and the CI system name."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ecsplan.cli.filing import read_text
from ecsplan.cli.options import Given
from ecsplan.forge.codeup import change_of
from ecsplan.forge.http import ForgeError
from ecsplan.forge.place import ANY_TOKEN, SITES, TOKENS, Place, UnknownPlace, completed, found_in
from ecsplan.forge.site import Site, makers
from ecsplan.model.copying import replace

FORGE = (
    click.option("--forge", type=click.Choice(SITES), help="The site.  [default: that of the CI system]"),
    click.option("--repo", metavar="OWNER/NAME", help="The repository.  [default: that of the CI system]"),
    click.option(
        "--api",
        envvar="ECSPLAN_FORGE_API",
        metavar="URL",
        help="The address of the site's API.  [default: that of the CI system]",
    ),
)


@contextmanager
def forge(given: Given, *, needs_change: bool = True) -> Iterator[tuple[Site, Place]]:
    """The site and the place there; what goes wrong with it is told as an error of the command line."""
    place = Place(given.forge or "the site")
    try:
        place = _place(given, needs_change=False)
        if needs_change and not place.change and place.site == "codeup" and place.branch:
            place = replace(place, change=change_of(place, _token(place), time.sleep))
        place = completed(place, needs_change=needs_change)
        yield makers()[place.site](place, _token(place), time.sleep), place
    except UnknownPlace as error:
        raise click.UsageError(str(error)) from None
    except ForgeError as error:
        raise click.ClickException(f"{place.site}: {error}") from None


def _place(given: Given, needs_change: bool) -> Place:
    event = os.environ.get("GITHUB_EVENT_PATH", "")
    text = read_text(event, "the event") if event and Path(event).is_file() else ""
    return completed(
        found_in(os.environ, text), needs_change=needs_change, site=given.forge, api=given.api,
        repository=given.repo, change=given.change, sha=given.sha,
    )  # fmt: skip


def _token(place: Place) -> str:
    names = (ANY_TOKEN, *TOKENS[place.site])
    found = next((os.environ[name] for name in names if os.environ.get(name)), "")
    if not found:
        raise UnknownPlace(f"no token for {place.site}: set {' or '.join(names)}")
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise UnknownPlace(f"the token for {place.site} has characters that no token has")
    return found
