"""What is known before the first call: the ids and attributes of live objects that keep their identity.

Used by applying.py for a run, and by mending.py for what a dead run had sent.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ecsplan.apply.fill import Filler
from ecsplan.apply.keys import local_key
from ecsplan.apply.secrets import read_secret
from ecsplan.engine.source import Lists
from ecsplan.inventory.decode import attributes
from ecsplan.inventory.read import read_whole
from ecsplan.model.address import Address
from ecsplan.model.call import ApiError
from ecsplan.model.change import Action, Change
from ecsplan.model.kind import Kinds
from ecsplan.model.stack import Stack


def filler_for(
    definition: Stack | None, changes: Iterable[Change], source: Lists, kinds: Kinds, environ: Mapping[str, str]
) -> Filler:
    """Reads secrets, keys and what no poll has told when they are asked for, and not before."""
    declared = definition.by_address() if definition else {}

    def look_up(address: Address, object_id: str, attribute: str) -> Any:
        kind = kinds[address.kind]
        try:
            raw = read_whole(source, kind, object_id)
        except ApiError:
            return None
        wanted = declared[address].attributes if address in declared else {}
        return attributes(kind, raw, wanted).get(attribute) if raw else None

    filler = Filler(
        read_secret=lambda secret: read_secret(secret, environ),
        local_key=lambda path: local_key(Path(path)),
        look_up=look_up,
    )
    for change in changes:
        if change.before is not None and change.action not in (Action.REPLACE, Action.DELETE):
            filler.attributes[change.address] = {"id": change.before.id, **change.before.attributes}
    return filler
