"""The calls of a change: the create, the updates and the delete of a kind's table with the values of a change. Pure.

Used by steps.py and window.py, which make steps of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecsplan.model.address import Ref, Secret, Template
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Call, Late, Replay
from ecsplan.model.capabilities.conversion import Conversion, birth
from ecsplan.model.capabilities.exclusivity import exclusivity
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import UNKNOWN, AttributeChange, Change
from ecsplan.model.copying import replace
from ecsplan.model.kind import REPLAY_OF_CREATE, Create, Kind, Update
from ecsplan.model.record import Lines
from ecsplan.model.record_form import has_secret
from ecsplan.model.resource import Resource
from ecsplan.planner.marks import OURS
from ecsplan.planner.tagging import birth_tags
from ecsplan.planner.ways import find_update


def create_call(
    kind: Kind,
    change: Change,
    resource: Resource,
    declared: Resource,
    region: str,
    later: Lines | None = None,
    lines: Mapping[str, tuple[str, ...]] | None = None,
) -> Call:
    """Makes `resource`, which is the declared one without what is carried over; `later` is what further steps set,
    `lines` the record of the declared one, where it is known."""
    create = birth(kind, change)
    params = create_params(kind, create, resource)
    if create.tags:
        params[create.tags] = birth_tags(kind, change.stack, declared, later, lines)
    elsewhere = create.elsewhere(resource) if create.elsewhere else None
    call = Call(
        create.operation,
        {**params, create.here: region} if create.here else params,
        create.product or kind.product,
        kind.name,
        creates=(change.address,),
        names=(resource.name,),
        id_path=create.id,
        wait=create.wait,
        token=create.token,
        replay=Replay.NAME if exclusivity(kind).unique_name and not create.token else REPLAY_OF_CREATE[create.token],
        region=elsewhere,
    )
    conversion = kind.capability(Conversion) if change.converts else None
    if conversion is None:
        return call
    found = conversion.find(str(resource.attributes[conversion.source]), change.converts)
    return replace(call, replay=Replay.NAME, find=found)  # what is converted once cannot be a second time


def create_params(kind: Kind, create: Create, resource: Resource) -> dict[str, object]:
    """The create call's parameters: names, attributes as the wire nests them, and extras."""
    params: dict[str, Any] = {}
    for attribute in kind.attributes:
        value = resource.name if attribute.name == "name" else resource.attributes.get(attribute.name)
        wire = create.wire.get(attribute.name, attribute.wire)
        if value is not None and wire and attribute.name not in create.later:
            put(params, wire, encoded(attribute, value))
    params |= create.params
    for name, extra in (create.extra(resource) if create.extra else {}).items():
        given = params.get(name)
        params[name] = {**given, **extra} if isinstance(given, Mapping) and isinstance(extra, Mapping) else extra
    return {name: value for name, value in params.items() if value is not None}


def put(params: dict[str, Any], path: str, value: object) -> None:
    """Sets a dotted wire name in nested parameters."""
    *outer, last = path.split(".")
    for key in outer:
        params = params.setdefault(key, {})
    params[last] = value


def encoded(attribute: Attribute, value: Any) -> Any:
    """A value as the wire spells it; what apply has to fill first is encoded then."""
    if isinstance(value, (Template, Secret)) or has_secret(value):
        form = "base64" if getattr(attribute.type, "base64", False) else "plain"
        return Late(value, attribute.type.encode, is_sensitive=has_secret(value), form=form)
    if isinstance(value, tuple):
        has_ref = any(isinstance(item, Ref) for item in value)
        return list(value) if has_ref else attribute.type.encode(value)
    return value if isinstance(value, Ref) else attribute.type.encode(value)


def updates_of(kind: Kind, change: Change) -> Iterator[tuple[Update, list[AttributeChange]]]:
    """The changed attributes by the Update that takes them, in the order of the kind's table."""
    power = kind.capability(Power)
    found: dict[int, list[AttributeChange]] = {}
    along = change.moving.takes if change.moving is not None else ()
    for line in change.attributes:
        if line.name in along or line.name in (*OURS, "tags") or (power and line.name == power.attribute):
            continue
        update = find_update(kind, line)
        if update is not None:
            found.setdefault(kind.updates.index(update), []).append(line)
    for place in sorted(found):
        yield kind.updates[place], found[place]


def update_calls(kind: Kind, change: Change, update: Update, lines: list[AttributeChange]) -> Iterator[Call]:
    """The calls of one Update: from its `build`, or one made of the table."""
    if update.build is not None:
        for call in update.build(change):
            yield replace(call, kind=call.kind or kind.name)
        return
    assert update.operation is not None
    params: dict[str, Any] = dict(update.params)
    target = change.id
    id_param = update.id or kind.id_param
    if update.merge is None:
        params[id_param] = target
    values = {line.name: line.after for line in lines}
    for name in update.also:
        values.setdefault(name, change.after.attributes.get(name) if change.after else None)
        if values[name] is None:
            values[name] = change.live(name)
    for name, value in values.items():
        attribute = kind.attribute(name)
        if value is None and attribute.optional and attribute.cleared_by is not None:
            put(params, update.wire.get(name) or attribute.wire or name, attribute.cleared_by)
        elif value is not None and value is not UNKNOWN:
            put(params, update.wire.get(name) or attribute.wire or name, encoded(attribute, value))
    yield Call(
        update.operation,
        params,
        update.product or kind.product,
        kind.name,
        (target,),
        update.merge,
        wait=update.wait,
        token=update.token,
        replay=Replay.TOKEN if update.token else Replay.NATURAL,
    )


def delete_calls(kind: Kind, change: Change) -> Iterable[Call]:
    """The delete call with what a kind puts around it."""
    assert change.before is not None
    delete = kind.delete
    params: dict[str, Any] = dict(delete.params)
    if delete.merge is None:
        params[delete.id or kind.id_param] = change.before.id
    if delete.extra:
        params |= delete.extra(change.before)
    call = Call(
        delete.operation,
        params,
        delete.product or kind.product,
        kind.name,
        (change.before.id,),
        delete.merge,
        wait=delete.wait,
        token=delete.token,
        replay=Replay.TOKEN if delete.token else Replay.NATURAL,
        absent_is_done=True,
    )
    yield from delete.around(change, call) if delete.around else (call,)
