"""`ecsplan drift --pull-request`: drift as a pull request that accepts it. One for each stack, kept up to date."""

import os
import re
from pathlib import Path

import click

from ecsplan.cli.forging import forge
from ecsplan.cli.options import Given
from ecsplan.cli.output import say
from ecsplan.engine.accepting import Accepted, accept
from ecsplan.files.publishing import NotPublished, Target, branch_of, publish
from ecsplan.files.repository import git_root
from ecsplan.forge.place import Place
from ecsplan.forge.site import Proposal, Site
from ecsplan.model.copying import replace
from ecsplan.model.drift import Drift
from ecsplan.model.stack import Stack
from ecsplan.render.drift import DriftView
from ecsplan.render.request import request_body, request_title

PREFIX = "ecsplan-drift/"
_BASES = ("GITHUB_REF_NAME", "CI_COMMIT_BRANCH", "CI_COMMIT_REF_NAME", "GITEE_BRANCH", "GIT_BRANCH")


def keep_request(given: Given, stack: Stack, moved: Drift, found: DriftView) -> None:
    folder = Path(stack.path if Path(stack.path).is_dir() else Path(stack.path).parent)
    top = git_root(folder)
    if top is None:
        raise click.UsageError("--pull-request needs a stack in a Git repository: run it in a clone")
    answer = accept(stack, moved, Path(top))
    target = Target(Path(top), given.remote, branch_name(stack.name, stack.region), os.environ)
    with forge(replace(given, change=None, sha=None), needs_change=False) as (site, place):
        try:
            _kept(given, site, place, target, answer, found)
        except NotPublished as error:
            raise click.ClickException(f"no pull request: {error}") from None


def branch_name(stack: str, region: str) -> str:
    """Names of stacks are names of branches as well."""
    return PREFIX + re.sub(r"[^a-z0-9-]+", "-", f"{stack}-{region}".casefold()).strip("-")


def _kept(given: Given, site: Site, place: Place, target: Target, answer: Accepted, found: DriftView) -> None:
    open_one, title = site.request(target.branch), request_title(found)
    link = given.link or place.job_url
    body = request_body(found, answer.accepted, answer.left, link, site.longest)
    for name, why in answer.left:
        say(f"not accepted: {name}: {why}")
    if not answer.texts:
        if open_one:
            site.change_request(open_one, title, body, closes=True)
            say(f"pull request: closed {open_one} for {found.stack}: nothing is left to accept")
        else:
            say(f"pull request: none is needed for {found.stack}")
        return
    base = given.into or _base() or branch_of(target.top)
    if not base:
        raise click.UsageError("no branch is checked out: say with --into which one the pull request is for")
    is_new = publish(target, answer.texts, f"{title}\n\n" + "".join(f"{name}\n" for name in answer.accepted))
    if not open_one:
        number = site.open_request(Proposal(target.branch, base.removeprefix("origin/"), title, body))
        say(f"pull request: opened {number} for {found.stack}")
    elif is_new:
        site.change_request(open_one, title, body, closes=False)
        say(f"pull request: updated {open_one} for {found.stack}")
    else:
        say(f"pull request: {open_one} is up to date for {found.stack}")


def _base() -> str:
    """What the CI system says; in a run for a pull request GitHub names no branch but `7/merge`."""
    found = next(filter(None, map(os.environ.get, _BASES)), "")
    return "" if re.fullmatch(r"\d+/merge", found) else found
