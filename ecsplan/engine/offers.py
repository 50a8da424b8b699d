"""Names of types, zones and public image families that the catalogue does not know: the service is asked about them.

A plan for which all names are known asks nothing. Used by planning.py.
"""

from collections.abc import Iterable, Mapping

from ecsplan.catalog.offline import unknown
from ecsplan.model.address import Address
from ecsplan.model.call import ApiError, RefusalCause
from ecsplan.model.change import Action, Change
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import Resource
from ecsplan.provider.protocol import Provider

_MAKING = (Action.CREATE, Action.UPDATE, Action.REPLACE)


def not_offered(
    source: Provider, kinds: Kinds, declared: Mapping[Address, Resource], changes: Iterable[Change]
) -> list[Diagnostic]:
    """An error for each name that the service does not know, a warning where it could not be asked."""
    making = [declared[c.address] for c in changes if c.action in _MAKING and c.address in declared]
    found = []
    for one in unknown(making, source.region, kinds):
        try:
            if not source.is_offered(one.offer, one.name):
                found.append(one.diagnostic(f"is not offered in {source.region}"))
        except ApiError as error:
            if error.is_about(RefusalCause.NOT_OFFERED):
                found.append(one.diagnostic(f"is not offered in {source.region}"))
            else:
                why = f"is not in the catalogue, and the service could not be asked ({error.code})"
                found.append(one.diagnostic(why, Severity.WARNING))
    return found
