"""The one evaluation: what a policy says of the facts of a plan, at a time. Pure.

Rules are taken from the top, and the first that is about a fact decides; a rule with a limit is passed over where the
facts that it is about do not exceed it. What no rule is about is allowed. Windows and freezes are asked of every fact.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from ecsplan.model.ruling import RuleFinding
from ecsplan.policy.classes import CLASSES, Fact
from ecsplan.policy.rules import Limit, Policy, Rule, Window


class World(Struct, frozen=True):
    """What conditions ask about beside the facts: `live` is how many live resources the stack has."""

    stack: str
    live: int = 0


def evaluated(policy: Policy, facts: Sequence[Fact], world: World, now: float) -> list[RuleFinding]:
    """What is forbidden, needs approvals, or is allowed by a rule; in this order, then by rule and class."""
    found = [*_by_rules(policy, facts, world), *_by_time(policy, facts, world, now)]
    order = {"forbid": 0, "approvals": 1, "allow": 2}
    return sorted(found, key=lambda finding: order[finding.effect])


def _by_rules(policy: Policy, facts: Sequence[Fact], world: World) -> Iterable[RuleFinding]:
    left = list(facts)
    for rule in policy.rules:
        about = [fact for fact in left if rule.scope.is_about(fact, world.stack)]
        if not about or not _exceeds(rule.more_than, about, world):
            continue
        left = [fact for fact in left if fact not in about]
        yield from _findings(rule, about)


def _findings(rule: Rule, about: Sequence[Fact]) -> Iterable[RuleFinding]:
    for class_ in CLASSES:
        addresses = _addresses(fact for fact in about if fact.class_ == class_)
        if addresses:
            yield RuleFinding(rule.effect, class_, addresses, rule.name, rule.approvals, rule.group, rule.not_author,
                          rule.reason, together=not rule.more_than.is_none)  # fmt: skip


def _exceeds(limit: Limit, about: Sequence[Fact], world: World) -> bool:
    if limit.is_none:
        return True
    count = len(_addresses(about))
    return (
        (limit.count is not None and count > limit.count)
        or (limit.share is not None and count > limit.share * max(world.live, 1))
        or (limit.spend is not None and _spends_more(about, limit.spend))
    )


def _spends_more(about: Sequence[Fact], most: float) -> bool:
    """What has no known price may cost any amount. One address is counted once; what others save is not set off."""
    amounts = {fact.address: fact.amount for fact in about}
    return None in amounts.values() or sum(max(amount or 0.0, 0.0) for amount in amounts.values()) > most


def _by_time(policy: Policy, facts: Sequence[Fact], world: World, now: float) -> Iterable[RuleFinding]:
    for class_ in CLASSES:
        of_class = [fact for fact in facts if fact.class_ == class_]
        for freeze in policy.freezes:
            about = [fact for fact in of_class if freeze.scope.is_about(fact, world.stack)]
            if about and freeze.first <= now < freeze.end:
                yield RuleFinding("forbid", class_, _addresses(about), "freeze", reason=freeze.reason, opens=freeze.end)
        shut: dict[float, list[Fact]] = {}
        for fact in of_class:
            mine = [window for window in policy.windows if window.scope.is_about(fact, world.stack)]
            if mine and not any(hours.holds(now) for window in mine for hours in window.hours):
                shut.setdefault(_next_start(mine, now), []).append(fact)
        for opens, about in shut.items():
            yield RuleFinding("forbid", class_, _addresses(about), "window", reason="outside its hours", opens=opens)


def _next_start(windows: Iterable[Window], now: float) -> float:
    return min(hours.next_start(now) for window in windows for hours in window.hours)


def _addresses(facts: Iterable[Fact]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.address for fact in facts))
