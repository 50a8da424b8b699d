"""A policy as values: rules, windows, freezes, groups. Made from the file by reading.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import msgspec
from msgspec import Struct

from ecsplan.model.hours import Hours
from ecsplan.model.ruling import Effect
from ecsplan.policy.classes import Fact


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule is about; what is empty does not narrow it. Patterns are shell patterns (`disk.db*`)."""

    classes: frozenset[str]
    kinds: frozenset[str] = frozenset()
    addresses: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)

    def is_about(self, fact: Fact, stack: str) -> bool:
        return (
            (not self.classes or fact.class_ in self.classes)
            and (not self.kinds or fact.kind in self.kinds)
            and _fits(self.addresses, fact.address)
            and _fits(self.stacks, stack)
            and all(fnmatchcase(fact.tags.get(key, ""), value) and key in fact.tags for key, value in self.tags.items())
        )


def _fits(patterns: tuple[str, ...], name: str) -> bool:
    return not patterns or any(fnmatchcase(name, _plain(pattern)) for pattern in patterns)


def _plain(pattern: str) -> str:
    """Brackets in addresses (`web[0]`) are meant as they stand."""
    return pattern.replace("[", "[[]")


class Limit(Struct, frozen=True):
    """A rule with a limit holds only for more than it: addresses, a share of all live ones, or money a month."""

    count: int | None = None
    share: float | None = None
    spend: float | None = None

    @property
    def is_none(self) -> bool:
        return self.count is None and self.share is None and self.spend is None


class Rule(Struct, frozen=True):
    """The first rule that is about a fact decides what becomes of it."""

    name: str
    scope: Scope
    effect: Effect
    more_than: Limit = Limit()
    approvals: int = 0
    group: str = ""
    not_author: bool = True
    reason: str = ""


class Window(Struct, frozen=True):
    """What it is about happens only in these hours."""

    scope: Scope
    hours: tuple[Hours, ...]


class Freeze(Struct, frozen=True):
    """What it is about does not happen from one time to another (seconds since 1970)."""

    scope: Scope
    first: float
    end: float
    reason: str = ""


class Plans(Struct, frozen=True):
    """What saved plans must be: `expire` is for how many seconds one may be applied at most (0: for ever)."""

    expire: float = 0.0
    bind_commit: bool = False


class Policy(Struct, frozen=True):
    """`groups` are the principals of each group of signers; `source` is the file, for people."""

    rules: tuple[Rule, ...] = ()
    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    groups: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)
    allowed_signers: str = ""
    source: str = ""
    plans: Plans = Plans()

    @property
    def tags(self) -> frozenset[str]:
        """The keys of tags that conditions ask about."""
        scopes = [rule.scope for rule in self.rules]
        scopes += [one.scope for one in self.windows] + [one.scope for one in self.freezes]
        return frozenset(key for scope in scopes for key in scope.tags)
