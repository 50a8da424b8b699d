"""A kind in the official Terraform provider: its resource there, and the names of its attributes.

From the provider's schema. Asked for by migrate/ (import and export) and render/terraform (a plan for policy tools).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.model.capability import Capability
from ecsplan.model.decoder import Decoder, at_path
from ecsplan.model.kind import Kind, Kinds


class Field(Struct, frozen=True):
    """`form` is how the value changes (migrate/forms.py). `is_told`: a state has it where no file says it, so only the
    code tells whether it is meant."""

    theirs: str
    ours: str
    form: str = "same"
    is_told: bool = False


class Folded(Struct, frozen=True):
    """A resource of theirs that is an attribute of ours. `named_in` is its attribute with the id of our object, or the
    number of the part of its own id; without either, migrate/sorting.py knows the way. `older` are former names."""

    type: str
    attributes: tuple[str, ...]
    named_in: str = ""
    part: int | None = None
    older: tuple[str, ...] = ()
    remark: str = ""


class Terraform(Capability, frozen=True):
    """`type` is the resource that a new file should have; `also` are others that are the same object, and `older` the
    former names of all of them. `plan_type` is the one for policy tools, where those know another.
    `theirs_alone` are attributes that a person sets and no attribute of ours is, with what they are if nobody does.
    `renamed` leads from former names of their attributes to the present ones.
    `plan_names` are names for a plan beside those of `fields`; `no_place` are attributes of ours without one there.
    `decided` is what the cloud gives a new object. `not_written` is left out of a file (it stands in a resource of its
    own), `written` stands in it though usual, `ignored` belongs in ignore_changes, and `as_live` is written as the raw
    object has it: path, attribute. `remark` is for the table of what is covered.
    """

    type: str
    fields: tuple[Field, ...]
    also: tuple[str, ...] = ()
    older: tuple[str, ...] = ()
    plan_type: str = ""
    theirs_alone: Mapping[str, object] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    plan_names: Mapping[str, str] = field(default_factory=dict)
    no_place: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    not_written: tuple[str, ...] = ()
    written: frozenset[str] = frozenset()
    ignored: tuple[str, ...] = ()
    as_live: Mapping[str, str] = field(default_factory=dict)
    folded: tuple[Folded, ...] = ()
    remark: str = ""

    @property
    def live(self) -> Decoder[dict[str, Any]]:
        """What is written as the object has it, by their names."""
        return Decoder(
            lambda raw: {name: value for path, name in self.as_live.items() if (value := at_path(raw, path))}
        )

    @property
    def types(self) -> tuple[str, ...]:
        return (self.type, *self.also, *self.older)

    def present_name(self, theirs: str) -> str:
        return self.renamed.get(theirs, theirs)

    def ours(self, theirs: str) -> str | None:
        """The attribute of ours that theirs is, by its present or a former name."""
        name = self.present_name(theirs)
        return next((one.ours for one in self.fields if one.theirs == name), None)

    def in_a_plan(self, ours: str) -> str | None:
        """The name of an attribute of ours there; its own, where the provider has none; None where it has no place."""
        if ours in self.no_place:
            return None
        named = next((one.theirs for one in self.fields if one.ours == ours), ours)
        return self.plan_names.get(ours, named)

    def faults(self, kind: Kind) -> Iterable[str]:
        known = {name for attribute in kind.attributes for name in (attribute.name, attribute.block)}
        named = [one.ours for one in self.fields] + [name for one in self.folded for name in one.attributes]
        for name in (*named, *self.plan_names, *self.no_place, *self.not_written, *self.written):
            if name not in known:
                yield f"{self.type} speaks of {name}, which is none of its attributes"


class NoCounterpart(Capability, frozen=True):
    """No resource of the provider is it; `why` in words."""

    why: str


_UNKNOWN = NoCounterpart("no resource of the other tool is known for it")


def why_not(kind: Kind) -> str:
    return (kind.capability(NoCounterpart) or _UNKNOWN).why


def kinds_by_type(kinds: Kinds) -> dict[str, tuple[Kind, Terraform]]:
    """Each kind by every name that a resource for it has or had."""
    found: dict[str, tuple[Kind, Terraform]] = {}
    for kind in kinds.values():
        of = kind.capability(Terraform)
        found |= dict.fromkeys(of.types, (kind, of)) if of else {}
    return found


def named(pairs: Mapping[str, str] | None = None, **more: str) -> tuple[Field, ...]:
    """`theirs="ours form"`; a `?` after the name marks what a state has without a file."""
    found = []
    for theirs, text in {**(pairs or {}), **more}.items():
        ours, _, form = text.partition(" ")
        found.append(Field(theirs, ours.rstrip("?"), form or "same", ours.endswith("?")))
    return tuple(found)


COMMON = named(description="description", resource_group_id="resource_group?", tags="tags")
