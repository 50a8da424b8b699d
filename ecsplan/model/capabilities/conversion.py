"""Being made of what another live object has. Asked for by plan/conversion.py and inventory/conversions.py."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsplan.model.algebra import Raw
from ecsplan.model.call import Find
from ecsplan.model.capability import Capability
from ecsplan.model.kind import Create, Kind

if TYPE_CHECKING:
    from ecsplan.model.change import Change
    from ecsplan.model.resource import Resource


@dataclass(frozen=True, slots=True)
class Conversion(Capability):
    """How a thing is made of what another live one has (an EIP of the public address of an instance), if asked for.

    `asked_by` is the Boolean attribute that asks, `source` the one that names the other, and `block` what of the other
    declares what it had. `noun` is what is converted;
    `has` tells it of the raw source (47.98.1.2; None: nothing), `is_of` of a raw object of this kind, where that is
    bound to the source of this id. `tells` is the id of such an object that the source itself names. `create` is the
    call; its answer has no id, and `find(source id, what)` says how the new object is found. `refused` says why the
    service would not convert, `unlike` what of the declaration the object cannot have: both by the raw source, `unlike`
    also by the raw object. `notes` tell what else a reader of the plan should know.
    """

    asked_by: str
    source: str
    block: str
    noun: str
    has: Callable[[Raw], str | None]
    is_of: Callable[[Raw, str], str | None]
    tells: Callable[[Raw], str | None]
    create: Create
    find: Callable[[str, str], Find]
    refused: Callable[[Raw], Iterable[str]]
    unlike: Callable[["Resource", Raw], Iterable[str]]
    notes: Callable[[Raw], Iterable[str]]

    def faults(self, kind: Kind) -> Iterable[str]:
        known = {attribute.name for attribute in kind.attributes}
        for name in (self.asked_by, self.source):
            if name not in known:
                yield f"it is converted by {name}, which is none of its attributes"


def birth(kind: Kind, change: "Change") -> Create:
    """The way in which the object of a change is, or was, made."""
    conversion = kind.capability(Conversion)
    if conversion is not None and change.converts:
        return conversion.create
    return kind.create.of(change.after) if change.after is not None else kind.create
