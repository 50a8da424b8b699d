"""What was accepted is waited for until lists show it. Used by applying.py.

A new object that no list shows yet would be made a second time by the next run, if that has another journal. Names,
billing, policies and addresses are taken by the service before its reads tell of them: the next plan would find them
again. A change is unseen while its object has the value from before, or none where it had one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ecsplan.api.clock import Clock
from ecsplan.apply.blind import VISIBILITY_LAG
from ecsplan.inventory.decode import attribute_of, bare
from ecsplan.inventory.read import Wanted, read_details
from ecsplan.model.address import Address
from ecsplan.model.capabilities.exclusivity import exclusivity
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.kind import Ids, Kind, Kinds
from ecsplan.model.plan import Report
from ecsplan.model.resource import RemoteObject
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
) -> None:
    """Looks at what was made or changed in place, and again for as long as some of it is not shown."""
    since = clock.now() - VISIBILITY_LAG
    young = {address: id_ for address, id_ in report.ids.items() if report.born_at.get(id_, since) > since}
    looks: list[_Look] = [_Born(kinds[kind], of_kind) for kind, of_kind in _by_kind(young, kinds).items()]
    looks += [_Changed(kinds, kinds[kind], of_kind) for kind, of_kind in _changed(changes, report.ids, kinds).items()]
    unseen: list[str] = []
    for pause in (0.0, *PAUSES):
        if pause:
            clock.sleep(pause)
        found = list(source.reading.map(lambda look: look(source), looks))
        looks = [look for look, late in zip(looks, found, strict=True) if late]
        unseen = [text for late in found for text in late]
        if not unseen or is_stopped():
            return
        if pause == PAUSES[0]:
            tell({"type": "diagnostic", "message": f"waiting until reads show what was changed: {_told(unseen)}"})
    tell({"type": "diagnostic", "message": f"accepted, and not shown yet: {_told(unseen)}; a plan may have it again"})


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


@dataclass(slots=True)
class _Born:
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
        apart = {name for detail in kind.listing.details if not _is_cheap(detail.ids) for name in detail.attributes}
        lines: Iterable[AttributeChange] = ()
        if object_id and change.after is not None:
            given = change.after.attributes
            lines = [AttributeChange(name, None, given[name]) for name in kind.create.later if name in given]
        elif change.action in IN_PLACE and change.before is not None:
            object_id, lines = change.before.id, change.attributes
        known = {attribute.name for attribute in kind.attributes} - apart
        told = [line for line in lines if line.name in known and line.before != line.after]
        if told:
            found.setdefault(change.kind, []).append(_Set(change.address, object_id, change.address in born, told))
    return found


def _is_cheap(ids: Ids | None) -> bool:
    return ids is not None and ids.limit > 1


@dataclass(frozen=True, slots=True)
class _Set:
    """What was set on one object."""

    address: Address
    id: str
    is_new: bool
    lines: Sequence[AttributeChange]


@dataclass(slots=True)
class _Changed:
    kinds: Kinds
    kind: Kind
    left: list[_Set]

    def __call__(self, source: Provider) -> list[str]:
        """What cannot be read now is no reason to wait."""
        found = source.wait(self.kind.name, sorted({one.id for one in self.left})).found
        names = {one.id: frozenset(line.name for line in one.lines) for one in self.left}
        wanted = [Wanted(bare(self.kind, raw), names[id_]) for id_, raw in sorted(found.items())]
        live = {obj.id: obj for obj in read_details(source, self.kinds, wanted)}
        late = {one.id: [line.name for line in one.lines if one.id in live and self._is_late(live[one.id], one, line)]
                for one in self.left}  # fmt: skip
        self.left = [one for one in self.left if late[one.id]]
        return [f"{one.address} ({', '.join(late[one.id])})" for one in self.left]

    def _is_late(self, obj: RemoteObject, one: _Set, line: AttributeChange) -> bool:
        raw = _Short(obj.raw)
        now = attribute_of(self.kind, raw, line.name)
        attribute = self.kind.attribute(line.name)
        if raw.lacks or line.name in obj.unread or attribute.read_as is False:
            return False
        is_said = line.after not in (None, False, "", ())  # what is off or empty may be shown as nothing
        is_empty = now is None and is_said and (one.is_new or line.before is not None)
        return is_empty or (not one.is_new and bool(now == line.before))


class _Short(dict[str, Any]):
    """A raw object that notices when it is asked for a detail that was not read."""

    lacks = False

    def get(self, key: str, default: Any = None) -> Any:
        self.lacks = self.lacks or (key.startswith("@") and key not in self)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.lacks = self.lacks or (key.startswith("@") and key not in self)
        return super().__getitem__(key)
