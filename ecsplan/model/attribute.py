"""One property of a kind, on both sides of the wire, and how it may change.

The types that its values may have are in values.py. Tables of these stand in kinds/.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Literal

from msgspec import Struct, field

from ecsplan.model.algebra import Raw, Schema, Value
from ecsplan.model.composites import ListOf, MapOf
from ecsplan.model.values import Unfit, ValueType


class Impact(IntEnum):
    """One thing that a change does to what is live, from harmless to dangerous. A change has a set of them."""

    NONE = 0  # the worst of an empty set
    BILLING = 1  # another price, another way to pay, something that is bought
    ACCESS = 2  # who can reach it, or what it can reach
    RUN = 3  # a command runs inside it
    UNPLUG = 4  # a disk leaves a machine that runs
    REBOOT = 5
    STOP_START = 6
    STOP = 7  # it is off afterwards
    NEW_ADDRESS = 8  # an address is given up, for another one or for good
    NEW_IDENTITY = 9  # a new id: it is made anew
    DATA_LOSS = 10

    @property
    def text(self) -> str:
        return self.name.replace("_", " ").lower() if self not in _WORDS else _WORDS[self]


_WORDS = {
    Impact.RUN: "run command",
    Impact.UNPLUG: "unmount first",
    Impact.STOP_START: "stop and start",
    Impact.NEW_IDENTITY: "new id",
}


Reader = Callable[[Raw], object]


class Attribute(Struct, frozen=True):
    """`name` is what the YAML says; a dot makes it a member of a block (`system_disk.size`).

    `wire` is the request parameter of the create call, dotted as the API nests it; None: not sent at create.
    `read_as` is where a read answer has it (a dotted path or a function of the raw object); None: like `wire`;
    False: the service never tells. `fixed` says what a change does that no Update can make.
    `compare_by_digest`: read one by one only, so compared through the tag `ecsplan:applied`, like what is never told.
    `at_birth`: what the object is made from, which it keeps when the source is changed, replaced or gone: only another
    declared source is a change. `as_it_was`: a plan that makes it does so before it changes that source.
    `only_at_birth`: it says how the object is made, means nothing for one that is owned, and is never a change.
    `optional`: `false` in the file means none, and clears it or lets go of it; canonical `none`. Of lists and maps that
    may be empty it always does. `cleared_by` is what an Update of the table sends for None; None: it leaves the
    parameter out. `afterwards` is said of one that is taken out
    of the file, and so stays as it is. `ends`: when the service ends the object without being asked again: never passed
    over in silence. `is_relation`: it says what else the object holds or hangs on, which it lets go
    of when the file no longer says so.
    `on_record`: a deed, of which the cloud keeps no trace: live is what the record of the object says was done.
    `is_shared`: others write entries of their own there, so that only those go that were applied by us; unless
    `lifecycle.exclusive` names it.
    `decided_by` is the lifecycle option that says what a change does (replace, an Update, or nothing).
    `samples` are values for the conformance test, which goes from the first to the second; `samples_with` is what
    else has to be declared for them to mean something (None: left out), `unsampled` why no two can be tried there.
    """

    name: str
    wire: str | None
    type: ValueType
    summary: str = ""
    required: bool = False
    default: object = None
    computed: bool = False
    sensitive: bool = False
    read_as: str | Reader | Literal[False] | None = None
    fixed: Literal["replace", "refuse"] | None = None
    compare_by_digest: bool = False
    at_birth: bool = False
    as_it_was: bool = False
    only_at_birth: bool = False
    optional: bool = False
    cleared_by: str | None = None
    none: Value = None
    afterwards: str = ""
    ends: bool = False
    is_relation: bool = False
    on_record: bool = False
    is_shared: bool = False
    decided_by: str | None = None
    samples: tuple[object, ...] = ()
    samples_with: Mapping[str, object] = field(default_factory=dict)
    unsampled: str = ""

    @property
    def clears(self) -> bool:
        """Whether `false` in the file means none."""
        return self.optional or self._empties

    @property
    def _empties(self) -> bool:
        is_changeable = not (self.required or self.computed or self.only_at_birth)
        of = self.type
        return is_changeable and (isinstance(of, MapOf) or (isinstance(of, ListOf) and not of.minimum))

    def schema(self) -> Schema:
        """The JSON Schema of its value."""
        found = self.type.schema()
        if not self.clears:
            return found
        inner = found["anyOf"] if set(found) == {"anyOf"} else [found]
        return {"anyOf": [*inner, {"const": False}]}

    @property
    def says(self) -> str:
        """What would be right, for messages and documentation."""
        return f"{self.type.says}, or false for none" if self.clears else self.type.says

    def parse(self, value: object) -> Value:
        """The canonical value; raises Mistake."""
        if self.clears and value is False:
            return () if self._empties else self.none
        try:
            return self.type.parse(value)
        except Unfit as mistake:
            if self.clears and not mistake.path:
                raise Unfit(value, self.says, mistake.words) from None
            raise

    @property
    def block(self) -> str | None:
        """The block that it is a member of, if any."""
        return self.name.rpartition(".")[0] or None
