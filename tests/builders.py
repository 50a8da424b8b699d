"""Small builders of the nouns, and two kinds that are easy to think about: a shelf, and a box that stands on one."""

from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.model.address import Address, Ref
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Merge, Wait, until
from ecsplan.model.capabilities.exclusivity import Exclusive, Exclusivity
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import Change
from ecsplan.model.composites import MapOf, Reference, SetOf
from ecsplan.model.copying import replace
from ecsplan.model.decoder import Decoder
from ecsplan.model.identity import Evidence
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Create, Delete, Detail, Ids, Kind, Kinds, Listing, Paging, Update
from ecsplan.model.marks import read_marks
from ecsplan.model.ownership import read_record
from ecsplan.model.plan import Plan, Step, StepId
from ecsplan.model.resource import Lifecycle, LiveObject, Owner, Resource
from ecsplan.model.stack import Stack
from ecsplan.model.texts import FileText, SecretText
from ecsplan.model.values import Integer, Text
from ecsplan.planner.diff import diff
from ecsplan.planner.tagging import wanted_tags

STACK = "lab"


def at(text: str) -> Address:
    return Address.parse(text)


def ref(text: str, attribute: str = "id") -> Ref:
    return Ref(at(text), attribute)


def _lids(change: Change) -> Iterable[Call]:
    moved = change.attributes_by_name["lids"]
    for lid in sorted(set(moved.after or ()) - set(moved.before or ()), key=str):
        yield Call("JoinLid", {"BoxId": change.id, "LidId": lid}, kind="box", targets=(change.id,))
    for lid in sorted(set(moved.before or ()) - set(moved.after or ()), key=str):
        yield Call(
            "LeaveLid", {"BoxId": change.id, "LidId": lid}, kind="box", targets=(change.id,), absent_is_done=True
        )


NAME = Attribute("name", "Name", Text(2, 128))
TAGS = Attribute("tags", None, MapOf(Text(0, 128)), read_as=False)

SHELF = Kind(
    name="shelf",
    summary="Holds boxes.",
    attributes=(
        NAME,
        Attribute("width", "Width", Integer()),
        Attribute("wood", "Wood", Text(), fixed="replace"),
        Attribute("spot", "Spot", Text(), fixed="replace"),
        Attribute("serial", None, Text(), computed=True, read_as="Serial"),
        TAGS,
    ),
    listing=Listing(
        "ListShelves", "Shelves.Shelf", "ShelfId", "Name", paging=Paging.PAGE, ids=Ids("Ids"), dry_run=True
    ),
    create=Create("CreateShelf", "ShelfId", wait=until("Ready")),
    updates=(Update("ModifyShelf", ("name", "width")), Update("TagResources", ("tags",))),
    delete=Delete("DeleteShelf"),
    id_param="ShelfId",
    id_prefixes=("sh-",),
    can=(Tagged("shelf"), Exclusivity((Exclusive("spot"),))),
    example={"width": 3},
)

POWER = Power(
    "state",
    "On",
    "Off",
    Update("StartBoxes", ("state",), merge=Merge("Ids", 2), wait=until("On")),
    Update("StopBoxes", ("state",), merge=Merge("Ids", 2), wait=until("Off")),
)

IS_NAILED = Decoder(lambda raw: bool(raw.get("Nailed")))

BOX = Kind(
    name="box",
    summary="Stands on a shelf.",
    attributes=(
        NAME,
        Attribute("shelf", "ShelfId", Reference("shelf", prefixes=("sh-",)), fixed="replace", required=True),
        Attribute("size", "Size", Integer(), fixed="refuse"),
        Attribute("colour", "Colour", Text()),
        Attribute("motor", "Motor", Text()),
        Attribute("material", "Material", Text(), fixed="replace"),
        Attribute("image", "Image", Text(), fixed="replace", decided_by="on_image_change"),
        Attribute("lids", None, SetOf(Reference("box", prefixes=("bx-",))), read_as="Lids"),
        Attribute("script", "Script", FileText(), read_as="@script.Script", compare_by_digest=True),
        Attribute("password", "Password", SecretText(), sensitive=True, read_as=False),
        Attribute(
            "state", None, Text(), read_as=lambda raw: {"On": "running", "Off": "stopped"}.get(raw.get("Status"))
        ),
        Attribute("address", None, Text(), computed=True, read_as="Address"),
        TAGS,
    ),
    listing=Listing(
        "ListBoxes",
        "Boxes.Box",
        "BoxId",
        "Name",
        ids=Ids("Ids"),
        details=(
            Detail(
                "@script", "GetScript", "", ids=Ids("BoxId", "single", 1), attributes=("script",), paging=Paging.NONE
            ),
        ),
    ),
    create=Create("RunBoxes", "Ids.Id[]", later=("lids", "state"), wait=until("On"), amount="Amount", amount_limit=3),
    updates=(
        Update("ModifyBox", ("name", "colour")),
        Update("ResizeBox", ("size",), only_if=lambda before, after: before is None or after > before, otherwise="no"),
        Update("ChangeMotor", ("motor",), needs_status="Off"),
        Update("SetPassword", ("password",), needs_status="Off"),
        Update("SetScript", ("script",)),
        Update("JoinLid", ("lids",), build=_lids),
        Update("TagResources", ("tags",)),
    ),
    delete=Delete(
        "DeleteBoxes",
        merge=Merge("Ids", 2),
        release=("lids",),
        impacts=(Impact.DATA_LOSS,),
        gives_up=lambda box: (f"what is in {box.id}",),
        refused=lambda box: "it is nailed down" if box.fact(IS_NAILED) else None,
        wait=Wait(absent=True),
    ),
    id_param="BoxId",
    id_prefixes=("bx-",),
    can=(Tagged("box"), POWER),
    example={"shelf": "main"},
)

KINDS: Kinds = {"box": BOX, "shelf": SHELF}


def a_kind(**parts: Any) -> Kind:
    """The shelf, with some of its parts otherwise."""
    return replace(SHELF, **parts)


def a_resource(
    text: str = "shelf.main", *, name: str = "", lifecycle: Mapping[str, Any] | None = None, **more: Any
) -> Resource:
    """`more` are its attributes; members of a count have their managed name."""
    address = at(text)
    managed = isinstance(address.key, int) or bool(name)
    name = name or f"{STACK}-{address.name}" + (f"-{address.key:04d}" if isinstance(address.key, int) else "")
    depends_on, adopt = more.pop("depends_on", ()), more.pop("adopt", None)
    attributes = {**more, **({"name": name} if managed else {})}
    return Resource(address, attributes, name, managed, depends_on, Lifecycle(**(lifecycle or {})), adopt)


def a_box(text: str = "box.a", **more: Any) -> Resource:
    return a_resource(text, **{"shelf": ref("shelf.main"), **more})


def a_stack(*resources: Resource, **more: Any) -> Stack:
    return Stack(STACK, "here", resources, **more)


def an_object(
    text: str = "shelf.main", object_id: str = "", *, tags: Mapping[str, str] | None = None, **more: Any
) -> LiveObject:
    """A live object as it stands; `more` are its attributes, or fields of LiveObject that are none."""
    address = at(text)
    more |= {"_answer": more.pop("raw")} if "raw" in more else {}
    fields = {key: more.pop(key) for key in tuple(more) if key in LiveObject.__struct_fields__ and key != "name"}
    name = more.get("name") or f"{STACK}-{address.name}"
    object_id = object_id or {"shelf": "sh-", "box": "bx-"}[address.kind] + address.name
    owner = fields.pop("owner", Owner(STACK, address))
    status = fields.pop("status", {"shelf": "Ready", "box": "On"}[address.kind])
    named = read_marks(tags or {}, address.kind).named
    found = LiveObject(
        address.kind,
        object_id,
        name,
        status,
        attributes=more,
        tags=tags or {},
        owner=owner,
        marks=named,
        applied=read_record(named),
    )
    return replace(found, **fields)


def a_live(resource: Resource, object_id: str = "", **more: Any) -> LiveObject:
    """The object as it is right after `resource` was applied, with `more` attributes otherwise since then."""
    tags = wanted_tags(KINDS[resource.address.kind], STACK, resource) | more.pop("tags", {})
    ids = more.pop("ids", {"shelf.main": "sh-main"})
    plain = {k: _with_ids(v, ids) for k, v in resource.attributes.items() if k not in ("tags", "password")}
    more.setdefault("is_protected", resource.lifecycle.prevent_destroy)
    return an_object(str(resource.address), object_id, tags=tags, **{"name": resource.name, **plain, **more})


def _with_ids(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, Ref):
        return ids.get(str(value), value)
    if isinstance(value, tuple):
        return tuple(_with_ids(item, ids) for item in value)
    return value


def an_inventory(matched: Mapping[str, LiveObject] | None = None, **more: Any) -> Inventory:
    found = {at(text): obj for text, obj in (matched or {}).items()}
    more.setdefault("evidence", {obj.id: Evidence.NAMED for obj in found.values()})
    return Inventory("here", tuple(found.values()), found, **more)


def changes_of(stack: Stack, matched: Mapping[str, LiveObject] | None = None, **more: Any) -> dict[str, Change]:
    """The changes of a diff by address; `orphans` and such go to the inventory, the rest to the diff."""
    parts = {key: more.pop(key) for key in tuple(more) if key in Inventory.__struct_fields__}
    found = diff(stack, an_inventory(matched, **parts), KINDS, **more)
    return {f"{'-' if change.after is None else ''}{change.address}": change for change in found}


def a_step(text: str, *needs: str, **more: Any) -> Step:
    """`create box.a` with the steps that it needs; `more` are fields of Step, or of its one Call."""
    more |= {"_answer": more.pop("raw")} if "raw" in more else {}
    fields = {key: more.pop(key) for key in tuple(more) if key in Step.__struct_fields__}
    verb, _, address = text.partition(" ")
    call = a_call(verb, at(address), **more)
    ids = tuple(_step_id(need) for need in needs)
    return Step(**{"id": _step_id(text), "addresses": (at(address),), "calls": (call,), "needs": ids, **fields})


def _step_id(text: str) -> StepId:
    verb, _, address = text.partition(" ")
    return StepId(address, verb)


def a_call(verb: str, address: Address, **more: Any) -> Call:
    if verb == "create":
        born = {"creates": (address,), "id_path": "Id", "wait": until("Ready"), "token": True}
        return Call(**{"operation": "Create", "kind": address.kind, "params": {"Name": address.name}, **born, **more})
    return Call(**{"operation": verb.title(), "kind": address.kind, "targets": (f"id-{address.name}",), **more})


def a_plan(*steps: Step, **more: Any) -> Plan:
    return Plan(**{"stack": STACK, "region": "here", "account": "1", "changes": (), "steps": steps, **more})
