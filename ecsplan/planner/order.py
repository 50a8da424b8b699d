"""The edges between changes; graph.py keeps them.

The four edge rules: (1) what I refer to is created or updated before me; (2) I am deleted before what I hold;
(3) I let go of a thing before it is deleted; (4) the halves of a replacement follow each other (steps.py chains them).
An edge a → b means that a runs before b.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from ecsplan.model.address import Address
from ecsplan.model.algebra import texts
from ecsplan.model.capabilities.conversion import birth
from ecsplan.model.capabilities.enclosing import Encloses
from ecsplan.model.capabilities.exclusivity import exclusivity
from ecsplan.model.capabilities.ordering import ordering
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import refs_in
from ecsplan.model.kind import Kind
from ecsplan.model.plan import StepId
from ecsplan.planner.drafts import Draft, Work
from ecsplan.planner.enclosing import has_room, left_outside
from ecsplan.planner.exclusive import COMING, GOING, Taken, collisions
from ecsplan.planner.graph import Why
from ecsplan.planner.opening_first import keep_ways_open
from ecsplan.planner.steps import taken_by
from ecsplan.planner.window import is_left_off

_SETTLING = ("create", "update", "stop", "start")


def connect(work: Work, changes: Sequence[Change]) -> None:
    """Adds to each draft the ids of the drafts that run before it."""
    lives = {change.before.id: change for change in changes if change.before is not None}
    by_address = {change.address: change for change in changes}
    doomed = {
        c.before.id: c.address for c in changes if c.before is not None and c.action in (Action.DELETE, Action.REPLACE)
    }
    groups = _Groups(_by_group(work.declared))
    for change in changes:
        if change.address in work.of and change.action is not Action.DELETE:
            _needs_what_it_refers_to(work, change, by_address)
            _comes_after_what_it_depends_on(work, change, groups)
            _goes_before_what_it_is_made_from(work, change, lives, by_address)
            _comes_after_what_is_changed(work, change, by_address)
        if change.before is not None and doomed:
            _goes_before_what_it_holds(work, change, doomed)
    # These look at pairs of changes, and come after the edges of each change alone: some only prefer an order, which an
    # edge above overrules.
    _goes_after_what_may_hold_it(work, changes)
    _frees_values_first(work, changes)
    _lets_go_in_turn(work, changes)
    _makes_room(work, changes)
    _hands_over(work, changes)
    keep_ways_open(work, changes)


def wait_for_heirs(work: Work, heirs: Mapping[Address, Address]) -> None:
    """What goes is deleted when what comes in its place is there, wherever both can live at once."""
    for old, new in heirs.items():
        _prefer(work, _drafts(work, old, "delete"), _drafts(work, new, "create", "finish"), Why.SUCCEEDS, "")


def _by_group(addresses: Iterable[Address]) -> dict[Address, list[Address]]:
    found: dict[Address, list[Address]] = {}
    for address in addresses:
        found.setdefault(address.group, []).append(address)
    return found


def _drafts(work: Work, address: Address, *verbs: str) -> list[Draft]:
    return [draft for draft in work.of.get(address, ()) if draft.id.verb in verbs]


def _needs_what_it_refers_to(work: Work, change: Change, by_address: Mapping[Address, Change]) -> None:
    """Rule 1. Attributes that are set later need only that the other exists: this is how two groups name each other."""
    declared = work.declared.get(change.address)
    if declared is None:
        return
    kind = work.kinds[change.kind]
    later = birth(kind, change).later
    born = _drafts(work, change.address, "create")
    for name, value in declared.attributes.items():
        changed = name in change.attributes_by_name
        if kind.attribute(name).as_it_was and isinstance(_after(change, name), str):
            continue  # it is there already, and is changed only afterwards
        for ref in refs_in(value):
            # Two groups that name each other in their rules are both created first; only the rule waits. So no cycle
            # comes about.
            if name in later:
                runs = [draft for draft in _drafts(work, change.address, "run") if name in draft.sets]
                first = runs or _drafts(work, change.address, "finish" if born else "update")
                _need(work, first[:1], _drafts(work, ref.address, "create"), Why.REFERS, name)
            elif born or changed:
                first = (born or _drafts(work, change.address, "update", "mark", "stop"))[:1]
                # A subnet needs the range of its VPC as it will be: where the present one has no room for it, it waits
                # for the update and not only for the VPC to exist.
                fits = has_room(work.kinds, by_address.get(ref.address), change)
                around = work.kinds[ref.address.kind].capability(Encloses)
                if around is not None:  # a range may lie in one that is given later
                    given = [d for d in _setting(work, ref.address, {around.further}) if d.id.verb == "finish"]
                    _need(work, first, given, Why.REFERS, name)
                verbs = ("create",) if fits else (*_SETTLING, "finish") if kind.attribute(name).as_it_was else _SETTLING
                settled = _drafts(work, ref.address, *verbs)
                _need(work, first, settled, Why.REFERS, name)
                if ordering(work.kinds[ref.address.kind]).shields:
                    _prefer(work, first, _drafts(work, ref.address, "finish"), Why.JOINS, name)


def _comes_after_what_it_depends_on(work: Work, change: Change, groups: "_Groups") -> None:
    """A group is waited for through a barrier, made for the first that names it."""
    declared = work.declared.get(change.address)
    is_open = is_left_off(work.kinds[change.kind], change)  # its start closes a window, and waits for nothing
    own = [d for d in work.of[change.address] if not (d.closes and is_open)]
    first = [d for d in own if d.id.verb not in ("release", "delete")][:1]
    for other in declared.depends_on if declared is not None and first else ():
        if other in work.declared:
            _need(work, first, _made(work, other), Why.DEPENDS)
        elif (barrier := groups.barrier(work, other)) is not None:
            work.graph.need(first[0].id, barrier, Why.DEPENDS)


def _made(work: Work, address: Address) -> list[Draft]:
    return [draft for draft in work.of.get(address, ()) if draft.id.verb != "delete"]


class _Groups(Struct):
    """The members of each group, and the barriers of those that are depended on."""

    members: Mapping[Address, Sequence[Address]]
    barriers: dict[Address, StepId | None] = field(default_factory=dict)

    def barrier(self, work: Work, group: Address) -> StepId | None:
        """None where nothing is to happen to any member."""
        if group not in self.barriers:
            steps = [draft.id for member in self.members.get(group, ()) for draft in _made(work, member)]
            self.barriers[group] = work.barrier(group, "members", 0, steps, Why.DEPENDS) if steps else None
        return self.barriers[group]


def _comes_after_what_is_changed(work: Work, change: Change, by_address: Mapping[Address, Change]) -> None:
    """What is set late waits for what the same plan changes of the thing that it names, where the kind says so."""
    declared = work.declared.get(change.address)
    kind = work.kinds[change.kind]
    for name, changed in ordering(kind).after.items():
        along = {name} if change.before is None else {name, *ordering(kind).along.get(name, ())}
        is_set = change.before is None or along & change.attributes_by_name.keys() or change.action is Action.REPLACE
        for ref in refs_in(declared.attributes.get(name)) if declared is not None and is_set else ():
            other = by_address.get(ref.address)
            takes = _setting(work, change.address, along)[:1]
            if other is not None and other.action is Action.UPDATE and set(changed) & other.attributes_by_name.keys():
                _need(work, takes, _drafts(work, ref.address, "update"), Why.CHANGED_FIRST, name)
            finished = [d for d in _setting(work, ref.address, set(changed)) if d.id.verb == "finish"]
            _need(work, takes, finished, Why.CHANGED_FIRST, name)


def _setting(work: Work, address: Address, names: set[str]) -> list[Draft]:
    """The steps that give a thing these attributes."""
    return [draft for draft in _drafts(work, address, "finish", "update") if names & set(draft.sets)]


def _lets_go_in_turn(work: Work, changes: Sequence[Change]) -> None:
    """An EIP stays on its gateway for as long as an entry of that uses its address."""
    if not any(ordering(work.kinds[change.kind]).frees for change in changes):
        return
    ways = {way for kind in work.kinds.values() for way in ordering(kind).frees.values()}
    named: dict[tuple[str, object], Address] = {}
    for change in changes:
        for value, _ in ways if change.before is not None else ():
            named[value, change.live(value)] = change.address
    for change in changes:
        for name, (value, held) in ordering(work.kinds[change.kind]).frees.items():
            drops = [d for d in _drafts(work, change.address, "release", "update") if name in d.sets]
            for text in texts(change.live(name)) if drops else ():
                other = named.get((value, text))
                if other is not None and other != change.address:
                    lets_go = [d for d in _drafts(work, other, "release", "update") if held in d.sets]
                    _need(work, lets_go, drops, Why.FREES, name)


def _after(change: Change, name: str) -> object:
    return change.after.attributes.get(name) if change.after is not None else None


def _goes_before_what_it_is_made_from(
    work: Work, change: Change, lives: Mapping[str, Change], by_address: Mapping[Address, Change]
) -> None:
    """What is made from a thing as it was (a snapshot) is made before the same plan changes or removes that thing.

    Where it cannot be made from the thing as it is, it is made when that has been changed.
    """
    is_source = ordering(work.kinds[change.kind]).is_source
    born = _drafts(work, change.address, "create")
    for attribute in work.kinds[change.kind].attributes if born else ():
        if not attribute.as_it_was:
            continue
        for source in _sources(work, change, attribute.name, lives):
            obj = by_address[source].before if source in by_address else None
            if is_source is not None and obj is not None and not is_source(obj):
                _need(work, born[:1], _drafts(work, source, "update"), Why.MADE_FROM, attribute.name)
                continue
            # Reversed on purpose: a snapshot is of the disk as it was, and would be of the new content if the update
            # ran first.
            changed = _drafts(work, source, "update", "mark", "stop", "release", "delete")
            _need(work, changed, born, Why.MADE_FROM, attribute.name)


def _sources(work: Work, change: Change, name: str, lives: Mapping[str, Change]) -> Iterator[Address]:
    """The live things, by name or by id, that an attribute is to be made from."""
    value = _after(change, name)
    if isinstance(value, str) and value in lives:
        yield lives[value].address
    declared = work.declared.get(change.address)
    for ref in refs_in(declared.attributes.get(name)) if declared is not None and isinstance(value, str) else ():
        yield ref.address


def _goes_before_what_it_holds(work: Work, change: Change, doomed: Mapping[str, Address]) -> None:
    """Rules 2 and 3, by what the live object holds."""
    assert change.before is not None
    kind: Kind = work.kinds[change.kind]
    for name, value in change.before.attributes.items():
        for held in filter(doomed.__contains__, texts(value)):
            other = doomed[held]
            if other == change.address:
                continue
            ends = _drafts(work, other, "delete")
            if change.action in (Action.DELETE, Action.REPLACE):
                # The service refuses to delete what is held. Where the holder can let go without being deleted, that is
                # enough, and the two deletions can run side by side.
                releases = _drafts(work, change.address, "release") if name in kind.delete.release else []
                _need(work, ends, releases or _drafts(work, change.address, "delete"), Why.HOLDS, name)
            elif name in change.attributes_by_name:
                lets_go = _drafts(work, change.address, "release") or _drafts(work, change.address, "update")
                # The last release of the other thing waits too: until then it must serve whoever still refers to it.
                _need(work, [*(d for d in work.of[other] if d.is_last_release), *ends], lets_go, Why.HOLDS, name)


def _goes_after_what_may_hold_it(work: Work, changes: Sequence[Change]) -> None:
    """Of what goes, not all is read of what it holds (the rules of a group that names no other): it goes first."""
    going: dict[str, list[Change]] = {}
    for change in changes:
        if change.action is Action.DELETE:
            going.setdefault(change.kind, []).append(change)
    for name, held in going.items():
        for holder, attribute in work.kinds[name].delete.held_by:
            if holder != name and holder in going and _is_read_of_some(work.kinds[holder], attribute):
                ends = [draft for change in going[holder] for draft in _drafts(work, change.address, "delete")]
                # Preferred, not needed: nothing proves that the holder names this very object, and a real edge may say
                # the opposite.
                for change in held:
                    _prefer(work, _drafts(work, change.address, "delete"), ends, Why.HOLDS, attribute)


def _is_read_of_some(kind: Kind, attribute: str) -> bool:
    return any(detail.holds_others and attribute in detail.attributes for detail in kind.listing.details)


def _frees_values_first(work: Work, changes: Sequence[Change]) -> None:
    """A value that two live objects cannot have (a range, a unique name) is given up before it is taken."""
    for one, other in collisions(changes, work.kinds):
        if one.change.address != other.change.address:  # the halves of a replacement have their order
            _need(work, _takes(work, one), _gives_up(work, other), Why.FREES, one.name)


def _takes(work: Work, taken: Taken) -> list[Draft]:
    change, name = taken.change, taken.name.partition(".")[0]
    if change.action in COMING and name not in birth(work.kinds[change.kind], change).later:
        return _drafts(work, change.address, "create")
    return (_drafts(work, change.address, "finish") or _drafts(work, change.address, "update", "mark", "stop"))[:1]


def _gives_up(work: Work, given: Taken) -> list[Draft]:
    verbs = ("delete",) if given.change.action in GOING else ("update", "release")
    return _drafts(work, given.change.address, *verbs)


def _makes_room(work: Work, changes: Sequence[Change]) -> None:
    """A range shrinks when what lies outside of it then is gone. (What comes waits for it as for all it refers to.)"""
    for outer, inner, name in left_outside(changes, work.kinds):
        ends = _drafts(work, inner.address, "delete")
        _need(work, _drafts(work, outer.address, "update"), ends, Why.FITS, name)


def _hands_over(work: Work, changes: Sequence[Change]) -> None:
    """What one object alone can hold is let go by one before another takes it."""
    # The service refuses a second holder, and does not say that the first one is about to let go.
    holders: dict[tuple[str, str, object], Address] = {}
    for change in changes:
        for name in exclusivity(work.kinds[change.kind]).one_holder if change.before is not None else ():
            holders[change.kind, name, _value(change, name)] = change.address
    for change in changes if holders else ():
        for key in taken_by(work.kinds[change.kind], change):
            other = holders.get(key, change.address)
            if other != change.address:
                takes = _drafts(work, change.address, "finish") or _drafts(work, change.address, "update")
                _need(work, takes[:1], _drafts(work, other, "release"), Why.HANDS_OVER, key[1])


def _value(change: Change, name: str) -> object:
    return change.before.attributes.get(name) if change.before is not None else None


def _need(work: Work, later: Sequence[Draft], earlier: Sequence[Draft], why: Why, about: str = "") -> None:
    for draft in later:
        for need in earlier:
            work.graph.need(draft.id, need.id, why, about)


def _prefer(work: Work, later: Sequence[Draft], earlier: Sequence[Draft], why: Why, about: str) -> None:
    for draft in later:
        for need in earlier:
            work.graph.prefer(draft.id, need.id, why, about)
