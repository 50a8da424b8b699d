"""The objects of another tool, and their import. Made by migrate/ and the engine, shown by render/."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct, field

from ecsplan.model.export import Exported

Step = tuple[str, "int | str | None"]
"""A module on the way to an object: its name, and its key where there are several."""


class Entry(Struct, frozen=True):
    """One object as another tool keeps it. `type` is that of the official Terraform provider, whatever the tool.

    `attributes` are in the form of that provider, and may hold secrets. `place` is where in the input it stands.
    `problem` is why it must not be brought over as it is (tainted, deposed). `alias` tells several providers apart.
    `logical` is the name of its block, `key` tells members of a group apart. `handle` is what commands of the tool
    call it, where that is not its address.
    """

    address: str
    type: str
    id: str
    logical: str
    key: int | str | None = None
    path: tuple[Step, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""
    is_data: bool = False
    is_foreign: bool = False  # of another provider
    problem: str = ""
    alias: str = ""
    handle: str = ""


class Fate(Enum):
    BROUGHT = "brought over"
    FOLDED = "folded"
    LEFT = "left"


class MigrationOutcome(Struct, frozen=True):
    """What became of an entry: `to` is our address, or what it is folded into; `why` it was left.

    `is_aside`: a data source, or of another provider: nothing that could be brought over.
    """

    address: str
    type: str
    id: str
    fate: Fate
    to: str = ""
    why: str = ""
    is_aside: bool = False


class StateDifference(Struct, frozen=True):
    """The state of the other tool says one thing, the cloud another: `cloud` is what the file says."""

    address: str
    attribute: str
    state: str
    cloud: str


class Note(Struct, frozen=True):
    """Something to know, or to do, about one of the objects: `about` is our address, or one of theirs."""

    about: str
    text: str


class Migration(Struct, frozen=True):
    """The file, and a report of everything that was read.

    `unsaid`: what the file does not say of objects that it brings over. `theirs`: attributes that only the other tool
    manages. `live_only`: rules that are live and not in its state. `code`: what its files say that has no counterpart.
    `refers`: what stays with it and names what goes. `forget`: lines of a shell that make the other tool forget;
    `files` are written beside the stack file.
    """

    tool: str
    made: Exported
    is_proven: bool
    outcomes: tuple[MigrationOutcome, ...]
    unsaid: tuple[Note, ...] = ()
    differences: tuple[StateDifference, ...] = ()
    theirs: tuple[Note, ...] = ()
    secrets: tuple[Note, ...] = ()
    live_only: tuple[Note, ...] = ()
    code: tuple[Note, ...] = ()
    refers: tuple[Note, ...] = ()
    forget: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    def of(self, fate: Fate) -> tuple[MigrationOutcome, ...]:
        return tuple(one for one in self.outcomes if one.fate is fate)

    @property
    def is_complete(self) -> bool:
        """Whether nothing that lives in the cloud was left behind."""
        return not self.unsaid and all(one.is_aside for one in self.of(Fate.LEFT))
