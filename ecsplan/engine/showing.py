"""Waiting until lists show accepted changes. Used by applying.py.

A new object that no list shows yet would be made a second time by the next run, if that has another journal. Names,
billing, policies and addresses are taken by the service before its reads tell of them: the next plan would find them
again. A change is unseen while its object has the value from before, or none where it had one; of a value with
members (interfaces by slot, rows of settings), while a member that changes has the one from before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from ecsplan.executor.blind import VISIBILITY_LAG
from ecsplan.inventory.decode import bare
from ecsplan.inventory.read import Wanted, join_whole, read_details
from ecsplan.inventory.shown import Shown
from ecsplan.model.address import Address
from ecsplan.model.algebra import Raw
from ecsplan.model.call import ApiError, ErrorClass, ShortRead
from ecsplan.model.capabilities.conversion import birth
from ecsplan.model.capabilities.exclusivity import exclusivity
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.clock import Clock
from ecsplan.model.kind import Detail, Kind, Kinds
from ecsplan.model.plan import Report
from ecsplan.model.resource import RemoteObject, Resource
from ecsplan.model.slots import seated
from ecsplan.provider.protocol import Provider

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds between looks; what is unseen after the last is told
IN_PLACE = (Action.UPDATE, Action.MOVE, Action.ADOPT)


def wait_until_shown(
    source: Provider,
    kinds: Kinds,
    changes: Iterable[Change],
    report: Report,
    clock: Clock,
    tell: Callable[[Mapping[str, Any]], None],
    is_stopped: Callable[[], bool],
) -> bool:
    """Looks at what was made or changed in place, and again for as long as some of it is not shown. Whether all is."""
    since = clock.now() - VISIBILITY_LAG
    young = {address: id_ for address, id_ in report.ids.items() if report.born_at.get(id_, since) > since}
    looks: list[_Look] = [_Born(kinds[kind], of_kind) for kind, of_kind in _by_kind(young, kinds).items()]
    looks += [_Changed(kinds, kinds[kind], of_kind) for kind, of_kind in _changed(changes, report.ids, kinds).items()]
    unseen, is_told = list[str](), True
    for pause in (0.0, *PAUSES):
        if pause:
            clock.sleep(pause)
        found = list(source.reading.map(lambda look: _looked(look, source), looks))
        for problem in {str(late): late for late in found if isinstance(late, ApiError)}.values():
            tell({"type": "diagnostic", "severity": "warning", "message": _unread(problem)})
            is_told = False
        looks = [look for look, late in zip(looks, found, strict=True) if late and not isinstance(late, ApiError)]
        unseen = [text for late in found if not isinstance(late, ApiError) for text in late]
        if not unseen or is_stopped():
            return is_told and not unseen
        if pause == PAUSES[0]:
            tell({"type": "diagnostic", "message": f"waiting until reads show what was changed: {_told(unseen)}"})
    tell({"type": "diagnostic", "message": f"accepted, and not shown yet: {_told(unseen)}; a plan may have it again"})
    return False


def _looked(look: "_Look", source: Provider) -> list[str] | ApiError:
    """What is still to be seen; or why that cannot be told. The run is done by now: no read may end it."""
    try:
        return look(source)
    except ShortRead as moved:
        return [f"{moved.operation}: the list moves"]
    except ApiError as error:
        return error


def _unread(error: ApiError) -> str:
    why = (
        "the credentials ran out"
        if error.error_class is ErrorClass.AUTH_REFRESH
        else f"{error.operation}: {error.code}"
    )
    return f"all was done, but not whether reads show it could be told ({why}); a plan made at once may have it again"


def _told(unseen: Sequence[str]) -> str:
    shown = sorted(unseen)
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")


class _Look(Protocol):
    """Reads, keeps what is still to be seen, and says that in words."""

    def __call__(self, source: Provider) -> list[str]: ...


def _by_kind(born: Mapping[Address, str], kinds: Kinds) -> dict[str, dict[str, Address]]:
    """New ids by kind. What has a unique name cannot be made a second time."""
    found: dict[str, dict[str, Address]] = {}
    for address, id_ in born.items():
        if not exclusivity(kinds[address.kind]).unique_name:
            found.setdefault(address.kind, {})[id_] = address
    return found


class _Born(Struct):
    kind: Kind
    left: dict[str, Address]

    def __call__(self, source: Provider) -> list[str]:
        for object_id in source.shown(self.kind.name, list(self.left)):
            self.left.pop(object_id, None)
        return [f"{address} (new)" for address in self.left.values()]


def _changed(changes: Iterable[Change], born: Mapping[Address, str], kinds: Kinds) -> dict[str, "list[_Set]"]:
    """What was set on objects that were there, or on new ones by calls of their own; by kind."""
    found: dict[str, list[_Set]] = {}
    for change in changes:
        kind, object_id = kinds[change.kind], born.get(change.address, "")
        apart = {name for detail in kind.listing.details if not _is_cheap(detail) for name in detail.attributes}
        lines: Iterable[AttributeChange] = ()
        if object_id and change.after is not None:
            lines = [AttributeChange(name, None, _given(change.after, name)) for name in birth(kind, change).later]
        elif change.action in IN_PLACE and change.before is not None:
            object_id, lines = change.before.id, change.attributes
        known = {attribute.name for attribute in kind.attributes} - apart
        told = [line for line in lines if line.name in known and line.before != line.after]
        if told:
            slots = seated(change.before) if change.before is not None else None
            one = _Set(change.address, object_id, change.address in born, told, slots or {})
            found.setdefault(change.kind, []).append(one)
    return found


def _given(resource: Resource, name: str) -> Any:
    """A name is given whether it is declared or not."""
    return resource.attributes.get(name, resource.name if name == "name" else None)


def _is_cheap(detail: Detail) -> bool:
    """Whether it is read in fewer calls than there are objects."""
    return detail.ids is None or detail.ids.limit > 1


class _Set(Struct, frozen=True):
    """What was set on one object; `slots` are its parts as they were found, since a read by id does not tell them."""

    address: Address
    id: str
    is_new: bool
    lines: Sequence[AttributeChange]
    slots: Mapping[str, Any]


class _Changed(Struct):
    kinds: Kinds
    kind: Kind
    left: list[_Set]

    def __call__(self, source: Provider) -> list[str]:
        """What cannot be read now is no reason to wait; where nothing can, that is raised."""
        seen = source.wait(self.kind.name, sorted({one.id for one in self.left}))
        if seen.unknown and not seen.found:
            raise next(iter(seen.unknown.values()))
        found = seen.found
        names = {one.id: frozenset(line.name for line in one.lines) for one in self.left}
        raws = self._with_lists(source, {id_: dict(raw) for id_, raw in sorted(found.items())})
        wanted = [Wanted(bare(self.kind, raw), names[id_]) for id_, raw in raws.items()]
        live = {obj.id: obj for obj in read_details(source, self.kinds, wanted)}
        late = {one.id: self._late(one, live.get(one.id)) for one in self.left}
        self.left = [one for one in self.left if late[one.id]]
        return [f"{one.address} ({', '.join(late[one.id])})" for one in self.left]

    def _with_lists(self, source: Provider, raws: dict[str, dict[str, Any]]) -> Mapping[str, Raw]:
        """With those whole lists without which an attribute can't be told: what is in a slot has a list of its own."""
        lacks: set[str] = set()
        for one in self.left:
            lacks |= self._shown(one).lacks(raws.get(one.id, {}), (line.name for line in one.lines if one.id in raws))
        for detail in self.kind.listing.details:
            if detail.ids is None and detail.into in lacks:
                join_whole(source, self.kind, detail, list(raws.values()))
        return raws

    def _late(self, one: _Set, obj: RemoteObject | None) -> list[str]:
        return [line.name for line in one.lines if obj is not None and self._shown(one).is_late(obj, line)]

    def _shown(self, one: _Set) -> Shown:
        return Shown(self.kinds, self.kind, one.is_new, one.slots)
