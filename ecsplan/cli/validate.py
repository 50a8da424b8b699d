"""`ecsplan validate`: everything that can be found wrong without the cloud, all at once."""

import os
import sys
from collections.abc import Iterable, Sequence

import click

from ecsplan import __version__, engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import load
from ecsplan.cli.excerpts import show_lines_of, source_line, text_of
from ecsplan.cli.filing import read_text
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import annotate, paint_for, result, say
from ecsplan.engine import folders
from ecsplan.files.repository import git_root
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Rejected, Severity
from ecsplan.model.stack import Stack
from ecsplan.render.diagnostics import diagnostics_text
from ecsplan.render.findings import Finding, annotations, code_quality, findings_document, junit_of, sarif
from ecsplan.render.json_format import dumped
from ecsplan.render.words import plural

PATHS = (click.argument("paths", nargs=-1, metavar="[PATH]..."),)
STRICT = (
    click.option("--folders", is_flag=True, help="Check the folders of the stack files that are named, for hooks."),
    click.option("--strict", is_flag=True, help="Treat warnings as errors."),
)
FORMATS = ("text", "json", "sarif", "junit", "codequality", "github")


@click.command("validate", help="Check a stack offline: schema, references, limits, and names of the catalogue.")
@takes(PATHS, options.STACK, STRICT, options.formats(*FORMATS), options.LOOK)
def command(given: Given) -> int:
    stacks, found = _found(given)
    is_valid = not any(one.severity is Severity.ERROR for one in found)
    if given.format == "github":
        annotate(annotations(_findings(found)))
    elif given.format == "text":
        _tell(stacks, found, is_valid)
    else:
        result(_report(given, stacks, _findings(found), is_valid))
    return exits.DONE if is_valid else exits.ERROR


def _found(given: Given) -> tuple[list[Stack], tuple[Diagnostic, ...]]:
    """The stacks, one for each environment, and what is wrong: all errors, or the warnings where there is none."""
    stacks: list[Stack] = []
    errors: list[Diagnostic] = []
    for path in _paths(given):
        try:
            one = replace(given, path=path)
            stacks += [load(replace(one, environment=name)) for name in _environments(one)]
        except Rejected as rejected:
            show_lines_of(rejected.files)
            errors += rejected.diagnostics
    if errors:
        return [], tuple(dict.fromkeys(errors))
    warnings = tuple(dict.fromkeys(remark for stack in stacks for remark in engine.remarks(stack)))
    if given.strict:
        warnings = tuple(replace(warning, severity=Severity.ERROR) for warning in warnings)
    return stacks, warnings


def _paths(given: Given) -> tuple[str, ...]:
    if not given.folders:
        return given.paths or (".",)
    ours = (path for path in given.paths if folders.is_stack_text(read_text(path, "the file")))
    return tuple(dict.fromkeys(os.path.dirname(path) or "." for path in ours))


def _tell(stacks: Sequence[Stack], found: Sequence[Diagnostic], is_valid: bool) -> None:
    if found:
        say(diagnostics_text(found, source_line, paint_for(sys.stderr), with_rules=True).rstrip("\n"))
    if is_valid:
        result("".join(f"{stack.name}: {plural(len(stack.resources), 'resource')}, no errors.\n" for stack in stacks))


def _report(given: Given, stacks: Sequence[Stack], findings: Sequence[Finding], is_valid: bool) -> str:
    name = _category(given.paths)
    if given.format == "sarif":
        return sarif(findings, name, __version__)
    if given.format == "junit":
        return junit_of(findings, name)
    if given.format == "codequality":
        return code_quality(findings)
    document = findings_document(findings)
    if is_valid and stacks:
        document |= {"stack": stacks[0].name, "resources": len(stacks[0].resources)}
        document |= {"stacks": [stack.name for stack in stacks]} if len(stacks) > 1 else {}
    return dumped(document)


def _findings(found: Iterable[Diagnostic]) -> tuple[Finding, ...]:
    rows = tuple(found)
    ends = folders.ends_of((one.source for one in rows), text_of)
    paths = {one.source.file: _reported(one.source.file) for one in rows if one.source}
    return tuple(
        Finding(one, paths[one.source.file], *ends.get(one.source, (0, 0))) if one.source else Finding(one)
        for one in rows
    )


def _reported(file: str) -> str:
    """The path from the root of the repository, where the file is in one: forges look it up there."""
    root = git_root(os.path.dirname(os.path.abspath(file)))
    path = os.path.relpath(os.path.realpath(file), root) if root else os.path.normpath(file)
    return path.replace(os.sep, "/")


def _category(paths: Sequence[str]) -> str:
    """The same for a stack whether it can be read or not: its path; for several, that of the folder."""
    path = _reported(paths[0]) if len(paths) == 1 else "."
    return path if path != "." else os.path.basename(os.getcwd())


def _environments(given: Given) -> tuple[str | None, ...]:
    """All that the stack has, where none is named."""
    return (given.environment,) if given.environment else engine.environments(given.path) or (None,)
