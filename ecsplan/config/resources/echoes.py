"""Values that hold what others declare: a machine that runs a command changes when the text of that command does."""

from typing import Any

from ecsplan.config.resources.expansion import Blocks
from ecsplan.config.resources.resolution import Resolved
from ecsplan.model.capabilities.echoing import Echoes
from ecsplan.model.copying import replace


def fill_echoes(found: Resolved, blocks: Blocks) -> None:
    """Members of a group share their value, which is filled in once."""
    filled: dict[int, Any] = {}
    for address, resource in found.resources.items():
        echoes = blocks[address.group].kind.capability(Echoes)
        value = resource.attributes.get(echoes.attribute) if echoes is not None else None
        if echoes is None or not value:
            continue
        if id(value) not in filled:
            filled[id(value)] = (value, echoes.fill(value, found.resources))
        attributes = {**resource.attributes, echoes.attribute: filled[id(value)][1]}
        found.resources[address] = replace(resource, attributes=attributes)
