"""How long steps usually take, from the history. An aid: where that cannot be read, nothing is learned."""

from ecsplan.engine.stores import open_store
from ecsplan.history.store import StoreError
from ecsplan.model.durations import NOTHING_LEARNED, Durations

STEPS = 5_000  # of the newest that are looked at


def usual_durations(store: str, state_dir: str = ".ecsplan") -> Durations:
    """`store` is the URL that the command was given; empty for the file in `state_dir`."""
    try:
        found = open_store(store, state_dir, writes=False)
        if found is None:
            return NOTHING_LEARNED
        try:
            return Durations.learned(found.durations(STEPS))
        finally:
            found.close()
    except StoreError:
        return NOTHING_LEARNED
