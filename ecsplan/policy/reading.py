"""A checked policy document as a Policy. What no schema can say (hours, times, groups) is said here, with its path."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ecsplan.model.hours import Hours
from ecsplan.model.quoting import shown
from ecsplan.model.spans import seconds_of
from ecsplan.policy.rules import Freeze, Limit, Plans, Policy, Rule, Scope, Window

Path = tuple[str | int, ...]


class BadPolicy(Exception):
    """Faults with the path at which each lies: what is wrong, and what to write."""

    def __init__(self, faults: Iterable[tuple[Path, str, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(summary for _, summary, _ in self.faults))


def policy_of(document: Mapping[str, Any], source: str) -> Policy:
    """The document must fit `policy_schema`. Raises BadPolicy."""
    faults: list[tuple[Path, str, str]] = []
    windows = tuple(Window(_scope(found), _hours(found, number, faults))
                    for number, found in enumerate(document.get("windows", ())))  # fmt: skip
    freezes = tuple(_freezes(document, faults))
    groups = {name: frozenset(members) for name, members in document.get("groups", {}).items()}
    rules = tuple(_rule(found, number) for number, found in enumerate(document.get("rules", ())))
    for number, rule in enumerate(rules):
        if rule.group and rule.group not in groups:
            known = f"groups: {', '.join(sorted(groups))}" if groups else "write groups: {NAME: [PRINCIPAL]}"
            faults.append((("rules", number, "then", "group"), f"there is no group {rule.group}", known))
    if faults:
        raise BadPolicy(faults)
    return Policy(rules, windows, freezes, groups, document.get("signers", ""), source, _plans(document))


def _plans(document: Mapping[str, Any]) -> Plans:
    found = document.get("plans", {})
    return Plans(seconds_of(found["expire"]) if "expire" in found else 0.0, found.get("bind_commit", False))


def _scope(found: Mapping[str, Any]) -> Scope:
    classes = frozenset(found["classes"])
    return Scope(
        frozenset() if "all" in classes else classes,
        frozenset(found.get("kinds", ())),
        tuple(found.get("addresses", ())),
        tuple(found.get("stacks", ())),
        dict(found.get("tags", {})),
    )


def _rule(found: Mapping[str, Any], number: int) -> Rule:
    then = found["then"]
    needs: Mapping[str, Any] = then if isinstance(then, Mapping) else {}
    limit = found.get("more_than", {})
    return Rule(
        found.get("name", f"rule {number + 1}"),
        _scope(found),
        "approvals" if needs else then,
        Limit(limit.get("count"), limit.get("share"), limit.get("spend")),
        needs.get("approvals", 0),
        needs.get("group", ""),
        needs.get("not_author", True),
        found.get("reason", ""),
    )


def _hours(found: Mapping[str, Any], number: int, faults: list[tuple[Path, str, str]]) -> tuple[Hours, ...]:
    hours = []
    for place, text in enumerate(found["hours"]):
        try:
            hours.append(Hours.parse(text))
        except ValueError as error:
            faults.append((("windows", number, "hours", place), str(error), "like Mon-Fri 22:00-06:00 Asia/Shanghai"))
    return tuple(hours)


def _freezes(document: Mapping[str, Any], faults: list[tuple[Path, str, str]]) -> Iterator[Freeze]:
    for number, found in enumerate(document.get("freezes", ())):
        first, end = (_time(found[name], ("freezes", number, name), faults) for name in ("from", "until"))
        if first is not None and end is not None and first >= end:
            faults.append(
                (("freezes", number, "until"), "a freeze ends before it begins", "write the later time as until")
            )
        yield Freeze(_scope(found), first or 0.0, end or 0.0, found.get("reason", ""))


def _time(text: str, path: Path, faults: list[tuple[Path, str, str]]) -> float | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        faults.append((path, f"{shown(text)} is not a time with its zone", "write one like 2026-11-11T00:00:00+08:00"))
        return None
    return found.timestamp()
