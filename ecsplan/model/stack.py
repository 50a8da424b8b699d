"""A stack: the whole of what one folder of YAML declares, resolved and ready to be compared with the cloud."""

from collections.abc import Mapping

from msgspec import Struct, field

from ecsplan.model.address import Address, ForeignRef, Part
from ecsplan.model.diagnostic import Diagnostic, SourceRange
from ecsplan.model.resource import Resource
from ecsplan.model.suppression import Suppression, unsuppressed

STACK_NAME = r"^[a-z][a-z0-9-]{0,62}$"


class Move(Struct, frozen=True):
    """A renamed address: the object of `before` is `after` from now on. A part may become a resource, and back."""

    before: Address | Part
    after: Address | Part
    source: SourceRange | None = None


class Stack(Struct, frozen=True):
    """`resources` stand in dependency order. `outputs` are canonical values, Ref and Template where unknown yet.

    `user_tags` and such defaults are already in the resources. `path` is what the person named, for messages. `files`
    are those that it was read from, `roots` the folders that what it names must lie in; `siblings` are the stacks of
    its other environments. A saved plan has none of these. `overlays` are those that were given, as paths from the
    folder of `path`.
    """

    name: str
    region: str
    resources: tuple[Resource, ...]
    account: str | None = None
    moved: tuple[Move, ...] = ()
    released: tuple[Address | Part, ...] = ()
    outputs: Mapping[str, object] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
    path: str = "."
    digest: str = ""
    roots: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    environment: str = ""
    siblings: tuple[str, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    overlays: tuple[str, ...] = ()

    def releases(self, address: Address) -> bool:
        """Whether the file lets go of an address, or of its whole group."""
        return address in self.released or address.group in self.released

    @property
    def stacks(self) -> set[str]:
        """The names of the other stacks that it refers to."""
        return {leaf.stack for one in self.resources for _, leaf in one.held if isinstance(leaf, ForeignRef)}

    @property
    def remarks(self) -> tuple[Diagnostic, ...]:
        """The warnings that no comment suppresses."""
        return tuple(unsuppressed(self.warnings, self.suppressions))

    def by_address(self) -> dict[Address, Resource]:
        return {resource.address: resource for resource in self.resources}
