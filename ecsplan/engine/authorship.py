"""Where values come from, and who wrote the lines. Outside of a Git checkout, and without the program, nobody knows."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from ecsplan.config.stack_reader import Options
from ecsplan.config.tracing import trace
from ecsplan.files.git import Blamed, GitFailed, blame
from ecsplan.files.repository import git_root
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.kind import Kinds
from ecsplan.model.origin import Commit, Trace


def trace_of(
    subject: str,
    path: str,
    kinds: Kinds,
    *,
    overlays: Iterable[str] = (),
    variables: Iterable[str] = (),
    var_files: Iterable[str] = (),
    region: str | None = None,
    environ: Mapping[str, str] | None = None,
    allow_paths: Iterable[str] = (),
    environment: str | None = None,
) -> Trace:
    """See `engine.why`."""
    given = (tuple(overlays), tuple(variables), tuple(var_files))
    return trace(path, kinds, Options(*given, region, environ or {}, tuple(allow_paths), environment), subject)


def commits_of(places: Iterable[SourceRange]) -> dict[SourceRange, Commit]:
    """By place; one whose line is not known to Git, or whose file is in no checkout, is missing."""
    files: dict[str, dict[int, Blamed]] = {}
    found = {}
    for place in places:
        if place.file not in files:
            files[place.file] = _blame(Path(place.file))
        line = files[place.file].get(place.line)
        if line is not None:
            found[place] = Commit(line.name, line.author, line.email, line.time, line.summary)
    return found


def _blame(path: Path) -> dict[int, Blamed]:
    if not path.is_file() or git_root(path.resolve().parent) is None:
        return {}
    try:
        return blame(path)
    except GitFailed:  # a file that is not committed, a checkout of another user: it says nothing of who wrote it
        return {}
