"""A cloud of two kinds in a dict: rooms, and lamps that stand in them. Nothing of it is Alibaba's."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import ApiError, ErrorClass, Request, Wait
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.composites import MapOf, Reference
from ecsplan.model.kind import Create, Delete, Kind, Kinds, Listing, Paging, Raw, Update
from ecsplan.model.look import Look
from ecsplan.model.values import Integer, Offer, Text
from tests.executor.world import Inline, VirtualClock

NAME = Attribute("name", "Name", Text(1, 64))
TAGS = Attribute("tags", None, MapOf(Text(0, 128)), read_as=False)


def _kind(name: str, *attributes: Attribute, updates: tuple[Update, ...]) -> Kind:
    word = name.title()
    return Kind(
        name=name,
        summary=f"A {name}.",
        attributes=(NAME, *attributes, TAGS),
        listing=Listing(f"List{word}s", "", "Id", "Name"),
        create=Create(f"Make{word}", "Id"),
        updates=(*updates, Update("TagResources", ("tags",))),
        delete=Delete(f"Remove{word}", impacts=(Impact.DATA_LOSS,), wait=Wait(absent=True)),
        id_param="Id",
        id_prefixes=(f"{name}-",),
        can=(Tagged(name),),
        example={},
    )


ROOM = _kind("room", Attribute("size", "Size", Integer(1, 99)), updates=(Update("ChangeRoom", ("name", "size")),))
LAMP = _kind(
    "lamp",
    Attribute("room", "RoomId", Reference("room", prefixes=("room-",)), required=True, fixed="replace"),
    Attribute("colour", "Colour", Text(1, 20)),
    updates=(Update("ChangeLamp", ("name", "colour")),),
)
KINDS: Kinds = {"lamp": LAMP, "room": ROOM}


@dataclass
class Toy:
    """A provider; `done` are the operations that changed something."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    clock: VirtualClock = field(default_factory=VirtualClock)
    reading: Executor = field(default_factory=Inline)
    region: str = "eu-attic-1"

    def account(self) -> str:
        return "42"

    def read(self, kind: str, ids: Sequence[str]) -> Mapping[str, Raw]:
        return {one: _raw(self.objects[one]) for one in ids if one in self.objects}

    def wait(self, kind: str, ids: Sequence[str], **of: bool) -> Look:
        return Look(dict(self.read(kind, ids)))

    def create(self, request: Request) -> Mapping[str, Any]:
        self.done.append(request.operation)
        kind = request.operation.removeprefix("Make").lower()
        new = f"{kind}-{len(self.done)}"
        params = dict(request.params)
        tags = {tag["Key"]: tag["Value"] for tag in params.pop("Tag", ())}
        self.objects[new] = {"Id": new, "Kind": kind, "tags": tags, **params}
        return {"Id": new}

    def update(self, request: Request) -> Mapping[str, Any]:
        params = dict(request.params)
        if request.operation == "TagResources":
            for one in params["ResourceId"]:
                self.objects[one]["tags"] |= {tag["Key"]: tag["Value"] for tag in params["Tag"]}
        elif request.operation == "UntagResources":
            for one in params["ResourceId"]:
                for key in params["TagKey"]:
                    self.objects[one]["tags"].pop(key, None)
        else:
            self.done.append(request.operation)
            self.objects[params.pop("Id")] |= params
        return {}

    def delete(self, request: Request) -> Mapping[str, Any]:
        self.done.append(request.operation)
        one = str(request.params["Id"])
        if any(one == found.get("RoomId") for found in self.objects.values()):
            raise ApiError(request.operation, "RoomInUse", "lamps stand in it", error_class=ErrorClass.FATAL)
        del self.objects[one]
        return {}

    def classify(self, operation: str, code: str) -> ErrorClass:
        return ErrorClass.FATAL

    def ask(self, request: Request) -> Mapping[str, Any]:
        raise AssertionError(f"{request.operation}: its kinds ask nothing")

    def send(self, request: Request) -> Mapping[str, Any]:
        raise AssertionError(f"{request.operation}: its kinds ask nothing")

    def is_offered(self, offer: Offer, name: str) -> bool:
        raise AssertionError(f"{name}: its kinds have no such names")

    def pages(
        self, request: Request, items: str, paging: Paging, size: int, item_id: str | None, *, once: bool = False
    ) -> Sequence[Mapping[str, Any]]:
        raise AssertionError(f"{request.operation}: its kinds ask nothing")

    def shown(self, kind: str, ids: Sequence[str]) -> set[str]:
        return {one for one in ids if one in self.objects}

    def list(self, kinds: Iterable[str]) -> Mapping[str, Sequence[Raw]]:
        return {kind: [_raw(found) for found in self.objects.values() if found["Kind"] == kind] for kind in kinds}


def _raw(found: Mapping[str, Any]) -> Raw:
    tags = [{"TagKey": key, "TagValue": text} for key, text in found["tags"].items()]
    return {**found, "Tags": {"Tag": tags}}
