"""Objects of which one list tells and another does not: nothing is planned for them until the lists agree.

Used by engine/planning.py. An instance without a system disk has one that another list lacks, or it was detached by
hand.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from ecsplan.inventory.decode import raw_of
from ecsplan.model.address import Address
from ecsplan.model.algebra import Raw
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.identity import Question, named
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Detail, Kinds
from ecsplan.model.resource import RemoteObject


def unclear(
    inventory: Inventory, kinds: Kinds, declared: Mapping[tuple[str, str], Collection[str]]
) -> Iterator[Question]:
    """`declared` are the attributes of which the lists must tell, by kind and id. With the objects that explain it."""
    everything = (*inventory.matched.items(), *inventory.orphans, *inventory.retired)
    for address, obj in everything:
        for detail in kinds[obj.kind].listing.details:
            if detail.always and not any(_is_own(obj, part, detail) for part in raw_of(obj).get(detail.into) or ()):
                yield _without(inventory, kinds, address, obj, detail)
            if detail.unlisted and not set(detail.attributes).isdisjoint(declared.get((obj.kind, obj.id), ())):
                for missing in sorted(detail.unlisted(raw_of(obj))):
                    yield _untold(address, obj, detail, missing)


def with_questions(inventory: Inventory, questions: Iterable[Question]) -> Inventory:
    found = dict(inventory.questions)
    for question in questions:
        found[question.address] = (*found.get(question.address, ()), question)
    return replace(inventory, questions=found)


def _is_own(obj: RemoteObject, part: Raw, detail: Detail) -> bool:
    return detail.always is not None and detail.always(part) and part.get(detail.key) == obj.id


def _without(inventory: Inventory, kinds: Kinds, address: Address, obj: RemoteObject, detail: Detail) -> Question:
    """What is always there was detached, where one of it that hangs nowhere carries the same marks."""
    of = {kind.name for kind in kinds.values() if kind.listing.operation == detail.operation}
    free = [
        part
        for part in inventory.objects
        if part.kind in of and detail.always and detail.always(raw_of(part)) and not raw_of(part).get(detail.key)
    ]
    theirs = tuple(part for part in free if obj.owner is not None and part.owner == obj.owner)
    if not theirs or any(_is_under_way(kinds, part) for part in theirs):
        return _untold(address, obj, detail, "it")
    which = "one of " if len(theirs) > 1 else ""
    return Question(
        address,
        f"{obj.kind} {named(obj)} has no system disk: {which}{', '.join(map(named, theirs))} was detached",
        "attach it again, or leave the machine out (--exclude)",
        theirs,
    )


def _is_under_way(kinds: Kinds, part: RemoteObject) -> bool:
    """A disk names its machine only once it hangs there: one that is being made or attached was not detached."""
    wait = kinds[part.kind].create.wait
    at_rest = dict(wait.conditions).get("Status", ()) if wait is not None else ()
    return bool(at_rest) and part.status not in at_rest


def _untold(address: Address, obj: RemoteObject, detail: Detail, what: str) -> Question:
    return Question(
        address,
        f"{obj.kind} {obj.id} is listed, but {detail.operation} tells nothing of {what}",
        "plan again in a moment; if it stays so, the key may not be allowed to read it",
    )


def unread(inventory: Inventory) -> Iterable[Diagnostic]:
    """Attributes that the service cannot tell of yet; saying that they differ would be a guess."""
    for address, obj in inventory.matched.items():
        if obj.unread:
            yield Diagnostic(
                f"the service does not tell yet of {', '.join(sorted(obj.unread))} of {obj.id}: not compared",
                "plan again in some minutes",
                address=address,
                severity=Severity.WARNING,
            )
