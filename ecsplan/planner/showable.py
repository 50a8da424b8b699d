"""The live values of objects that a plan may show, to people and to other tools. Pure."""

from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kinds


def with_live_values(change: Change, kinds: Kinds) -> Change:
    """The change with what its object is like now. Left out are secrets, what may hold one (a text that is compared by
    its digest alone), and what the cloud alone decides, which may be another at each look."""
    if change.before is None or change.action is Action.NOOP:
        return change
    names = {
        attribute.name
        for attribute in kinds[change.address.kind].attributes
        if not (attribute.sensitive or attribute.compare_by_digest or attribute.computed)
    }
    live = change.before.attributes
    return replace(change, live_values={name: live[name] for name in sorted(names & live.keys())})
