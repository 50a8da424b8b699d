"""Recorded runs: a list, and one of them. Raises Rejected where the store cannot be read or has no such run."""

from collections.abc import Sequence

from ecsplan.engine.stores import reading
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.history import Run

LAST = "last"
FEW = 5


def recent_runs(
    url: str, stack: str = "", region: str = "", limit: int = 0, *, state_dir: str = ".ecsplan"
) -> Sequence[Run]:
    """The newest first, without steps and plans. `url` is empty for the store in `state_dir`."""
    with reading(url, state_dir) as store:
        return store.recent(stack, region, limit) if store is not None else ()


def find_run(url: str, name: str, *, state_dir: str = ".ecsplan") -> Run:
    """The run of an id, of a part of one that no other has, or the `last`."""
    with reading(url, state_dir) as store:
        runs = store.recent() if store is not None else ()
        found = [run.id for run in runs if run.id == name] or [run.id for run in runs if name and name in run.id]
        if name == LAST:
            found = [run.id for run in runs[:1]]
        if len(found) != 1:
            few = ", ".join(found[:FEW])
            summary = f"several runs have {name} in their id: {few}" if found else f"no run is called {name}"
            raise Rejected([Diagnostic(summary, "ecsplan history lists the runs; write an id, part of one, or last")])
        run = store.find(found[0]) if store is not None else None
        assert run is not None
        return run
