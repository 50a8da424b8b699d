"""Where a plan comes from and what bounds it: the commits of its lines, how long it holds, its own commit."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ecsplan.approval.statement import stamp
from ecsplan.engine.options import PlanOptions
from ecsplan.files.git import Blamed, GitFailed, blame, changed_files, commit_of
from ecsplan.files.repository import git_root
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Refused, SourceRange
from ecsplan.model.origin import Commit
from ecsplan.model.plan import UNBOUND, Plan, Validity

_YAML = (".yaml", ".yml")


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


def with_provenance(plan: Plan, options: PlanOptions, now: float) -> Plan:
    """With the commits of what it changes, and its bounds. Raises Refused where it cannot be bound to a commit."""
    commits = commits_of(dict.fromkeys(place for change in plan.changes for place in _places(change)))
    commit = _bound_commit(plan) if options.bind_commit else ""
    is_bounded = bool(options.expires or commit)
    valid = Validity(float(int(now)), float(int(now + options.expires)) if options.expires else 0.0, commit)
    return replace(plan, commits=commits, valid=valid if is_bounded else UNBOUND)


def _places(change: Change) -> Iterator[SourceRange]:
    """Those of the attributes that differ, and of the block; of all that is declared, for what is made."""
    if change.action is Action.NOOP or change.after is None:
        return
    yield from (line.source for line in change.attributes if line.source is not None)
    if change.after.source is not None:
        yield change.after.source
    if change.action in (Action.CREATE, Action.REPLACE):
        yield from change.after.sources.values()


def _bound_commit(plan: Plan) -> str:
    files = plan.definition.files if plan.definition is not None else ()
    folder = Path(files[0]).resolve().parent if files else Path.cwd()
    try:
        commit, changed = commit_of(folder), changed_files(folder)
    except GitFailed as failed:
        raise _unbound(str(failed), "leave out --bind-commit") from None
    own = {str(Path(file).resolve()) for file in files}
    dirty = [path for path, is_tracked in changed.items() if is_tracked or path in own or path.endswith(_YAML)]
    if dirty:
        raise _unbound(_said(dirty), "commit first")
    return commit


def _unbound(why: str, detail: str) -> Refused:
    return Refused([Diagnostic(f"the plan cannot be bound to a commit: {why}", detail)])


def refuse_out_of_bounds(plan: Plan, folder: Path, now: float) -> None:
    """Raises Refused for a plan that has expired, or is bound to another commit than the one in a folder."""
    problems = list(out_of_bounds(plan, folder, now))
    if problems:
        raise Refused(problems)


def out_of_bounds(plan: Plan, folder: Path, now: float) -> Iterator[Diagnostic]:
    valid = plan.valid
    if valid.until and now >= valid.until:
        yield Diagnostic(f"the plan expired at {stamp(valid.until)}", "plan again (ecsplan plan -o FILE)")
    if not valid.commit:
        return
    bound = f"the plan is bound to commit {valid.commit[:12]}"
    try:
        commit, changed = commit_of(folder), changed_files(folder)
    except GitFailed as failed:
        yield Diagnostic(f"{bound}, and what is checked out cannot be told: {failed}", "apply it in that checkout")
        return
    if commit != valid.commit:
        yield Diagnostic(f"{bound}, and {commit[:12]} is checked out", "check that commit out, or plan again")
    dirty = [path for path, is_tracked in changed.items() if is_tracked or path.endswith(_YAML)]
    if dirty:
        detail = "commit or put away what differs"
        yield Diagnostic(f"{bound}, and the checkout differs from it: {_said(dirty)}", detail)


def _said(paths: list[str]) -> str:
    names = [Path(path).name for path in paths]
    more = f" and {len(names) - 3:,} more files" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more} {'is' if len(names) == 1 else 'are'} not as committed"
