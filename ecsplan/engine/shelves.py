"""Where the journals of a run go: with a store in PostgreSQL there, else in the folder of this machine."""

from pathlib import Path

from ecsplan.engine.options import state_home
from ecsplan.engine.stores import is_postgres
from ecsplan.executor.shelf import Folder, Shelf


def journals(state_dir: str, store: str | None) -> Shelf:
    if store and is_postgres(store):
        from ecsplan.history.shelf import StoreShelf

        return StoreShelf(store)
    return Folder(Path(state_dir), state_home())
