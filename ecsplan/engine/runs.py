"""Recorded runs: a list, and one of them. Raises Rejected where the store cannot be read or has no such run."""

import glob
import os
from collections.abc import Iterator, Sequence

from ecsplan.engine.stores import reading
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.history import FAILED, Run

LAST = "last"
FEW = 5


def recent_runs(
    url: str, stack: str = "", region: str = "", limit: int = 0, *, state_dir: str = ".ecsplan"
) -> Sequence[Run]:
    """The newest first, without steps and plans. `url` is empty for the store in `state_dir`."""
    found = [run for place in _places(url, state_dir) for run in _recent(url, place, stack, region, limit)]
    return sorted(found, key=lambda run: (run.started, run.id), reverse=True)[: limit or None]


def find_run(url: str, name: str, *, state_dir: str = ".ecsplan", has_effect: bool = False) -> Run:
    """The run of an id, of a part of one that no other has, or the `last`; with `has_effect`, the last that changed
    anything, as far as is known."""
    where = {run.id: place for place in _places(url, state_dir) for run in _recent(url, place)}
    found = [id_ for id_ in where if id_ == name] or [id_ for id_ in where if name and name in id_]
    if name == LAST:
        recent = recent_runs(url, state_dir=state_dir)
        found = [run.id for run in recent if not (has_effect and run.outcome == FAILED)][:1]
    if len(found) != 1:
        few = ", ".join(found[:FEW])
        summary = f"several runs have {name} in their id: {few}" if found else f"no run is called {name}"
        raise Rejected([Diagnostic(summary, "ecsplan history lists the runs; write an id, part of one, or last")])
    with reading(url, where[found[0]]) as store:
        run = store.find(found[0]) if store is not None else None
    assert run is not None
    return run


def _places(url: str, state_dir: str) -> Iterator[str]:
    """Each stack that was worked on by the machines of a cluster has a file of its own: many write at once."""
    yield state_dir
    if not url:
        yield from sorted(glob.glob(os.path.join(glob.escape(state_dir), "fleet", "*", "journal")))


def _recent(url: str, place: str, stack: str = "", region: str = "", limit: int = 0) -> Sequence[Run]:
    with reading(url, place) as store:
        return store.recent(stack, region, limit) if store is not None else ()
