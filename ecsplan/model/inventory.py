"""The live side of a plan: all objects of a region, and which is which address of the stack. Made by inventory/."""

from collections.abc import Mapping

from msgspec import Struct, field

from ecsplan.model.address import Address, Part
from ecsplan.model.identity import NOTHING_KNOWN, Evidence, Known, Placed, Question
from ecsplan.model.resource import LiveObject, RemoteObject

Pairs = tuple[tuple[Address, LiveObject], ...]


class Inventory(Struct, frozen=True):
    """All live objects of a region, read in whole lists.

    `matched` says which object is which address of the stack; `orphans` are ours and no longer declared;
    `strangers` carry this stack's marks but fit no address (an unknown member of a group). `kept` are parts that
    outlive what they hang on, `loose` those whose parent is declared and gone, `released` those that the file lets go
    of, `placed` those that are to be marked anew, by the address of their machine. `parts` are those inside a machine,
    `foreign` what else hangs on it and the service would delete with it: both by its id. `tables` are the marks that
    tell members by their numbers, where they lack it. `evidence` is by id, what is not in it is known by its marks
    alone. `questions` stand in the way of their addresses. `twins` are objects of nobody that look like what an
    address, or a slot, would be made as, `doubtful` parts that a machine is to take up and that are known by their
    marks alone. `known` is what the journals of this folder say.
    """

    region: str
    objects: tuple[RemoteObject, ...]
    matched: Mapping[Address, LiveObject] = field(default_factory=dict)
    orphans: Pairs = ()
    retired: Pairs = ()
    strangers: Pairs = ()
    kept: Pairs = ()
    loose: Pairs = ()
    released: tuple[tuple[Part, LiveObject], ...] = ()
    placed: Mapping[Address, tuple[Placed, ...]] = field(default_factory=dict)
    parts: Mapping[str, tuple[RemoteObject, ...]] = field(default_factory=dict)
    foreign: Mapping[str, tuple[RemoteObject, ...]] = field(default_factory=dict)
    tables: Mapping[Address, str] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    questions: Mapping[Address, tuple[Question, ...]] = field(default_factory=dict)
    twins: Mapping[Address | Part, tuple[RemoteObject, ...]] = field(default_factory=dict)
    doubtful: Mapping[Address, tuple[RemoteObject, ...]] = field(default_factory=dict)
    known: Known = NOTHING_KNOWN

    def of_kind(self, kind: str) -> tuple[RemoteObject, ...]:
        return tuple(o for o in self.objects if o.kind == kind)

    def is_doubtful(self, obj: RemoteObject) -> bool:
        """Whether nothing but its marks speaks for an object."""
        return self.evidence.get(obj.id, Evidence.TAGS).is_doubtful
