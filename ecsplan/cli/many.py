"""A command for several stacks, one after the other, in the order of their references, with one summary."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from glob import glob, has_magic
from graphlib import CycleError, TopologicalSorter

import click

from ecsplan import engine
from ecsplan.cli import exits
from ecsplan.cli.cloud import clouds
from ecsplan.cli.failing import told
from ecsplan.cli.options import Given
from ecsplan.cli.output import result, say
from ecsplan.engine.sharing import in_turns
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.stack import Stack

ALL = click.option("--all", "every", is_flag=True, help="Every stack in PATH (a pattern too) and below, in order.")
ON = click.option("--on", metavar="dask://HOST:PORT", help="Work on the machines of a dask.distributed cluster.")
PATHS = (click.argument("paths", nargs=-1, metavar="[PATH]..."), ALL, ON)
_WORDS: Mapping[int, str] = {
    exits.DONE: "done",
    exits.CHANGES: "changes",
    exits.REFUSED: "refused",
    exits.PARTLY: "applied in part",
    exits.INTERRUPTED: "interrupted",
}
_WORST = (exits.INTERRUPTED, exits.PARTLY, exits.ERROR, exits.REFUSED, exits.CHANGES, exits.DONE)
One = Callable[[Given], int]


def each(given: Given, one: One, command: str, *, stops: bool = False) -> int:
    """Runs a command for one stack as ever; for several, one after the other. Answers the worst status.

    `stops`: what refers to a stack that did not end well is not tried, and nothing is where one has an error.
    """
    paths = _paths(given)
    if given.on:
        return _on_cluster(given, command, paths, stops)
    if len(paths) == 1 and not given.every:
        return one(replace(given, path=paths[0]))
    if given.format == "json":
        raise click.UsageError("several stacks are shown as text or Markdown; --format json takes one: name one")
    if given.output:
        raise click.UsageError("-o takes the plan of one stack: name one")
    stacks = {path: stack for path in paths if (stack := _loaded(path, given, stops)) is not None}
    in_order = _in_order(paths, stacks)
    with ExitStack() as ends:
        if not stops:  # what writes reads by itself, files too
            given = replace(given, turns=in_turns(ends.enter_context(clouds(given))), stacks=stacks)
        return _one_after_the_other(given, one, len(paths), in_order, stops)


def _one_after_the_other(
    given: Given, one: One, count: int, in_order: Iterator[tuple[str, tuple[str, ...]]], stops: bool
) -> int:
    ended: dict[str, int] = {}
    for path, needs in in_order:
        failed = [need for need in needs if stops and ended.get(need, exits.DONE) not in (exits.DONE, exits.CHANGES)]
        result(f"── {path} ──\n\n")
        if failed:
            say(f"{path}: not tried: {', '.join(failed)} did not end well")
            ended[path] = exits.REFUSED
            continue
        ended[path] = told(lambda path=path: one(replace(given, path=path)))  # type: ignore[misc]
        result("\n")
        if ended[path] == exits.INTERRUPTED:
            break
    counted = (f"{path} {_WORDS.get(status, 'failed')}" for path, status in ended.items())
    result(f"{len(ended)} of {count} stacks: {', '.join(counted)}\n")
    return next(status for status in _WORST if status in ended.values())


def _on_cluster(given: Given, command: str, paths: Sequence[str], stops: bool) -> int:
    from ecsplan.cli.fleet import on_cluster

    stacks = {path: stack for path in paths if (stack := _loaded(path, given, stops)) is not None}
    ended = on_cluster(given, command, dict(_in_order(paths, stacks)))
    counted = (f"{path} {_WORDS.get(status, 'failed')}" for path, status in sorted(ended.items()))
    result(f"{len(ended)} of {len(paths)} stacks: {', '.join(counted)}\n")
    worst = next((status for status in _WORST if status in ended.values()), exits.DONE)
    return exits.DONE if worst == exits.CHANGES and command == "plan" and not given.detailed_exitcode else worst


def _paths(given: Given) -> tuple[str, ...]:
    named = given.paths or (".",)
    if not given.every:
        return tuple(dict.fromkeys(named))
    folders = [folder for name in named for folder in _matching(name)]
    found = tuple(dict.fromkeys(path for folder in folders for path in engine.stack_folders(folder)))
    if not found:
        raise click.ClickException(f"no stack is declared in {', '.join(named)} or below")
    return found


def _matching(name: str) -> list[str]:
    """A pattern that the shell was kept from expanding names what it matches; a name that is there is no pattern."""
    return [name] if os.path.lexists(name) or not has_magic(name) else sorted(glob(name, recursive=True))


def _in_order(paths: Sequence[str], stacks: Mapping[str, Stack]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each path with those that it refers to, which come first. Raises Rejected for a circle."""
    by_name: dict[str, str] = {}
    refers: dict[str, set[str]] = {}
    for path in paths:
        stack = stacks.get(path)
        by_name.setdefault(stack.name if stack else "", path)
        refers[path] = stack.stacks if stack else set()
    needs = {
        path: sorted({by_name[name] for name in names if name in by_name} - {path}) for path, names in refers.items()
    }
    try:
        return iter([(path, tuple(needs[path])) for path in TopologicalSorter(needs).static_order()])
    except CycleError as error:
        raise click.ClickException(f"these stacks refer to each other: {' → '.join(error.args[1])}") from None


def _loaded(path: str, given: Given, stops: bool) -> Stack | None:
    """None for one with errors: they are told when its turn comes. `stops`: nothing at all is begun then."""
    try:
        return engine.load(
            path, overlays=given.overlays, variables=given.variables, var_files=given.var_files, region=given.region,
            environ=os.environ, allow_paths=given.allow_paths, environment=given.environment,
        )  # fmt: skip
    except Rejected:
        if stops:
            raise
        return None
