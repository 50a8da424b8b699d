"""Values that a resource inherits from one that it refers to: filled in once all names are found."""

from collections import ChainMap
from collections.abc import Iterator

from ecsplan.config.resources.expansion import Blocks
from ecsplan.config.resources.resolution import Resolved
from ecsplan.config.syntax.faults import Faults
from ecsplan.model.address import Ref
from ecsplan.model.capabilities.inheriting import Inherits
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import with_article


def inherit(found: Resolved, blocks: Blocks, faults: Faults) -> None:
    """Each with what it is given, marked as such; what is needed and given by nobody is a fault, once for a group."""
    told: set[tuple[str, str]] = set()
    for address, resource in found.resources.items():
        kind = blocks[address.group].kind
        inherits = kind.capability(Inherits)
        giver = resource.attributes.get(inherits.by) if inherits is not None else None
        if inherits is None or giver is None:
            continue
        given, why = _given(inherits, resource, found.resources.get(giver.address) if isinstance(giver, Ref) else None)
        if given is not None:
            _fill(found, kind, resource, inherits, given)
        for name in _missing(kind, found.resources[address], inherits):
            if (str(address.group), name) not in told:
                told.add((str(address.group), name))
                summary = f"{with_article(kind.name)} needs {name}, and {why or f'{giver} does not give it'}"
                detail = f"write {name}: {kind.attribute(name).type.says}"
                faults.add(summary, detail, resource.source_of(inherits.by), address.group, rule=Rule.MISSING_KEY)


def _given(inherits: Inherits, resource: Resource, giver: Resource | None) -> tuple[Resource | None, str]:
    """The giver where the file tells what it gives, else why it does not."""
    if giver is None:
        return None, f"what {resource.attributes[inherits.by]} gives is not in this file"
    why = inherits.unknown(resource, giver)
    return (None, why) if why else (giver, "")


def _fill(found: Resolved, kind: Kind, resource: Resource, inherits: Inherits, giver: Resource) -> None:
    """What is given stands where the giver says it, and is made before it is used like what the file says itself."""
    own = resource.attributes
    names = [name for name in inherits.attributes if name not in own and giver.attributes.get(name) is not None]
    given = {name: giver.attributes[name] for name in names}
    places = {name: place for name in names if (place := giver.source_of(name)) is not None}
    filled = replace(
        resource,
        attributes={**own, **given},
        sources=ChainMap(places, resource.sources),  # type: ignore[arg-type]
        inherited=frozenset(names),
    )
    found.resources[resource.address] = filled
    for name, ref in filled.refs:
        if name in given and name not in kind.create.later:
            found.edges[resource.address].setdefault(ref.address, name)


def _missing(kind: Kind, resource: Resource, inherits: Inherits) -> Iterator[str]:
    for name in inherits.attributes:
        if kind.attribute(name).required and name not in resource.attributes:
            yield name
