"""The needs of a stack if all of it were created, for offline statements."""

from collections.abc import Mapping

from ecsplan.model.address import Address
from ecsplan.model.capabilities.preflight import preflight
from ecsplan.model.change import Action, Change
from ecsplan.model.kind import Kinds
from ecsplan.model.preflight import Need
from ecsplan.model.resource import Resource


def needs_of(declared: Mapping[Address, Resource], kinds: Kinds) -> list[Need]:
    return [
        need
        for address, resource in declared.items()
        for need in preflight(kinds[address.kind]).needs(Change(address, Action.CREATE, None, resource), declared)
    ]
