"""Objects with the stack's marks that another service or account manages by now: they belong to no address. Pure.

A machine of ours that was put into a scaling group is one, and so is one that a group makes with a copy of its tags.
"""

from collections.abc import Iterable

from ecsplan.inventory.identity.claims import Claims
from ecsplan.inventory.identity.names import Names
from ecsplan.inventory.identity.outcome import Match
from ecsplan.model.capabilities.power import Power
from ecsplan.model.identity import Question, named
from ecsplan.model.keepers import Kept, is_shared, refused
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import Listed


def why_refused(obj: Listed, kinds: Kinds) -> Kept | None:
    """None for what a file may name."""
    return refused(obj, kinds[obj.kind].capability(Power) is not None)


def set_apart(objects: Iterable[Listed], kinds: Kinds) -> tuple[list[Listed], list[Listed]]:
    """What is ours, and what others keep. What another account shares is neither: the marks are that account's."""
    ours: list[Listed] = []
    theirs: list[Listed] = []
    for obj in objects:
        if not obj.fact(is_shared):
            (theirs if why_refused(obj, kinds) else ours).append(obj)
    return ours, theirs


def leave(claims: Claims, names: Names, kinds: Kinds, found: Match) -> None:
    """A question where nothing else is the address that one claims; whatever else others keep is left alone."""
    for claim in claims.found:
        if claim.address in names.declared and found.is_open(claim.address):
            kept = why_refused(claim.obj, kinds)
            if kept is not None:
                found.ask(Question(claim.address, f"{named(claim.obj)} {kept.reason}", kept.remedy, (claim.obj,)))
        else:
            found.theirs.append((claim.address, claim.obj, _reason(claim.obj, kinds)))
    told = {claim.obj.id for claim in claims.found}
    for batch in claims.batches:
        for obj in batch.objects:
            if obj.id not in told:
                found.theirs.append((batch.group, obj, _reason(obj, kinds)))


def _reason(obj: Listed, kinds: Kinds) -> str:
    kept = why_refused(obj, kinds)
    return kept.reason if kept is not None else ""
