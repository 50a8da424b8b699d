"""The calls that bring the rules of a security group from what they are to what the file wants.

A rule of which only the priority, the policy or the description differs is changed in place, by its id: it is never
missing. New rules come before old ones go, so that no traffic is cut, as long as the group has room for both; where it
has not, old ones make room for new ones, batch by batch.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from ecsplan.kinds._rules import (
    EXTRAS,
    NO_PORTS,
    OWNERS,
    PEERS,
    PORT_LIST,
    WIRE_PEER,
    decoded,
    key_of,
    live_rules,
    ports_on_the_wire,
    rule_changes,
    rules_of,
)
from ecsplan.model.algebra import Fields, texts
from ecsplan.model.call import Call, rows
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.decoder import Decoder

LIMIT = 100  # Permissions, or rule ids, of one call
QUOTA = 200  # rules of a group, both directions together; a list counts as often as it has room for entries
GROUP_RULES = 20  # rules of a basic group that name groups
# What a list that a change names told of itself: the member that names it, and the field of its id.
LISTS = {"prefix_lists": ("prefix_list", "PrefixListId"), "port_range_lists": ("port_range_list", "PortRangeListId")}
DIRECTIONS = ("ingress", "egress")
AUTHORIZE = {"ingress": "AuthorizeSecurityGroup", "egress": "AuthorizeSecurityGroupEgress"}
MODIFY = {"ingress": "ModifySecurityGroupRule", "egress": "ModifySecurityGroupEgressRule"}
REVOKE = {"ingress": "RevokeSecurityGroup", "egress": "RevokeSecurityGroupEgress"}
GONE = ("InvalidParam.SecurityGroupRuleId", "InvalidSecurityGroupRule.RuleNotExist")

Rule = Fields


class Turn(Struct, frozen=True):
    """One rule that comes (`rule`), goes (`rule_id`), or becomes another one in place (both).

    Rules of old answers have no id: then `old` is what tells which one it is.
    """

    direction: str
    weight: int
    rule: Rule = ()
    rule_id: str = ""
    old: Rule = ()


class Turns(Struct, frozen=True):
    """All that changes of the rules of a group, and the room that there is for further ones meanwhile."""

    come: tuple[Turn, ...]
    go: tuple[Turn, ...]
    change: tuple[Turn, ...]
    room: int

    @property
    def cuts(self) -> bool:
        """Whether old rules have to go before new ones come."""
        return bool(self.go) and sum(turn.weight for turn in self.come) > self.room


def calls(change: Change) -> Iterable[Call]:
    turns = turns_of(change)
    call = Call("", {"SecurityGroupId": change.id}, kind="security_group", targets=(change.id,), token=True)
    if not turns.cuts:
        yield from _authorised(call, turns.come)
        yield from _modified(call, turns.change)
        yield from _revoked(call, turns.go, "")
        return
    yield from _modified(call, turns.change)
    come, go, room = list(turns.come), list(turns.go), turns.room
    while come or go:
        fitting = _fitting(come, room if go else None)
        yield from _authorised(call, fitting)
        out = go[:LIMIT]
        yield from _revoked(call, out, "before new ones: there is no room for both" if come[len(fitting) :] else "")
        room += sum(turn.weight for turn in out) - sum(turn.weight for turn in fitting)
        come, go = come[len(fitting) :], go[LIMIT:]


def _fitting(come: Sequence[Turn], room: int | None) -> list[Turn]:
    """As many of the next ones as there is room for; all of them, where nothing else will make room."""
    found: list[Turn] = []
    for turn in come:
        if room is not None and turn.weight > room:
            break
        room = None if room is None else room - turn.weight
        found.append(turn)
    return found


def turns_of(change: Change) -> Turns:
    come: list[Turn] = []
    go: list[Turn] = []
    modified: list[Turn] = []
    sizes = sizes_of_lists(change)
    for direction in DIRECTIONS:
        line = change.attributes_by_name.get(direction)
        if line is None:
            continue
        ids = _rule_ids(change, direction)
        added, removed, reworded = rule_changes(line.before, line.after)
        modified += [Turn(direction, 0, rule, ids[key_of(rule)], rule) for rule in reworded]
        for rule, old in _pairs(added, removed):
            if old and rule and ids.get(key_of(old)):
                modified.append(Turn(direction, 0, rule, ids[key_of(old)]))
                continue
            if rule:
                come.append(Turn(direction, weight(rule, sizes), rule))
            if old and key_of(old) in ids:
                go.append(Turn(direction, weight(old, sizes), rule_id=ids[key_of(old)], old=old))
    live = live_weight(change)
    return Turns(tuple(come), tuple(go), tuple(modified), max(QUOTA, live) - live)


def ways(change: Change, call: Call) -> tuple[bool, bool]:
    """Whether a call of a change opens something, and whether it closes something; one that puts a rule in another's
    place may do both."""
    if call.operation == "ModifySecurityGroupPolicy":
        is_open = str(call.params["InnerAccessPolicy"]).lower() == "accept"
        return is_open, not is_open
    come, go = _policies(call, AUTHORIZE), _policies(call, REVOKE, change)
    is_moved = call.operation in MODIFY.values()
    return is_moved or "accept" in come or "drop" in go, is_moved or "drop" in come or "accept" in go


def _policies(call: Call, operations: Mapping[str, str], change: Change | None = None) -> set[str]:
    """Of the rules that a call names by their ids, or in full."""
    direction = next((one for one, operation in operations.items() if operation == call.operation), None)
    if direction is None:
        return set()
    named = {str(permission["Policy"]) for permission in rows(call.params, "Permissions")}
    by_id = {id_: str(dict(rule)["policy"]) for rule, id_ in _rule_ids(change, direction).items()} if change else {}
    return named | {by_id.get(id_, "accept") for id_ in texts(call.params.get("SecurityGroupRuleId"))}


def _pairs(added: Sequence[Rule], removed: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """New rules with the old ones that can become them in place; the others alone. No two are equal on the way: a new
    one is like no live one."""
    left: dict[Rule, list[Rule]] = {}
    for old in removed:
        left.setdefault(_trunk(old), []).append(old)
    for rule in added:
        like = left.get(_trunk(rule))
        yield rule, like.pop(0) if like else ()
    for several in left.values():
        yield from (((), old) for old in several)


def _trunk(rule: Rule) -> Rule:
    """What cannot change in place: the service takes another range of the same sort, but that is another rule."""
    return tuple(pair for pair in rule if pair[0] not in ("description", "policy", "priority"))


def named(member: str) -> Callable[[Change], Iterable[str]]:
    """The lists in its rules, where those change; one that is still to be made has no id yet."""

    def ids(change: Change) -> Iterable[str]:
        is_new = change.action in (Action.CREATE, Action.REPLACE)
        if not is_new and set(DIRECTIONS).isdisjoint(change.attributes_by_name):
            return ()
        found = (dict(rule).get(member) for rule in (*wanted(change), *live_rules_of(change)))
        return sorted({one for one in found if isinstance(one, str)})

    return ids


def sizes_of_lists(change: Change) -> Mapping[str, int]:
    """For how many entries each of the lists has room, as far as it was told."""
    return {
        str(raw[id_]): int(raw.get("MaxEntries") or 1)
        for into, (_, id_) in LISTS.items()
        for raw in change.told.get(into, ())
    }


def weight(rule: Rule, sizes: Mapping[str, int]) -> int:
    members = dict(rule)
    return 1 + sum(sizes.get(str(members.get(member)), 1) - 1 for member, _ in LISTS.values())


def live_weight(change: Change) -> int:
    if change.before is None or change.action is Action.REPLACE:
        return 0
    sizes = sizes_of_lists(change)
    return sum(weight(rule, sizes) for rule in live_rules_of(change))


def live_group_rules(change: Change) -> int:
    return sum("security_group" in dict(rule) for rule in live_rules_of(change))


def live_rules_of(change: Change) -> list[Rule]:
    return [rule for direction in DIRECTIONS for rule in _live(change, direction)]


def wanted(change: Change) -> list[Rule]:
    """The rules that the group will have in the end."""
    found: list[Rule] = []
    for direction in DIRECTIONS:
        line = change.attributes_by_name.get(direction)
        if change.before is None or change.action is Action.REPLACE:
            found += rules_of(change.desired(direction))
        else:
            found += rules_of(line.after) if line is not None else _live(change, direction)
    return found


def _live(change: Change, direction: str) -> list[Rule]:
    return [rule for rule, _ in change.fact(_RULES[direction])]


def _rule_ids(change: Change, direction: str) -> dict[Rule, str]:
    return {key_of(rule): rule_id for rule, rule_id in change.fact(_RULES[direction])}


def _rules_and_ids(direction: str) -> Decoder[list[tuple[Rule, str]]]:
    return Decoder(lambda raw: [
        (decoded(row), str(row.get("SecurityGroupRuleId") or "")) for row in live_rules(raw, direction)
    ])  # fmt: skip


_RULES = {direction: _rules_and_ids(direction) for direction in DIRECTIONS}


def _authorised(call: Call, turns: Sequence[Turn]) -> Iterator[Call]:
    for direction, bunch in _bunches(turns):
        permissions = [_permission(turn.rule, direction) for turn in bunch]
        operation = AUTHORIZE[direction]
        yield replace(call, operation=operation, params={**call.params, "Permissions": permissions})


def _modified(call: Call, turns: Sequence[Turn]) -> Iterator[Call]:
    for turn in turns:
        rule = dict(turn.rule)
        which = {"SecurityGroupRuleId": turn.rule_id} if turn.rule_id else _permission(turn.old, turn.direction)
        params = {
            **call.params,
            **which,
            "Policy": rule["policy"],
            "Priority": str(rule["priority"]),
            "Description": rule.get("description"),
        }
        yield replace(call, operation=MODIFY[turn.direction], params=params)


def _revoked(call: Call, turns: Sequence[Turn], note: str) -> Iterator[Call]:
    told = [turn for turn in turns if turn.rule_id], [turn for turn in turns if not turn.rule_id]
    for has_id, some in zip((True, False), told, strict=True):
        for direction, bunch in _bunches(some):
            which: dict[str, object] = {"SecurityGroupRuleId": [turn.rule_id for turn in bunch]}
            if not has_id:
                which = {"Permissions": [_permission(turn.old, direction) for turn in bunch]}
            operation = REVOKE[direction]
            yield replace(call, operation=operation, params={**call.params, **which}, done_on=GONE, note=note)


def _bunches(turns: Sequence[Turn]) -> Iterator[tuple[str, Sequence[Turn]]]:
    for direction in DIRECTIONS:
        own = [turn for turn in turns if turn.direction == direction]
        for start in range(0, len(own), LIMIT):
            yield direction, own[start : start + LIMIT]


def _permission(rule: Rule, direction: str) -> dict[str, object]:
    found = dict(rule)
    peer = next(peer for peer in PEERS if peer in found)
    ports = (
        {PORT_LIST: found["port_range_list"]}
        if "port_range_list" in found
        else {"PortRange": ports_on_the_wire(str(found["ports"])) if "ports" in found else NO_PORTS}
    )
    owner = {OWNERS[direction][1]: found["account"]} if "account" in found else {}
    return {
        "IpProtocol": str(found["protocol"]).upper(),
        **ports,
        "Policy": found["policy"],
        "Priority": str(found["priority"]),
        WIRE_PEER[direction][peer]: found[peer],
        **owner,
        **_near_side(found, direction),
        "Description": found.get("description"),
    }


def _near_side(rule: Mapping[str, object], direction: str) -> dict[str, object]:
    """Which addresses of the members it is for, and the ports that a connection comes from."""
    near = {wire: rule[member] for member, wire in EXTRAS[direction].items() if member in rule}
    low, _, high = str(rule.get("source_ports", "")).partition("-")
    return near | ({"SourcePortRange": f"{low}/{high or low}"} if low else {})
