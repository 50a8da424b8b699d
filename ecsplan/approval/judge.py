"""Which approvals count for a plan, and whether they are enough. Pure, but for the signatures that it is given.

An approval counts where its signature holds at its own time and now, it is about this plan, stack, account and region,
it has not expired, its signer has not revoked it, and it is bound to no other commit. One of another plan counts for
the changes that are the same in this one. Nobody counts twice for a need.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from ecsplan.approval.folder import Entry
from ecsplan.approval.statement import BadStatement, Statement, parsed, seconds
from ecsplan.approval.words import ALL
from ecsplan.model.copying import replace
from ecsplan.model.ruling import Answer, Need

Verify = Callable[[Entry, float], tuple[str, str]]
"""Who signed an entry, as of a time, or why nobody did (see signing.signer_of)."""

SKEW = 300.0
"""Seconds that a signer's clock may be ahead."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The plan that is to be approved, and the Git commit that is checked out ('' where it is not known).

    `nodes` are the digests of the plan's changes, by address.
    """

    digest: str
    stack: str
    account: str
    region: str
    commit: str = ""
    nodes: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)

    def approved_in(self, statement: Statement) -> frozenset[str] | None:
        """The addresses that a statement approves; None for the whole plan."""
        signed = frozenset(statement.nodes)
        if statement.digest == self.digest and (not signed or signed >= frozenset().union(*self.nodes.values())):
            return None
        return frozenset(address for address, digests in self.nodes.items() if digests <= signed)


class Verdict(Struct, frozen=True):
    """One file: who signed it, what it says, and why it does not count (empty: it counts).

    `covers` are the addresses that it approves; None for the whole plan.
    """

    name: str
    signer: str
    statement: Statement | None
    trouble: str
    covers: frozenset[str] | None = None

    def approves(self, need: Need) -> bool:
        """Whether it is about the need at all."""
        return (
            not self.trouble
            and self.statement is not None
            and self.statement.approves(need.class_)
            and (not need.group or self.signer in need.members)
        )

    def covered(self, need: Need) -> frozenset[str]:
        """Which of the need's addresses it approves. What is asked only of many together was approved together."""
        what = frozenset(need.what)
        found = what if self.covers is None else what & self.covers
        return frozenset() if need.together and found < what else found


def judged(entries: Iterable[Entry], subject: Subject, verify: Verify, now: float) -> list[Verdict]:
    """Every file with its verdict, in the order of their names."""
    found = [(entry, _judged(entry, subject, verify, now)) for entry in entries]
    revocations = {v.name: _Revocation.of(v.signer, v.statement) for _, v in found if _revokes(v, subject, now)}
    return [
        replace(verdict, trouble="revokes earlier approvals")
        if verdict.name in revocations
        else _or_revoked(entry, verdict, subject, revocations.values())
        for entry, verdict in found
    ]


def answers(needs: Iterable[Need], verdicts: Sequence[Verdict], authors: frozenset[str]) -> list[Answer]:
    """How far each need is met, at each of its addresses. `authors` are the addresses, in small letters, of who made
    the change."""
    found = []
    for need in needs:
        counting = [verdict for verdict in verdicts if verdict.approves(need)]
        covered: dict[str, frozenset[str]] = {}
        for verdict in counting:
            covered[verdict.signer] = covered.get(verdict.signer, frozenset()) | verdict.covered(need)
        own = tuple(sorted(s for s in covered if need.not_author and s.casefold() in authors))
        others = {signer: what for signer, what in sorted(covered.items()) if signer not in own and what}
        by_address = {one: tuple(signer for signer, what in others.items() if one in what) for one in need.what}
        given = tuple(signer for signer, what in others.items() if what >= set(need.what))
        found.append(Answer(need, given, own, by_address))
    return found


def _judged(entry: Entry, subject: Subject, verify: Verify, now: float) -> Verdict:
    if entry.trouble:
        return Verdict(entry.name, "", None, entry.trouble)
    signer, why = verify(entry, now)
    if not signer:
        return Verdict(entry.name, "", None, why)
    try:
        statement = parsed(entry.text)
    except BadStatement as bad:
        return Verdict(entry.name, signer, None, str(bad))
    covers = subject.approved_in(statement)
    return Verdict(entry.name, signer, statement, _trouble(statement, subject, covers, now), covers)


def _trouble(statement: Statement, subject: Subject, covers: frozenset[str] | None, now: float) -> str:
    if covers is not None and not covers:
        if statement.digest == subject.digest:
            return "approves none of the changes as they are told here: it was signed with another version of ecsplan"
        return f"approves another plan ({statement.digest[:19]}…)"
    if elsewhere := _elsewhere(statement, subject):
        return elsewhere
    if statement.is_expired(now):
        return f"expired at {statement.expires}"
    if _is_of_the_future(statement, now):
        return f"was issued in the future ({statement.issued}); check the clocks"
    if statement.commit and statement.commit != subject.commit:
        what = "is" if statement.digest == subject.digest else "approves another plan, and is"
        return f"{what} for commit {statement.commit[:12]}, and {subject.commit[:12] or 'none'} is checked out"
    return ""


def _elsewhere(statement: Statement, subject: Subject) -> str:
    for name in ("stack", "account", "region"):
        said, here = getattr(statement, name), getattr(subject, name)
        if said != here:
            return f"is for the {name} {said or 'unknown'}, not {here or 'unknown'}"
    return ""


def _is_of_the_future(statement: Statement, now: float) -> bool:
    return seconds(statement.issued) > now + SKEW


def _revokes(verdict: Verdict, subject: Subject, now: float) -> bool:
    """A revocation does not expire, and no commit bounds it: who took an approval back has not given it again."""
    found = verdict.statement
    return (
        found is not None
        and bool(found.revokes)
        and not _elsewhere(found, subject)
        and not _is_of_the_future(found, now)
    )


class _Revocation(Struct, frozen=True):
    """`plan` is the digest of the plan whose approvals are taken back, with all that came to it from others."""

    signer: str
    plan: str
    names: frozenset[str]
    until: float

    @classmethod
    def of(cls, signer: str, statement: Statement | None) -> "_Revocation":
        assert statement is not None
        return cls(signer, statement.digest, frozenset(statement.revokes), seconds(statement.issued))

    def is_of(self, entry: Entry, statement: Statement, subject: Subject) -> bool:
        if entry.fingerprint in self.names:
            return True
        return (
            ALL in self.names
            and self.plan in (statement.digest, subject.digest)
            and seconds(statement.issued) <= self.until
        )


def _or_revoked(entry: Entry, verdict: Verdict, subject: Subject, found: Iterable[_Revocation]) -> Verdict:
    statement = verdict.statement
    if verdict.trouble or statement is None:
        return verdict
    if any(one.signer == verdict.signer and one.is_of(entry, statement, subject) for one in found):
        return replace(verdict, trouble=f"was revoked by {verdict.signer}")
    return verdict
