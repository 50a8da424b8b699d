"""A thing that is made of what another live one has: whether it can be, and what a reader should know. Used by diff.py.

Pure. What the other has is told by the kind's table (`Conversion`); an object that a run which was cut off has made so
is matched by inventory/conversions.py before.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from ecsplan.model.address import Address, Ref
from ecsplan.model.capabilities.conversion import Conversion
from ecsplan.model.change import AttributeChange
from ecsplan.model.kind import Kind
from ecsplan.model.resource import RemoteObject, Resource


class Converted(Struct, frozen=True):
    """`what` becomes the thing; empty where nothing does, and `notes` then say why."""

    what: str = ""
    notes: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


def asked(kind: Kind, resource: Resource) -> Conversion | None:
    """The conversion, where the kind has one and the resource asks for it."""
    conversion = kind.capability(Conversion)
    return conversion if conversion is not None and resource.attributes.get(conversion.asked_by) else None


def at_birth(
    kind: Kind, after: Resource, objects: Iterable[RemoteObject], matched: Mapping[Address, RemoteObject]
) -> Converted:
    """What a resource that is not there is made of. `after` names by id what is live and stays."""
    conversion = asked(kind, after)
    if conversion is None:
        return Converted()
    named = after.attributes.get(conversion.source)
    if isinstance(named, Ref):
        return _of_a_new_one(conversion, named, matched.get(named.address))
    source = next((obj for obj in objects if obj.id == named), None)
    what = source.fact(conversion.has) if source is not None else None
    if source is None or what is None:
        return Converted(notes=(f"{named} has no {conversion.noun} of its own: one is allocated",))
    return Converted(
        what,
        (f"{what} is kept: the {conversion.noun} of {source.id} is taken over", *source.fact(conversion.notes)),
        (*source.fact(conversion.refused), *conversion.unlike(after, source)),
    )


def _of_a_new_one(conversion: Conversion, named: Ref, old: RemoteObject | None) -> Converted:
    """What is made in this plan has nothing yet; what is replaced takes along what it has."""
    what = old.fact(conversion.has) if old is not None else None
    if what is None:
        return Converted(notes=(f"{named} is new: a {conversion.noun} is allocated",))
    reason = f"{conversion.asked_by}: {named} is replaced, and {what} goes with the old one; convert before you replace"
    return Converted(blocked=(reason,))


def taken_over(
    kind: Kind, resource: Resource, obj: RemoteObject, source_id: object, lines: list[AttributeChange]
) -> tuple[list[AttributeChange], Converted]:
    """What a run that was cut off has converted. Nobody owns it yet, and it has no name: it gets the one that it would
    have been born with. It is kept, and not made anew for what it cannot have.
    """
    conversion = asked(kind, resource)
    if conversion is None:
        return lines, Converted()
    if "name" not in resource.attributes and not obj.name and not resource.lifecycle.ignores("name"):
        lines = [*lines, AttributeChange("name", None, resource.name, source=resource.source)]
    what = conversion.is_of(obj, source_id) if isinstance(source_id, str) else None
    if obj.owner is not None or resource.adopt == obj.id or what is None:
        return lines, Converted()
    note = f"{what} is kept: the {conversion.noun} of {source_id} was taken over by a run that was cut off"
    unlike = tuple(conversion.unlike(resource, obj))
    return [line for line in lines if not line.forces_replacement], Converted(what, (note,), unlike)
