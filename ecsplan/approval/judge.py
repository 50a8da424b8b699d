"""Which approvals count for a plan, and whether they are enough. Pure, but for the signatures that it is given.

An approval counts where its signature holds at its own time and now, it is about this plan, stack, account and region,
it has not expired, its signer has not revoked it, and it is bound to no other commit. Nobody counts twice for a need.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ecsplan.approval.folder import Entry
from ecsplan.approval.statement import ALL, BadStatement, Statement, parsed, seconds
from ecsplan.model.ruling import Answer, Need

Verify = Callable[[Entry, float], tuple[str, str]]
"""Who signed an entry, as of a time, or why nobody did (see signing.signer_of)."""

_EXPIRED = "expired at"
SKEW = 300.0
"""Seconds that a signer's clock may be ahead."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The plan that is to be approved, and the Git commit that is checked out ('' where it is not known)."""

    digest: str
    stack: str
    account: str
    region: str
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One file: who signed it, what it says, and why it does not count (empty: it counts)."""

    name: str
    signer: str
    statement: Statement | None
    trouble: str


def judged(entries: Iterable[Entry], subject: Subject, verify: Verify, now: float) -> list[Verdict]:
    """Every file with its verdict, in the order of their names."""
    found = [(entry, _judged(entry, subject, verify, now)) for entry in entries]
    revoked = _revoked(found)
    return [_or_revoked(entry, verdict, revoked) for entry, verdict in found]


def answers(needs: Iterable[Need], verdicts: Sequence[Verdict], authors: frozenset[str]) -> list[Answer]:
    """How far each need is met. `authors` are the addresses, in small letters, of who made the change."""
    counting = [verdict for verdict in verdicts if not verdict.trouble and verdict.statement is not None]
    found = []
    for need in needs:
        given = sorted({v.signer for v in counting if v.statement is not None and v.statement.approves(need.class_)
                        and (not need.group or v.signer in need.members)})  # fmt: skip
        own = tuple(signer for signer in given if need.not_author and signer.casefold() in authors)
        found.append(Answer(need, tuple(signer for signer in given if signer not in own), own))
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
    return Verdict(entry.name, signer, statement, _trouble(statement, subject, now))


def _trouble(statement: Statement, subject: Subject, now: float) -> str:
    if statement.digest != subject.digest:
        return f"approves another plan ({statement.digest[:19]}…)"
    for name in ("stack", "account", "region"):
        if getattr(statement, name) != getattr(subject, name):
            return (
                f"is for the {name} {getattr(statement, name) or 'unknown'}, not {getattr(subject, name) or 'unknown'}"
            )
    if statement.is_expired(now):
        return f"{_EXPIRED} {statement.expires}"
    if seconds(statement.issued) > now + SKEW:
        return f"was issued in the future ({statement.issued}); check the clocks"
    if statement.commit and statement.commit != subject.commit:
        return f"is for commit {statement.commit[:12]}, and {subject.commit[:12] or 'none'} is checked out"
    return ""


_Revoked = Mapping[str, tuple[float, frozenset[str]]]


def _revoked(found: Sequence[tuple[Entry, Verdict]]) -> _Revoked:
    """By signer: until when all of that signer's approvals are revoked, and which single ones."""
    whole: dict[str, float] = {}
    single: dict[str, set[str]] = {}
    for _, verdict in found:
        statement = verdict.statement
        if statement is None or not statement.revokes or not _is_meant(verdict):
            continue
        if ALL in statement.revokes:
            whole[verdict.signer] = max(whole.get(verdict.signer, 0.0), seconds(statement.issued))
        single.setdefault(verdict.signer, set()).update(statement.revokes)
    return {signer: (whole.get(signer, 0.0), frozenset(single[signer])) for signer in single}


def _is_meant(verdict: Verdict) -> bool:
    """A revocation does not expire: who took an approval back has not given it again."""
    return not verdict.trouble or verdict.trouble.startswith(_EXPIRED)


def _or_revoked(entry: Entry, verdict: Verdict, revoked: _Revoked) -> Verdict:
    statement = verdict.statement
    if verdict.trouble or statement is None:
        return verdict
    if statement.revokes:
        return Verdict(verdict.name, verdict.signer, statement, "revokes earlier approvals")
    until, single = revoked.get(verdict.signer, (-1.0, frozenset()))
    if entry.fingerprint in single or seconds(statement.issued) <= until:
        return Verdict(verdict.name, verdict.signer, statement, f"was revoked by {verdict.signer}")
    return verdict
