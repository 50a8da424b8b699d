"""Which half of a replacement comes first, and whether it can be at all. Used by diff.py; pure.

A replacement deletes first, unless the file asks for the other order, or something needs the new object before the old
one goes: what stays and must move over, what is itself made before its old object goes, and a group that is replaced
member by member. That need goes on from what refers to what is referred to.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import fields, texts
from ecsplan.model.capabilities.enclosing import Encloses
from ecsplan.model.capabilities.moving import Movable
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.composites import MapOf, Record, Reference, refs_in
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Kinds
from ecsplan.planner.exclusive import Taken, kept
from ecsplan.planner.release import is_let_go_early

SHOWN = 3  # addresses that a reason names
_STAYING = (Action.UPDATE, Action.MOVE, Action.ADOPT)


def settle_replacements(changes: Sequence[Change], kinds: Kinds) -> list[Change]:
    """Sets `create_first` on replacements, and blocks those that can be made in neither order."""
    replaced = {change.address: change for change in changes if change.action is Action.REPLACE}
    if not replaced:
        return list(changes)
    members = Counter(c.address.group for c in changes if c.action in (Action.REPLACE, Action.CREATE))
    halves = _Halves(kinds, replaced, members)
    for change in changes:
        halves.note(change)
    halves.settle()
    return [halves.settled(change) if change.action is Action.REPLACE else change for change in changes]


class _Halves(Struct):
    """The replacements of a plan: what refers to each by which attribute, and which have to create first.

    `members` counts what is made of each group, new or in place of old ones: one is waited for by the next.
    `first` says for which change, and its attribute, one has to create first, `wishes` which would do so for what has
    to be let go of meanwhile otherwise.
    """

    kinds: Kinds
    replaced: Mapping[Address, Change]
    members: Mapping[Address, int]
    holders: dict[Address, list[tuple[Change, str]]] = field(default_factory=dict)
    holds: dict[Address, list[tuple[Address, str]]] = field(default_factory=dict)
    first: dict[Address, tuple[Change, str] | None] = field(default_factory=dict)
    shared: dict[Address, Sequence[Taken]] = field(default_factory=dict)

    def note(self, change: Change) -> None:
        """Keeps which replaced things a change refers to."""
        for name, address in _held(change, self.kinds[change.kind]):
            if address in self.replaced and address != change.address:
                self.holders.setdefault(address, []).append((change, name))
                if change.action is Action.REPLACE:
                    self.holds.setdefault(change.address, []).append((address, name))

    def settle(self) -> None:
        """Must come first, then what the file asks for, then what is merely better so.

        The order of these four loops matters. `first` keeps the first reason that is found, and a reason that is a need
        blocks where two objects cannot exist together, while a wish falls back to deleting first. A wish that came
        before a need would hide it.
        """
        # A machine that stays in a security group that is replaced: it cannot leave the old one before the new one is.
        for address, holders in self.holders.items():
            for holder, name in holders:
                if holder.action in _STAYING and _must_hold(self.kinds[holder.kind], holder, name, address):
                    self._need(address, (holder, name))
        for address, change in self.replaced.items():
            # Member by member: the last old one goes after the first new one came, which needs what it refers to.
            # A single member has nobody to wait for, and all at once is one delete half before one create half.
            if self.members[address.group] > 1 and _rolls(change):
                for held, name in self.holds.get(address, ()):
                    self._need(held, (change, name))
        # What the file asks for is passed on to what the new object refers to, but only where it can be had: where it
        # cannot, that one is blocked alone (the second loop), and does not take all that it refers to with it.
        asked = [address for address, change in self.replaced.items() if _asks(change)]
        for address in asked:
            if not self._shared(address):
                self._need(address, None)
        for address in asked:
            self.first.setdefault(address, None)
        # Better so: what could be let go of and taken up again (an interface, a bandwidth package) need not be without
        # it meanwhile. Only if the whole chain can create first: half of it would come out of order.
        for address, holders in self.holders.items():
            if any(holder.action in _STAYING for holder, _ in holders) and self._can_wish(address):
                self._need(address, None)

    def _need(self, address: Address, reason: tuple[Change, str] | None) -> None:
        """One has to create first, and so has what its new object refers to."""
        if address not in self.first:
            self.first[address] = reason
            self._need_held(self.replaced[address])

    def _need_held(self, change: Change) -> None:
        """What a new object refers to is made before the old one goes, but for what that lets go of before.

        Where the old one never used it (it ran from another image), that can be deleted first: nothing waits for it.
        """
        todo = [change]
        while todo:
            holder = todo.pop()
            for address, name in self.holds.get(holder.address, ()):
                if address in self.first or is_let_go_early(self.kinds[holder.kind], name):
                    continue
                # The new holder refers to the new one while the old holder still uses the old one, which therefore has
                # to stay until the old holder is gone: two of them live at the same time.
                if _lives_on(holder, name, self.replaced[address]):
                    self.first[address] = (holder, name)
                    todo.append(self.replaced[address])

    def _can_wish(self, address: Address) -> bool:
        """Whether it and all that it refers to can create first."""
        seen, todo = {address}, [address]
        while todo:
            one = todo.pop()
            if self._shared(one):
                return False
            fresh = [held for held, _ in self.holds.get(one, ()) if held not in seen]
            seen.update(fresh)
            todo += fresh
        return True

    def _shared(self, address: Address) -> Sequence[Taken]:
        """What the new object would have in common with the old one, though no two can."""
        if address not in self.shared:
            change = self.replaced[address]
            self.shared[address] = kept(self.kinds[change.kind], change)
        return self.shared[address]

    def settled(self, change: Change) -> Change:
        """The change with its order; where that cannot be, it is blocked, and orders as little as it can."""
        if change.address not in self.first:
            return change
        reasons = list(self._cannot_move(change))
        shared = self._shared(change.address)
        if shared and not reasons:
            reasons.append(self._why_not(change, shared))
        # A blocked change is never made, but others are ordered around it. Where only the file asks, deleting first is
        # the order that forces nothing onto its neighbours; a need has forced its own upon them already.
        create_first = not shared or self.first[change.address] is not None
        return replace(change, create_first=create_first, blocked=(*change.blocked, *reasons))

    def _why_not(self, change: Change, shared: Sequence[Taken]) -> str:
        """Why it would have to create first and cannot, and what to write."""
        values = ", ".join(f"{one.name} {one.value}" for one in shared)
        names = " and ".join(dict.fromkeys(one.name for one in shared))
        both = f"two live objects cannot share {values}"
        reason = self.first[change.address]
        if reason is None:
            return f"create_before_destroy: {both}; remove create_before_destroy, or write another {names}"
        holder, name = reason
        if holder.action in _STAYING:
            among = [c.address for c, n in self.holders[change.address] if c.action in _STAYING]
            return (
                f"{_list(among)} must move to the new one while the old one still lives, but {both}; write another "
                f"{names}, or replace what uses it too (--replace {holder.address})"
            )
        if holder.address in self.first:
            why = "has create_before_destroy" if _asks(holder) else "creates its new object first"
            return f"{holder.address} ({name}) {why}, but {both}; write another {names}, or let that one delete first"
        group = holder.address.group
        return (
            f"the members of {group} ({name}) are replaced one after the other, but {both}; write another {names}, or "
            f"lifecycle: {{rollout: {{max_unavailable: all}}}} for {group}"
        )

    def _living_in(self, address: Address) -> Iterator[Change]:
        """What lives in a thing, by whatever way: what cannot be without it, and what cannot be without that."""
        seen, todo = {address}, [address]
        while todo:
            held = todo.pop()
            for holder, name in self.holders.get(held, ()):
                # What is replaced moves out by being made anew elsewhere, but what lives in it has to move out as well.
                goes = holder.action is Action.REPLACE
                if holder.address not in seen and (goes or _must_hold(self.kinds[holder.kind], holder, name, held)):
                    seen.add(holder.address)
                    todo.append(holder.address)
                    yield holder

    def _cannot_move(self, change: Change) -> Iterator[str]:
        """Why what stays cannot change over: it lives in a thing (a VPC) that none can leave for another one."""
        kind = self.kinds[change.kind]
        # What is to be in another VPC: what lives in it cannot follow, whether or not its kind encloses others.
        left = next((line.name for line in change.attributes if self._is_left(kind, line)), "")
        if not (kind.capability(Encloses) or left):
            return
        inside = list(self._living_in(change.address))
        staying = [one.address for one in inside if one.action in _STAYING and not _leaves(one)]
        if not staying:
            return
        too = " ".join(f"--replace {address}" for address in staying[:SHOWN]) + (" …" if len(staying) > SHOWN else "")
        forced = left or next((line.name for line in change.attributes if line.forces_replacement), "")
        why = f" ({forced} does not change in place)" if forced else ""
        instead = f"leave {forced} as it was" if forced else f"declare a second {change.kind} beside it"
        lives = "lives" if len(inside) == 1 else "live"
        yield (
            f"it cannot be replaced while {_list([one.address for one in inside])} {lives} in it{why}; {instead}, or "
            f"replace what stays too ({too})"
        )

    def _is_left(self, kind: Kind, line: AttributeChange) -> bool:
        """Whether a line moves it out of what confines it; where that is replaced itself, that one is blocked."""
        of = kind.attribute(line.name).type if line.forces_replacement else None
        if not isinstance(of, Reference) or not any(self.kinds[name].capability(Encloses) for name in of.kinds):
            return False
        return not (isinstance(line.after, Ref) and line.after.address in self.replaced)


def _leaves(change: Change) -> bool:
    """Whether it moves into another network by itself."""
    return change.moving is not None and change.moving.network is not None


def _list(addresses: Sequence[Address]) -> str:
    shown = ", ".join(dict.fromkeys(map(str, addresses[:SHOWN])))
    return shown if len(addresses) <= SHOWN else f"{shown} and {len(addresses) - SHOWN} more"


def _asks(change: Change) -> bool:
    return change.after is not None and change.after.lifecycle.create_before_destroy


def _rolls(change: Change) -> bool:
    return change.after is not None and change.after.lifecycle.max_unavailable != "all"


def _held(change: Change, kind: Kind) -> Iterable[tuple[str, Address]]:
    """What a resource refers to, by attribute; one that stays need not move over from what it was only made from."""
    stays = change.action in _STAYING
    if change.after is None or not (stays or change.action is Action.REPLACE):
        return
    for name, ref in change.after.refs:
        # The object that it refers to is replaced, so its id changes: where no line says so, the attribute is ignored.
        is_kept = stays and name not in change.attributes_by_name
        if not (is_kept or (stays and kind.attribute(name).at_birth)):
            yield name, ref.address


def _lives_on(holder: Change, name: str, held: Change) -> bool:
    """Whether the live object of the one uses that of the other by this attribute, as far as is known."""
    if holder.before is None or held.before is None or name not in holder.before.attributes:
        return True  # not known: to keep the old one a little longer harms less than to delete it under its holder
    return held.before.id in texts(holder.before.attributes[name])


def _must_hold(kind: Kind, holder: Change, name: str, held: Address) -> bool:
    """Whether what stays cannot be without what is replaced, not even for a moment."""
    attribute = kind.attribute(name)
    movable = kind.capability(Movable)
    if attribute.required or (movable is not None and name in movable.place):
        return True
    # A slot whose record needs the reference (an interface in a vSwitch) is like a required attribute of the machine.
    assert holder.after is not None
    item = attribute.type.item if isinstance(attribute.type, MapOf) else None
    needed = {member.name for member in item.members if member.required} if isinstance(item, Record) else set()
    records = fields(holder.after.attributes.get(name)).values() if needed else ()
    values = (v for record in records for n, v in fields(record).items() if n in needed)
    return any(ref.address == held for value in values for ref in refs_in(value))
