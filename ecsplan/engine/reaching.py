"""Traffic that a plan opens and closes: the rules of the groups of every machine and interface, before and after.

Evaluated once for each distinct set of groups. Groups that are not of the stack have rules that the plan reads only
where a machine comes into them or leaves them: what is said elsewhere leaves them out, and names them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ecsplan.access.rules import Direction, Directory, Far, Policy, Rule, defaults
from ecsplan.access.told import told
from ecsplan.access.ways import last_ways_in
from ecsplan.inventory.decode import value_of
from ecsplan.kinds._reach import entries_told, groups_told, ports_told
from ecsplan.model.address import Address, Ref
from ecsplan.model.change import Action, Change
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.digits import whole_number
from ecsplan.model.kind import Kinds
from ecsplan.model.reach import Reach
from ecsplan.model.resource import RemoteObject

GROUP = "security_group"
MEMBERS = ("instance", "network_interface")
MEMBERSHIP, SLOTS = "security_groups", "network_interfaces"
DIRECTIONS: tuple[Direction, ...] = ("ingress", "egress")
_NEAR: Mapping[Direction, tuple[str, ...]] = {
    "ingress": ("dest_cidr", "dest_ipv6_cidr"),
    "egress": ("source_cidr", "source_ipv6_cidr"),
}
_GOING = (Action.DELETE, Action.RELEASE)
_Keys = frozenset[str]


def reach_of(changes: Sequence[Change], types: Mapping[str, str] | None = None) -> tuple[Reach, ...]:
    """For machines and interfaces that are there afterwards, and groups of which the plan has no member.

    `types` are those of groups that are not in the plan, by their ids. A new machine is compared with nothing; of what
    it may send, and its neighbours in a group, nothing is said.
    """
    groups = _Groups(changes, types or {})
    alike: dict[tuple[_Keys | None, _Keys], dict[Address, None]] = {}
    seen: set[str] = set()
    for change in changes:
        if change.kind in MEMBERS and change.action not in _GOING:
            for before, after in groups.sets_of(change):
                seen |= after | (before or after)
                alike.setdefault((before, after), {})[change.address] = None
    for key in sorted(groups.edited - seen):
        alike.setdefault((frozenset({key}), frozenset({key})), {})[groups.changes[key].address] = None
    found: list[Reach] = []
    for (before, after), addresses in alike.items():
        if before != after or groups.touched & after:
            found += _reach(groups, before, after, tuple(addresses))
    return tuple(sorted(found, key=lambda reach: (reach.addresses, reach.direction)))


def other_reach(
    saved: Sequence[Reach], fresh: Sequence[Reach], is_untouched: bool, born: frozenset[Address]
) -> Iterator[Diagnostic]:
    """Where a saved plan would open or close now what it does not say.

    Of a plan that is done in part, less is left to open and to close than it says, in other words: then each machine is
    held against what the plan says of it at all. What the plan makes (`born`) may be there without its rules as yet.
    """
    if not is_untouched:
        fresh = [one for one in fresh if born.isdisjoint((*one.addresses, *one.groups))]
    lines = {sign: _said(saved, sign) for sign in SIGNS}
    for sign, what in SIGNS.items():
        for address, said in _said(fresh, sign).items():
            known = lines[sign].get(address, frozenset())
            more = said - known if is_untouched else said if not known else ()
            if more:
                text = f"the cloud has moved since the plan was made: it would {what} {', '.join(sorted(more))} now"
                yield Diagnostic(text, "plan again", address=address)


SIGNS = {"opened": "open", "closed": "close", "unknown": "depend on"}


def _said(found: Sequence[Reach], sign: str) -> dict[Address, frozenset[str]]:
    lines: dict[Address, frozenset[str]] = {}
    for reach in found:
        for address in reach.addresses:
            lines[address] = lines.get(address, frozenset()).union(getattr(reach, sign))
    return lines


def group_types(kinds: Kinds, objects: Iterable[RemoteObject]) -> dict[str, str]:
    """The type of each live group by its id, as lists tell it."""
    return {one.id: str(value_of(kinds, one, "type") or "") for one in objects if one.kind == GROUP}


def _reach(groups: "_Groups", before: _Keys | None, after: _Keys, addresses: tuple[Address, ...]) -> Iterator[Reach]:
    for direction in DIRECTIONS if before is not None else DIRECTIONS[:1]:
        old = groups.policy(before, direction, False) if before is not None else Policy((), groups.directory)
        new = groups.policy(after, direction, True, before is not None)
        opened, closed = told(old, new, groups.names)
        last = last_ways_in(old, new) if closed and direction == "ingress" else ()
        unread, is_unsure = groups.unread(before, after, direction)
        unknown = tuple(sorted({*unread, *old.unknown, *new.unknown}))
        if opened or closed or is_unsure:
            touched = groups.touched & ((before or after) | after)
            changed = tuple(sorted(groups.changes[key].address for key in touched))
            yield Reach(addresses, direction, tuple(opened), tuple(closed), last, changed, unknown, is_unsure)


@dataclass(slots=True)
class _Groups:
    """The groups of a plan by address, which stays when a group is replaced; any other goes by its id.

    `_read` are the rules of others, as far as they were asked for.
    """

    all: Sequence[Change]
    types: Mapping[str, str]
    changes: dict[str, Change] = field(init=False)
    names: dict[str, str] = field(init=False)
    directory: Directory = field(init=False)
    touched: _Keys = field(init=False)
    edited: _Keys = field(init=False)
    _by_id: dict[str, str] = field(init=False)
    _read: dict[str, Mapping[str, Any]] = field(init=False)
    _ports: dict[str, tuple[str, ...]] = field(init=False)
    _rules: dict[tuple[str, Direction, bool], tuple[tuple[Rule, ...], _Keys]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        ours = [change for change in self.all if change.kind == GROUP]
        ours.sort(key=lambda change: change.action not in _GOING)  # a successor has the address of what goes
        self.changes = {str(change.address): change for change in ours}
        self._by_id = {change.id_text: str(change.address) for change in ours if change.id_text}
        self.names = {key: key.removeprefix(f"{GROUP}.") for key in self.changes}
        self.directory = Directory({}, {name: entries for c in ours for name, entries in entries_told(c)})
        self._ports = {name: ports for change in ours for name, ports in ports_told(change)}
        self.touched = frozenset(key for key, change in self.changes.items() if change.action is not Action.NOOP)
        edits = (Action.UPDATE, Action.ADOPT, Action.MOVE)
        self.edited = frozenset(key for key in self.touched if self.changes[key].action in edits)
        told = (pair for change in self.all if change.kind in MEMBERS and change.told for pair in groups_told(change))
        self._read = {self.key(group): found for group, found in told}

    def sets_of(self, member: Change) -> Iterator[tuple[_Keys | None, _Keys]]:
        """The groups that each interface of a member is in, before and after; before is None for what is new."""
        old, new = ({slot: dict(part) for slot, part in side(member, SLOTS) or ()} for side in (_before, _after))
        for slot in sorted(new):
            yield self._keys(old[slot].get(MEMBERSHIP)) if slot in old else None, self._keys(new[slot].get(MEMBERSHIP))
        wanted = self._keys(_after(member, MEMBERSHIP))
        yield None if member.before is None else self._keys(_before(member, MEMBERSHIP)), wanted

    def _keys(self, value: Any) -> _Keys:
        return frozenset(self.key(one) for one in value or ())

    def key(self, value: object) -> str:
        text = str(value.address) if isinstance(value, Ref) else str(value)
        return self._by_id.get(text, text)

    def policy(self, keys: _Keys, direction: Direction, after: bool, with_defaults: bool = True) -> Policy:
        known = sorted(key for key in keys if self._is_known(key))
        rules = [rule for key in known for rule in self._of_group(key, direction, after)[0]]
        if with_defaults:
            types = {self._value(key, "type", after) or "normal" for key in known}
            inside = [key for key in known if self._value(key, "inner_access", after) != "drop"]
            type_ = "enterprise" if types == {"enterprise"} else "normal"
            rules += defaults(direction, type_, inside if type_ == "normal" else ())
        return Policy(tuple(dict.fromkeys(rules)), self.directory)

    def unread(self, before: _Keys | None, after: _Keys, direction: Direction) -> tuple[_Keys, bool]:
        """Groups and port lists of which nothing is known, and whether some of them come or go."""
        sides = []
        for keys, is_after in ((after if before is None else before, False), (after, True)):
            groups = {key for key in keys if not self._is_known(key)}
            lists = [self._of_group(key, direction, is_after)[1] for key in keys - groups]
            sides.append(frozenset(groups).union(*lists))
        return sides[0] | sides[1], sides[0] != sides[1] or (before is None and bool(sides[1]))

    def _is_known(self, key: str) -> bool:
        """The rules of a live group are read where the file says something of them, or where it was asked for."""
        change = self.changes.get(key)
        return key in self._read or (
            change is not None and (change.before is None or "ingress" in change.before.attributes)
        )

    def _value(self, key: str, name: str, after: bool) -> Any:
        change = self.changes.get(key)
        found = None if change is None else _after(change, name) if after else _before(change, name)
        if found is None and key in self._read and (change is None or change.action is not Action.REPLACE):
            found = self._read[key].get(name)
        return self.types.get(key) if found is None and name == "type" and change is None else found

    def _of_group(self, key: str, direction: Direction, after: bool) -> tuple[tuple[Rule, ...], _Keys]:
        """The rules of a group, and the port lists in rules that cannot be told for want of their ports."""
        place = (key, direction, after)
        if place not in self._rules:
            written = [dict(one) for one in self._value(key, direction, after) or ()]
            near = _NEAR[direction]
            told = [(one, self._ports.get(str(one["port_range_list"]))) for one in written if "port_range_list" in one]
            plain = [one for one in written if "port_range_list" not in one]
            plain += [{**one, "ports": ports} for one, listed in told for ports in listed or ()]
            rules = (rule for one in plain for rule in _rule(one, near, self.key))
            lists = frozenset(str(one["port_range_list"]) for one, listed in told if listed is None)
            self._rules[place] = tuple(rules), lists
        return self._rules[place]


def _before(change: Change, name: str) -> Any:
    return change.live(name)


def _after(change: Change, name: str) -> Any:
    """An attribute as it will be: as it is set, or as it is live where nothing sets it."""
    if change.action is Action.DELETE:
        return None
    line = change.attributes_by_name.get(name)
    if line is not None and change.action not in (Action.NOOP, Action.RELEASE):
        return line.after
    is_born = change.before is None or change.action is Action.REPLACE
    return change.desired(name) if is_born else change.live(name)


def _rule(one: Mapping[str, Any], near: Iterable[str], key: Callable[[Any], str]) -> Iterable[Rule]:
    """A canonical rule in numbers; none for one whose other side is not known. Called for each of many thousands."""
    if cidr := one.get("cidr") or one.get("ipv6_cidr"):
        far = Far("cidr", cidr)
    elif group := one.get(GROUP):
        far = Far("group", key(group))
    elif listed := one.get("prefix_list"):
        far = Far("prefix_list", str(listed))
    else:
        return
    yield Rule(
        one["protocol"],
        far,
        _span(one.get("ports")),
        one.get("policy") != "drop",
        one.get("priority", 1),
        _span(one.get("source_ports")),
        next((one[name] for name in near if name in one), ""),
    )


@lru_cache(maxsize=4096)
def _span(ports: object) -> tuple[int, int]:
    if not ports:
        return (0, 65536)
    first, _, last = (whole_number(part) for part in str(ports).partition("-"))
    if first is None:  # not a range that the service documents: taken for all, which hides nothing
        return (0, 65536)
    return first, (first if last is None else last) + 1
