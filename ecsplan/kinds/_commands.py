"""Commands that a machine runs: which, and by which text it is known that one ran. Used by instance.py, command.py.

InvokeCommand (ECS 2014-05-26) is no state: it is done once for a text, and the record of the machine says that it was.
What it is given is tagged, so that a run that comes after a broken one finds what that had begun.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from ecsplan.kinds._command_parameters import Parameters, given
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import fields
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Merge, Replay
from ecsplan.model.capabilities.echoing import Echoes
from ecsplan.model.change import Change
from ecsplan.model.composites import MapOf, NamedRef, Record, Reference, first_repeated, is_deferred
from ecsplan.model.kind import Update
from ecsplan.model.quoting import shown
from ecsplan.model.record_form import dumped
from ecsplan.model.resource import Resource
from ecsplan.model.running import BY_HAND, MARK, RunPlan
from ecsplan.model.values import Mistake, Text

AT_ONCE = 50  # machines of one InvokeCommand that every account may name
ITEM = Record(
    "a command",
    Attribute("command", None, Reference("command", prefixes=()), "The command.", required=True),
    Attribute("text", None, Text(), "Stands for what it runs."),
    Attribute("user", None, Text(), "Who runs it."),
    Attribute("parameters", None, Parameters(), "The values of its parameters."),
)


class Commands(MapOf):
    """Names of commands of the stack, in the order in which they run. Canonical: a record for each, by its name."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(ITEM)

    @property
    def says(self) -> str:
        return "a list of names of commands of this stack"

    def schema(self) -> dict[str, object]:
        return {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "maxItems": 20}

    def parse(self, value: object) -> tuple[tuple[str, Any], ...]:
        if not isinstance(value, (list, tuple)):
            raise self.mistake(value)
        found = tuple(self._item(item, place) for place, item in enumerate(value))
        twice = first_repeated([key for key, _ in found])
        if twice is not None:
            raise Mistake(f"{shown(found[twice][0])} appears twice in the list", "remove one of the two", (twice,))
        return found

    def _item(self, item: object, place: int) -> tuple[str, object]:
        if isinstance(item, Ref) and item.address.kind == "command":
            return item.address.name, (("command", Ref(item.address)),)
        if not isinstance(item, str) or is_deferred(item):
            raise Mistake(f"{shown(item)} is not the name of a command", f"write {self.says}", (place,))
        return item, (("command", NamedRef(item, ("command",))),)

    def matches(self, desired: Any, live: Any) -> bool:
        known = dict(live or ())
        return all(key in known for key, _ in desired)


def told(value: tuple[tuple[str, Any], ...], everything: Mapping[Address, Resource]) -> tuple[tuple[str, object], ...]:
    """With what stands for the text of each, where another text is run anew, and the user who runs it."""
    return tuple((key, _told(dict(item)["command"], everything)) for key, item in value)


def _told(ref: Ref, everything: Mapping[Address, Resource]) -> tuple[tuple[str, object], ...]:
    command = everything.get(ref.address)
    of = command.attributes if command is not None else {}
    found = {"command": ref, "user": of.get("user"), "parameters": of.get("parameters") or None}
    if of.get("runs", "on_change") == "on_change":
        found["text"] = digest(of)
    return tuple(sorted((name, value) for name, value in found.items() if value is not None))


def digest(attributes: Mapping[str, Any]) -> str:
    """Of what replaces a command when it changes: its type and its content, as declared; and of its parameters."""
    content, values = attributes.get("content"), {name: str(value) for name, value in
                                                  fields(attributes.get("parameters")).items()}  # fmt: skip
    text = dumped([attributes.get("type", "RunShellScript"), content if isinstance(content, str) else str(content),
                   *([values] if values else [])])  # fmt: skip
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def run(change: Change) -> Iterable[Call]:
    """What is not done yet, in the order of the file; machines alike share a call."""
    line = change.attributes_by_name["commands"]
    done = fields(line.before)
    for key, item in fields(line.after).items():
        if key not in done:
            yield invoke(change, key, fields(item), {MARK: change.stack})


def invoke(change: Change, name: str, item: Mapping[str, Any], tags: Mapping[str, str]) -> Call:
    params: dict[str, object] = {
        "CommandId": item["command"],
        "RepeatMode": "Once",
        "Tag": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    if item.get("user"):
        params["Username"] = item["user"]
    params |= given(item.get("parameters"))
    return Call("InvokeCommand", params, kind="instance", targets=(change.id,), merge=Merge("InstanceId", AT_ONCE),
                token=True, replay=Replay.TOKEN, note=f"command.{name}")  # fmt: skip


def by_hand(change: Change, plan: RunPlan) -> Call:
    item = {"command": plan.id, "user": plan.user, "parameters": plan.parameters}
    return invoke(change, plan.command.name, item, {BY_HAND: plan.stack})


def at_birth(resource: Resource) -> Iterable[Impact]:
    return (Impact.RUN,) if resource.attributes.get("commands") else ()


ATTRIBUTE = Attribute(
    "commands", None, Commands(), "Commands that it runs, in this order, through Cloud Assistant: each once, and again "
    "when its text is another one. One that is adopted is taken to have run them.", on_record=True, read_as=False,
    afterwards="what they did stays done", samples=(["setup"], ["setup", "more"]),
    samples_with={"state": "running"})  # fmt: skip
UPDATE = Update("InvokeCommand", ("commands",), build=run, runs=True, impacts=(Impact.RUN,), seconds=15.0)
ECHOES = Echoes("commands", told)
