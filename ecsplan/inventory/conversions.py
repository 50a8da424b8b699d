"""Objects that an interrupted conversion has made: they exist without tags. Called by the engine after match.py.

Pure, but for `search`, by which a run finds what it converts: the answer of such a call has no id.
"""

from collections.abc import Mapping, Sequence

from ecsplan.inventory.decode import bare
from ecsplan.inventory.match import Match
from ecsplan.inventory.read import Source
from ecsplan.model.address import Ref
from ecsplan.model.call import Find, Request
from ecsplan.model.capabilities.conversion import Conversion
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.keepers import RUN_BY_THEMSELVES, claimed
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.resource import Listed, Resource
from ecsplan.model.stack import Stack


def take_over(found: Match, kinds: Kinds, stack: Stack) -> list[Diagnostic]:
    """Matches what nobody owns with the resource that asked for it to be converted; look-ups are ids by now.

    Answers what two lists disagree on: a source that names an object which is in no list.
    """
    problems = []
    lives: Mapping[str, Listed] = {}
    for resource in stack.resources:
        conversion = _wanted(found, kinds, resource)
        if conversion is None:
            continue
        lives = lives or {obj.id: obj for obj in found.objects}
        source = lives.get(_source_id(found, resource, conversion))
        if source is None:
            continue
        made = _made(found, kinds[resource.address.kind], conversion, source)
        told = source.fact(conversion.tells)
        if made is not None:
            found.matched[resource.address] = made
        elif told is not None and told not in lives:
            problems.append(
                Diagnostic(
                    f"{source.id} names {told}, and {kinds[resource.address.kind].listing.operation} does not list it",
                    "plan again in a moment: a second one would be made of what the list leaves out",
                    address=resource.address,
                )
            )
    return problems


def _wanted(found: Match, kinds: Kinds, resource: Resource) -> Conversion | None:
    conversion = kinds[resource.address.kind].capability(Conversion)
    if conversion is None or not resource.attributes.get(conversion.asked_by):
        return None
    return conversion if resource.adopt is None and resource.address not in found.matched else None


def _source_id(found: Match, resource: Resource, conversion: Conversion) -> str:
    named = resource.attributes.get(conversion.source)
    if isinstance(named, Ref):
        live = found.matched.get(named.address)
        return live.id if live is not None else ""
    return str(named)


def _made(found: Match, kind: Kind, conversion: Conversion, source: Listed) -> Listed | None:
    """The object that is bound to the source, unless a stack owns it, or another tool runs it."""
    matched = {obj.id for obj in found.matched.values() if obj.kind == kind.name}
    for obj in found.objects:
        if obj.kind != kind.name or obj.owner is not None or obj.id in matched:
            continue
        is_run = claimed(obj)[0] in RUN_BY_THEMSELVES
        if conversion.is_of(obj, source.id) is not None and not is_run:
            return obj
    return None


def search(source: Source, kind: Kind, find: Find) -> Sequence[Listed]:
    """The live objects of a kind that are meant, with their identity and tags."""
    listing = kind.listing
    request = Request(listing.operation, {**listing.params, **find.params}, listing.product)
    found = source.pages(request, listing.items, listing.paging, listing.page_size, listing.id)
    return [bare(kind, raw) for raw in found if all(str(raw.get(name)) == value for name, value in find.fields)]
