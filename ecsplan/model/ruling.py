"""The ruling of a policy on a plan, and its approvals: the values that pass between stages and to people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

Effect = Literal["allow", "approvals", "forbid"]


class RuleFinding(Struct, frozen=True):
    """What becomes of the changes of one class under one rule. `addresses` are in order, each once.

    `opens` is when a window opens again or a freeze ends (seconds since 1970), where time alone forbids it. `together`:
    the rule is about many at once, and not about each.
    """

    effect: Effect
    class_: str
    addresses: tuple[str, ...]
    rule: str
    approvals: int = 0
    group: str = ""
    not_author: bool = True
    reason: str = ""
    opens: float | None = None
    together: bool = False

    @property
    def text(self) -> str:
        """`needs 2 approvals of dba: data loss on disk.db`."""
        what = f"{self.class_.replace('_', ' ')} on {_listed(self.addresses)}"
        if self.effect == "approvals":
            of = f" of {self.group}" if self.group else ""
            return f"needs {self.approvals} approval{'s' if self.approvals != 1 else ''}{of}: {what}"
        reason = f": {self.reason}" if self.reason else ""
        return f"{'allowed' if self.effect == 'allow' else 'forbidden'}: {what} ({self.rule}{reason})"


def _listed(addresses: tuple[str, ...]) -> str:
    shown = ", ".join(addresses[:3])
    return f"{shown} and {len(addresses) - 3} more" if len(addresses) > 3 else shown


class Need(Struct, frozen=True):
    """So many approvals of a class of change. `group` names who may give them; `members` are its principals.

    An empty `group` is everybody whose signature holds. `what` are the addresses; `together`: they were approved in one
    plan, as the rule is about how many they are.
    """

    class_: str
    count: int
    group: str = ""
    members: frozenset[str] = frozenset()
    what: tuple[str, ...] = ()
    not_author: bool = True
    together: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A need, the principals whose approvals count for all of it, and those of the author that do not count.

    `by_address`: who approved what, as an approval of an earlier plan may count for a part.
    """

    need: Need
    given: tuple[str, ...]
    of_the_author: tuple[str, ...] = ()
    by_address: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    @property
    def missing(self) -> int:
        """How many approvals, where the fewest are."""
        least = min((len(self.by_address.get(address, self.given)) for address in self.need.what), default=None)
        return max(0, self.need.count - (len(self.given) if least is None else least))

    @property
    def short(self) -> tuple[str, ...]:
        """The addresses that need more approvals than they have."""
        count = self.need.count
        return tuple(one for one in self.need.what if len(self.by_address.get(one, self.given)) < count)


class Approval(Struct, frozen=True):
    """A signed file beside the plan: who signed it, and why it does not count (empty: it counts).

    `part` is how many of the plan's changes it is about, and how many there are, where that is not all. `classes` are
    those of changes that it approves, or `all`; `addresses` what of the plan, None for the whole.
    """

    file: str
    signer: str
    trouble: str
    part: tuple[int, int] | None = None
    classes: tuple[str, ...] = ()
    addresses: frozenset[str] | None = None

    def approves(self, class_: str, address: str) -> bool:
        """Whether a person who may sign has signed this change."""
        is_about = self.addresses is None or address in self.addresses
        return not self.trouble and is_about and ("all" in self.classes or class_ in self.classes)

    @property
    def said(self) -> str:
        counts = "counts" if self.part is None else f"counts for {self.part[0]:,} of {self.part[1]:,} changes"
        return self.trouble or counts


class Ruling(Struct, frozen=True):
    """`source` is where the policy was read ('' where there is none), `base` the revision that it was read from.

    `faults` say why a saved plan is none that the policy takes, whatever is in it. `tags` are the keys of tags that the
    policy asks about.
    """

    findings: tuple[RuleFinding, ...] = ()
    approvals: tuple[Approval, ...] = ()
    answers: tuple[Answer, ...] = ()
    source: str = ""
    base: str = ""
    faults: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()

    @property
    def forbidden(self) -> tuple[RuleFinding, ...]:
        return tuple(finding for finding in self.findings if finding.effect == "forbid")

    @property
    def missing(self) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.answers if answer.missing)

    @property
    def is_met(self) -> bool:
        return not self.forbidden and not self.missing and not self.faults
