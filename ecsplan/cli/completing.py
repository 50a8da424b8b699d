"""Values that a shell can complete: kinds and attributes, addresses of the stack, regions, profiles.

A completion never fails: where the stack or the profiles cannot be read, there is nothing to propose.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from ecsplan.model.regions import KNOWN


def kinds(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    from ecsplan import engine

    return _fitting(engine.kinds(), begun)


def subjects(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """What `explain` knows: kinds, then the attributes of the kind that is named."""
    from ecsplan import engine
    from ecsplan.render.explain_schema import topics

    kind, dot, _ = begun.partition(".")
    if dot:
        known = engine.kinds().get(kind)
        return _fitting((f"{kind}.{a.name}" for a in known.attributes) if known else (), begun)
    return _fitting([*engine.kinds(), *topics(engine.stack_schema())], begun)


def classes(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Classes of change; the last one of a list with commas."""
    from ecsplan import engine

    done, comma, last = begun.rpartition(",")
    return [done + comma + name for name in _fitting(engine.classes(), last)]


def regions(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return _fitting(KNOWN, begun)


def profiles(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    try:
        text = (Path.home() / ".aliyun" / "config.json").read_text(encoding="utf-8")
        found = [str(profile["name"]) for profile in json.loads(text)["profiles"]]
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return []
    return _fitting(found, begun)


def environments(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """The environments of the stack that the command line names so far."""
    from ecsplan import engine
    from ecsplan.model.diagnostic import Rejected

    try:
        return _fitting(engine.environments(context.params.get("path") or "."), begun)
    except Rejected:
        return []


def addresses(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """The addresses and groups of the stack that the command line names so far, read offline."""
    return _fitting(_declared(context.params), begun)


def _declared(given: dict[str, Any]) -> set[str]:
    from ecsplan import engine
    from ecsplan.model.diagnostic import Rejected

    try:
        stack = engine.load(
            given.get("path") or ".",
            overlays=given.get("overlays") or (),
            variables=given.get("variables") or (),
            var_files=given.get("var_files") or (),
            environ=os.environ,
            environment=given.get("environment"),
        )
    except Rejected:
        return set()
    every = [resource.address for resource in stack.resources]
    return {str(address) for address in every} | {str(address.group) for address in every}


def _fitting(names: Iterable[str], begun: str) -> list[str]:
    return sorted(name for name in names if name.startswith(begun))
