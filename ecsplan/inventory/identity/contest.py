"""One address and several objects that claim it: which is it, which are copies, and where only a person can tell. Pure.

Whoever buys a machine "of the same configuration" copies its tags. The copy is younger, and has another name unless
that was copied too.
"""

from collections.abc import Sequence

from msgspec import Struct

from ecsplan.inventory.identity.born import oldest
from ecsplan.inventory.identity.claims import Claim
from ecsplan.model.identity import Evidence, Question, adoption, named


class Verdict(Struct, frozen=True):
    """`winner` is None where there is a `question`. `copies` are left alone."""

    winner: Claim | None
    copies: tuple[Claim, ...] = ()
    question: Question | None = None


def settle(claims: Sequence[Claim]) -> Verdict:
    """Of claims to one address."""
    if len(claims) == 1:
        return Verdict(claims[0])
    if conflict := _moved_onto(claims):
        return Verdict(None, (), conflict)
    winner = _winner(claims)
    if winner is None:
        return Verdict(None, (), _question(claims))
    return Verdict(winner, tuple(claim for claim in claims if claim is not winner))


def _winner(claims: Sequence[Claim]) -> Claim | None:
    """The journal decides, then the table of a batch; else the oldest, unless a younger one has the right name."""
    for evidence in (Evidence.JOURNAL, Evidence.NUMBERED):
        sure = [claim for claim in claims if claim.evidence is evidence]
        if len(sure) == 1:
            return sure[0]
    # Times are to the minute, so several may be the oldest; and all are where the service does not tell one of them.
    first = {obj.id for obj in oldest(claim.obj for claim in claims)}
    named = [claim for claim in claims if claim.evidence <= Evidence.NAMED]
    if len(first) == 1:
        # Age and name agree, or no name speaks at all: a copy that was given no name of ours. Where the older one was
        # renamed and the younger one has the name, either may be meant: a person tells.
        old = next(claim for claim in claims if claim.obj.id in first)
        return old if old in named or not named else None
    # Age tells nothing: a name decides only if it is the only one, and not that of a younger copy.
    among = [claim for claim in named if claim.obj.id in first]
    return among[0] if len(among) == 1 == len(named) else None


def _moved_onto(claims: Sequence[Claim]) -> Question | None:
    """`moved` leads to an address that is live; what is moved there is no copy, but an object of its own."""
    there = [claim for claim in claims if not claim.is_moved]
    movers = [claim for claim in claims if claim.is_moved and not claim.evidence.is_doubtful]
    if not there or not movers:
        return None
    mover = movers[0]
    summary = f"moved: {mover.was} ({named(mover.obj)}) goes to {mover.address}, which is live: {named(there[0].obj)}"
    return Question(
        mover.address,
        summary,
        f"take the entry out of moved, or let {mover.address} go first (moved or released, in an apply of its own)",
        tuple(claim.obj for claim in claims),
    )


def _question(claims: Sequence[Claim]) -> Question:
    address = claims[0].address
    who = " and ".join(named(claim.obj) for claim in sorted(claims, key=lambda claim: claim.obj.id))
    return Question(
        address,
        f"several live objects carry the mark of {address}, and nothing tells which is it: {who}",
        f"write {adoption(address, claims[0].obj.id)}, or the other's id; what is not it is left alone",
        tuple(claim.obj for claim in claims),
    )
