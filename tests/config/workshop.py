"""Small kinds and builders for the stack language: a test writes YAML and gets a Stack, or what was refused."""

import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ecsplan.config.stack_reader import Options, read_stack
from ecsplan.model.address import Address
from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exclusivity import Exclusivity
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.composites import ListOf, MapOf, Record, Reference, SetOf
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.kind import Create, Delete, Kind, Kinds, Listing, Update
from ecsplan.model.resource import Resource
from ecsplan.model.stack import Stack
from ecsplan.model.texts import FileText, SecretText
from ecsplan.model.values import Boolean, Choice, Cidr, Integer, IpAddress, Text

HEADER = "apiVersion: ecsplan/v1\nstack: demo\nregion: cn-hangzhou\n"
NAME = Attribute("name", "Name", Text(2, 40, r"^[a-z]", "a name of 2 to 40 characters"), fixed="replace")
TAGS = Attribute("tags", None, MapOf(Text(0, 128)), fixed="refuse")


def a_kind(name: str, *attributes: Attribute, later: tuple[str, ...] = (), **more: Any) -> Kind:
    return Kind(
        name=name,
        summary=f"A {name}.",
        attributes=(NAME, *attributes),
        listing=Listing("Describe", items="Items", id="Id", name="Name"),
        create=Create("Create", id="Id", later=later),
        delete=Delete("Delete"),
        updates=(Update("Tag", ("tags",)),) if TAGS in attributes else (),
        id_param="Id",
        id_prefixes=more.pop("id_prefixes", (name[:2] + "x-",)),
        can=(Tagged(name), *more.pop("can", ())),
        example={},
        **more,
    )


def fixed(name: str, kind: Any, **more: Any) -> Attribute:
    return Attribute(name, name, kind, fixed="replace", **more)


def no_odd_sizes(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    size = resource.attributes.get("disk.size")
    if isinstance(size, int) and size % 2:
        yield Diagnostic(f"size {size} is odd", "write an even one", resource.source_of("disk.size"), resource.address)


NET = Reference("net", prefixes=("nex-",))
WALL = Reference("wall", prefixes=("wax-",))
RULE = Record("a rule", fixed("port", Integer(1, 65535), required=True), fixed("wall", WALL))

SMALL_KINDS: Kinds = {
    kind.name: kind
    for kind in (
        a_kind("net", fixed("cidr", Cidr()), fixed("upstream", Reference("net", prefixes=("nex-",))), TAGS),
        a_kind("wall", fixed("net", NET), fixed("rules", SetOf(RULE)), fixed("note", Text(1, 64)), later=("rules",)),
        a_kind(
            "box",
            fixed("size", Integer(1, 100), required=True),
            fixed("flavour", Choice("small", "large")),
            fixed("on", Boolean()),
            fixed("image", Reference("image", prefixes=("m-",), or_literal=True)),
            fixed("key", Reference("key", prefixes=(), or_literal=True)),
            fixed("net", NET),
            fixed("walls", SetOf(WALL)),
            fixed("address", IpAddress()),
            fixed("note", Text(1, 64)),
            fixed("hints", ListOf(Text())),
            fixed("script", FileText(1000)),
            fixed("password", SecretText(), sensitive=True, read_as=False),
            fixed("hidden", Text(), read_as=False),
            fixed("disk.size", Integer(1, 500), required=True),
            fixed("disk.kind", Choice("ssd", "hdd")),
            Attribute("public_ip", None, IpAddress(), computed=True),
            TAGS,
            can=(Checks((no_odd_sizes,)),),
        ),
        a_kind("key", fixed("public", Text()), can=(Exclusivity(unique_name=True),), id_prefixes=()),
        a_kind("tap", fixed("on", Reference("box", "wall", prefixes=("box-", "wax-")))),
    )
}


class Workshop:
    """A folder to write stack files into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str | bytes) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return str(path)

    def stack(self, body: str = "", *, header: str = HEADER, kinds: Kinds = SMALL_KINDS, **options: Any) -> Stack:
        return read_stack(self.write("stack.yaml", header + textwrap.dedent(body)), kinds, Options(**options))

    def read(self, name: str = ".", **options: Any) -> Stack:
        return read_stack(str(self.folder / name), SMALL_KINDS, Options(**options))

    def refused(self, body: str | Callable[[], Any], **options: Any) -> "Refusal":
        """What a body, or a call, is refused for."""
        with pytest.raises(Rejected) as caught:
            if callable(body):
                body()
            else:
                self.stack(body, **options)
        return Refusal(caught.value.diagnostics)


class Refusal:
    """Diagnostics in a form that tests can ask."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics

    def __contains__(self, words: str) -> bool:
        return words in str(self)

    def __str__(self) -> str:
        return "\n".join(map(str, self.diagnostics))

    __repr__ = __str__

    @property
    def places(self) -> list[tuple[int, int]]:
        return [(d.source.line, d.source.column) for d in self.diagnostics if d.source]

    @property
    def only(self) -> Diagnostic:
        assert len(self.diagnostics) == 1, str(self)
        return self.diagnostics[0]


def by_name(stack: Stack) -> dict[str, Resource]:
    return {str(resource.address): resource for resource in stack.resources}
