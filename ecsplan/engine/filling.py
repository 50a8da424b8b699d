"""Values known before the first call: the ids and attributes of live objects that keep their identity.

Used by applying.py for a run, and by mending.py for what a dead run had sent.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from ecsplan.engine import ApplyOptions
from ecsplan.executor.fill import Filler
from ecsplan.executor.keys import local_key
from ecsplan.executor.secrets import Secrets, secrets_in
from ecsplan.files.reach import Reach
from ecsplan.inventory.decode import attributes
from ecsplan.inventory.identity.machines import with_slots
from ecsplan.inventory.read import read_whole
from ecsplan.model.address import Address
from ecsplan.model.call import ApiError
from ecsplan.model.change import Action, Change
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.kind import Kinds
from ecsplan.model.stack import Stack
from ecsplan.provider.protocol import Provider


def filler_for(
    definition: Stack | None, changes: Iterable[Change], source: Provider, kinds: Kinds, options: ApplyOptions
) -> Filler:
    """Reads secrets, keys and what no poll has told when they are asked for, and not before."""
    declared, secrets = definition.by_address() if definition else {}, secrets_of(definition, options)

    def look_up(address: Address, object_id: str, attribute: str) -> Any:
        kind, resource = kinds[address.kind], declared.get(address)
        try:
            raw = read_whole(source, kind, object_id, resource.attributes if resource is not None else ())
        except ApiError:
            return None
        if raw is None:
            return None
        if resource is None or definition is None:
            return attributes(kind, raw, {}).get(attribute)
        raw = with_slots(kinds, resource, definition.name, raw)
        return attributes(kind, raw, resource.attributes).get(attribute)

    filler = Filler(
        read_secret=secrets.read,
        local_key=lambda path: local_key(path, secrets.reach),
        look_up=look_up,
    )
    for change in changes:
        if change.before is not None and change.action not in (Action.REPLACE, Action.DELETE):
            filler.attributes[change.address] = {"id": change.before.id, **change.before.attributes}
    return filler


def hidden_of(definition: Stack | None, options: ApplyOptions) -> frozenset[str]:
    """The values of all secrets that a stack names, as far as they are there: what a run tells has none of them."""
    secrets, found = secrets_of(definition, options), set()
    resources = definition.resources if definition is not None else ()
    for secret in {
        one for resource in resources for value in resource.attributes.values() for one in secrets_in(value)
    }:
        with suppress(Rejected):
            found.add(secrets.read(secret))
    return frozenset(found)


def secrets_of(definition: Stack | None, options: ApplyOptions) -> Secrets:
    """What a stack may name; one from a saved plan no more than a stack that lies in the working directory."""
    roots = definition.roots if definition is not None else ()
    reach = Reach(roots) if roots else Reach.of((os.curdir,), options.allow_paths)
    return Secrets(options.environ, reach)
