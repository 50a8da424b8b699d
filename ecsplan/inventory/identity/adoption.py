"""The meaning of `adopt` in the file: it counts until its address is live, and holds up nothing but that
address. Pure.
"""

from ecsplan.inventory.identity.outcome import Match, Pairs
from ecsplan.inventory.identity.theirs import why_refused
from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.identity import Evidence, Known, Question, named
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import Listed, Resource
from ecsplan.model.stack import Stack


def adopt(stack: Stack, kinds: Kinds, known: Known, found: Match) -> None:
    """Matches what the file adopts."""
    by_id = {(obj.kind, obj.id): obj for obj in found.objects}
    adopted: dict[tuple[str, str], Address] = {}
    for resource in stack.resources:
        if resource.adopt is None or resource.address in found.matched:
            continue
        key = (resource.address.kind, resource.adopt)
        if key in adopted:
            found.problems.append(_twice(resource, adopted[key]))
            continue
        adopted[key] = resource.address
        obj = by_id.get(key)
        # The journal had it under this address: it was adopted before and is gone since. To refuse would hold up the
        # address for good; it is made anew, and a remark says that adopt has done its work.
        if obj is None and resource.address in known.ids.values():
            found.served.add(resource.address)
        elif question := _question(stack, kinds, resource, obj, found):
            found.ask(question)
        elif obj is not None:
            _take(resource, obj, found)


def _twice(resource: Resource, other: Address) -> Diagnostic:
    return Diagnostic(
        f"adopt: {other} adopts {resource.adopt} already",
        "one thing is one resource: remove adopt from one of the two",
        resource.source_of("adopt"),
        resource.address,
    )


def _question(stack: Stack, kinds: Kinds, resource: Resource, obj: Listed | None, found: Match) -> Question | None:
    """What is missing, another service's, another stack's, or another resource of this one."""
    address = resource.address
    if obj is None:
        return Question(
            address,
            f"adopt: there is no {address.kind} {resource.adopt} in {stack.region}",
            "write the id of a live object, or remove adopt to have a new one made",
        )
    if kept := why_refused(obj, kinds):
        return Question(address, f"adopt: {named(obj)} {kept.reason}", kept.remedy, (obj,))
    owner = obj.owner
    if owner is not None and owner.stack != stack.name:
        whose = owner.part or owner.span or owner.address
        return Question(
            address,
            f"adopt: {obj.id} belongs to {whose} of stack {owner.stack}",
            f"let stack {owner.stack} release it first (released: [{whose}])",
            (obj,),
        )
    other = next((a for a, o in found.matched.items() if o.kind == obj.kind and o.id == obj.id), None)
    if other is not None:
        return Question(
            address, f"adopt: {named(obj)} is {other} already", f"say moved: [{{from: {other}, to: {address}}}]", (obj,)
        )
    return None


def _take(resource: Resource, obj: Listed, found: Match) -> None:
    """It is none of what it was taken for; a question about the address is answered by it."""
    address = resource.address
    found.questions.pop(address, None)
    found.matched[address] = obj
    found.evidence[obj.id] = Evidence.ADOPTED
    for others in (found.orphans, found.strangers, found.copies, found.retired):
        _remove(others, obj)
    owner = obj.owner
    if owner is not None and (owner.part is not None or owner.address != address):
        found.moved_from[address] = owner.part or owner.address


def _remove(pairs: Pairs, obj: Listed) -> None:
    pairs[:] = [pair for pair in pairs if (pair[1].kind, pair[1].id) != (obj.kind, obj.id)]
