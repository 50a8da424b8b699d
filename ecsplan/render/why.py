"""Where a value comes from, for people and as JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.origin import Commit, Origin, Trace
from ecsplan.render.cells import cells, padded
from ecsplan.render.commits import commit_document, commit_words
from ecsplan.render.json_format import source_document
from ecsplan.render.paint import Paint, unpainted
from ecsplan.render.text import place
from ecsplan.render.values import clean, masked, plain, shown

WHY_FORMAT = "ecsplan-why/v1"
Commits = Mapping[SourceRange, Commit]


def why_text(trace: Trace, commits: Commits, now: float, paint: Paint = unpainted) -> str:
    return "\n".join(_lines(trace, commits, now, paint)) + "\n"


def _lines(trace: Trace, commits: Commits, now: float, paint: Paint) -> Iterator[str]:
    what = f"{trace.address}.{trace.attribute}"
    if not trace.layers:
        yield f"{what} is not declared: it is as it is live, or as the service makes it"
        return
    yield paint(f"{what} = {shown(masked(trace.value))}", "bold")
    origins = (*trace.layers, *trace.names)
    width = max(cells(place(origin.source)) for origin in origins)
    for origin in origins:
        yield f"    {padded(place(origin.source), width)}  {_said(origin)}".rstrip()
        commit = commits.get(origin.source) if origin.source else None
        if commit is not None:
            told = commit_words(commit, now) + (f": {clean(commit.summary)}" if commit.summary else "")
            yield paint(f"    {padded('', width)}      {told}", "dim")


def _said(origin: Origin) -> str:
    return f"{origin.layer}: {clean(origin.text)}" + (
        "" if origin.counts else "   (not used: a later one says otherwise)"
    )


def why_document(trace: Trace, commits: Commits) -> dict[str, Any]:
    def documents(origins: tuple[Origin, ...]) -> list[dict[str, Any]]:
        return [
            {
                "layer": origin.layer,
                "text": clean(origin.text),
                "source": source_document(origin.source),
                "counts": origin.counts,
                "commit": commit_document(commits.get(origin.source)) if origin.source else None,
            }
            for origin in origins
        ]

    return {
        "format": WHY_FORMAT,
        "address": str(trace.address),
        "attribute": trace.attribute,
        "value": plain(masked(trace.value)),
        "layers": documents(trace.layers),
        "names": documents(trace.names),
    }
