"""What a plan opens and closes: the rules of the groups of every machine and interface, before and after.

Evaluated once for each distinct set of groups. Groups that are looked up, or named by an id of somebody else, have
rules that the plan does not read: what is said then leaves them out, and names them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecsplan.access.rules import Direction, Directory, Far, Policy, Rule, defaults
from ecsplan.access.told import told
from ecsplan.model.address import Address, Ref
from ecsplan.model.change import Action, Change
from ecsplan.model.reach import Reach

GROUP = "security_group"
MEMBERS = ("instance", "network_interface")
DIRECTIONS: tuple[Direction, ...] = ("ingress", "egress")
_PEERS = (("cidr", "cidr"), ("ipv6_cidr", "cidr"), (GROUP, "group"), ("prefix_list", "prefix_list"))
_NEAR: Mapping[Direction, tuple[str, ...]] = {
    "ingress": ("dest_cidr", "dest_ipv6_cidr"),
    "egress": ("source_cidr", "source_ipv6_cidr"),
}


def reach_of(changes: Sequence[Change]) -> tuple[Reach, ...]:
    """For machines and interfaces that live before and after; what is made, and what goes, has nothing to compare."""
    groups = _Groups(changes)
    alike: dict[tuple[frozenset[str], frozenset[str]], list[Address]] = {}
    for change in changes:
        if (
            change.kind in MEMBERS
            and change.before is not None
            and change.action not in (Action.DELETE, Action.RELEASE)
        ):
            alike.setdefault(groups.of(change), []).append(change.address)
    found = []
    for (before, after), addresses in alike.items():
        if before != after or groups.touched & (before | after):
            found += [
                reach for reach in _reach(groups, before, after, tuple(addresses)) if reach.opened or reach.closed
            ]
    return tuple(sorted(found, key=lambda reach: (reach.addresses, reach.direction)))


def _reach(
    groups: "_Groups", before: frozenset[str], after: frozenset[str], addresses: tuple[Address, ...]
) -> Iterator[Reach]:
    unknown = tuple(sorted((before | after) - set(groups.changes)))
    for direction in DIRECTIONS:
        old, new = groups.policy(before, direction, False), groups.policy(after, direction, True)
        opened, closed = told(old, new, groups.names)
        lists = tuple(sorted({*old.unknown, *new.unknown}))
        yield Reach(addresses, direction, tuple(opened), tuple(closed), (*unknown, *lists))


@dataclass(slots=True)
class _Groups:
    """The groups of a plan by their ids; one that is yet to be made goes by its address."""

    all: Sequence[Change]
    changes: dict[str, Change] = field(init=False)
    names: dict[str, str] = field(init=False)
    touched: frozenset[str] = field(init=False)
    _rules: dict[tuple[str, Direction, bool], tuple[Rule, ...]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        ours = [change for change in self.all if change.kind == GROUP]
        self.changes = {_key(change.id): change for change in ours}
        for change in ours:  # a group that is replaced has two ids
            if change.before is not None:
                self.changes[change.before.id] = change
        self.names = {key: change.address.name for key, change in self.changes.items()}
        self.touched = frozenset(key for key, change in self.changes.items() if change.action is not Action.NOOP)

    def of(self, member: Change) -> tuple[frozenset[str], frozenset[str]]:
        """The groups that a member is in, before and after."""
        live = frozenset(_key(one) for one in member.live("security_groups") or ())
        wanted = member.desired("security_groups")
        return live, live if wanted is None else frozenset(_key(one) for one in wanted)

    def policy(self, ids: frozenset[str], direction: Direction, after: bool) -> Policy:
        known = sorted(key for key in ids if key in self.changes)
        rules = [rule for key in known for rule in self._of_group(key, direction, after)]
        types = {self._value(key, "type", after) or "normal" for key in known}
        inside = [key for key in known if self._value(key, "inner_access", after) != "drop"]
        type_ = "enterprise" if types == {"enterprise"} else "normal"
        rules += defaults(direction, type_, inside if type_ == "normal" else ())
        return Policy(tuple(rules), Directory())

    def _of_group(self, key: str, direction: Direction, after: bool) -> tuple[Rule, ...]:
        place = (key, direction, after)
        if place not in self._rules:
            written = self._value(key, direction, after) or ()
            self._rules[place] = tuple(rule for one in written for rule in _rule(dict(one), direction))
        return self._rules[place]

    def _value(self, key: str, name: str, after: bool) -> Any:
        """As the file says it, or as it is live where the file is silent."""
        change = self.changes[key]
        if after and change.action in (Action.DELETE, Action.RELEASE):
            return None if change.action is Action.DELETE else change.live(name)
        wanted = change.desired(name) if after else None
        return change.live(name) if wanted is None else wanted


def _key(value: Any) -> str:
    return str(value.address) if isinstance(value, Ref) else str(value)


def _rule(one: Mapping[str, Any], direction: Direction) -> Iterable[Rule]:
    """A canonical rule in numbers; none for one whose other side is not known."""
    far = next((Far(kind, _key(one[name])) for name, kind in _PEERS if one.get(name)), None)  # type: ignore[arg-type]
    if far is None:
        return
    yield Rule(
        str(one["protocol"]),
        far,
        _span(one.get("ports")),
        one.get("policy", "accept") != "drop",
        int(one.get("priority", 1)),
        _span(one.get("source_ports")),
        next((str(one[name]) for name in _NEAR[direction] if one.get(name)), ""),
    )


def _span(ports: Any) -> tuple[int, int]:
    if not ports:
        return (0, 65536)
    first, _, last = str(ports).partition("-")
    return int(first), int(last or first) + 1
