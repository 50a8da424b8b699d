"""The outcome of identification: each live object of a stack under its address, and what is to be said of the rest."""

from collections.abc import Iterator

from msgspec import Struct, field

from ecsplan.inventory.identity.claims import Claim
from ecsplan.inventory.identity.seats import Seats
from ecsplan.model.address import Address, Part
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.identity import Evidence, Placed, Question, named
from ecsplan.model.resource import Listed

Pairs = list[tuple[Address, Listed]]


class Match(Struct):
    """`moved_from` has the old place where the file moves a thing, or it is first to be marked for its new one.

    `orphans` are ours and not declared, `retired` were replaced in a run that was cut off; `strangers` are members of a
    group that nothing tells apart, `copies` carry the marks of another object. `kept` are parts that outlive what they
    hang on, `loose` those whose machine is declared and gone, `released` those that the file lets go of, `theirs` what
    others keep by now, with the reason. `evidence` is
    by id, `questions` by address, `placed` and `seats` by the machine. `tables` tell members by their numbers, where
    they have none yet. `served` are addresses whose `adopt` has done its work, and whose object is gone. `problems`
    are faults of the file.
    """

    objects: tuple[Listed, ...]
    matched: dict[Address, Listed] = field(default_factory=dict)
    orphans: Pairs = field(default_factory=list)
    retired: Pairs = field(default_factory=list)
    strangers: Pairs = field(default_factory=list)
    copies: Pairs = field(default_factory=list)
    kept: Pairs = field(default_factory=list)
    loose: Pairs = field(default_factory=list)
    suspicious: Pairs = field(default_factory=list)
    released: list[tuple[Part, Listed]] = field(default_factory=list)
    theirs: list[tuple[Address, Listed, str]] = field(default_factory=list)
    moved_from: dict[Address, Address | Part] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    questions: dict[Address, list[Question]] = field(default_factory=dict)
    placed: dict[Address, list[Placed]] = field(default_factory=dict)
    seats: list[Seats] = field(default_factory=list)
    tables: dict[Address, str] = field(default_factory=dict)
    served: set[Address] = field(default_factory=set)
    problems: list[Diagnostic] = field(default_factory=list)

    def ask(self, question: Question) -> None:
        self.questions.setdefault(question.address, []).append(question)

    def is_open(self, address: Address) -> bool:
        """Whether nothing is this address so far, and no question stands there."""
        return address not in self.matched and address not in self.questions

    def take(self, claim: Claim) -> None:
        """The object of a claim is its address."""
        self.matched[claim.address] = claim.obj
        self.evidence[claim.obj.id] = claim.evidence
        if claim.is_moved:
            self.moved_from[claim.address] = claim.was

    def parts(self) -> dict[str, tuple[Listed, ...]]:
        """What is inside each machine, by its id."""
        found: dict[str, tuple[Listed, ...]] = {}
        for one in self.seats:
            found[one.carrier.obj.id] = (*found.get(one.carrier.obj.id, ()), *one.inside)
        return found

    def foreign(self) -> dict[str, tuple[Listed, ...]]:
        """What else hangs on a machine, and the service would delete with it."""
        found: dict[str, tuple[Listed, ...]] = {}
        for one in self.seats:
            taken = tuple(part for part in one.foreign if one.spec.goes_along(part.raw))
            if taken:
                found[one.carrier.obj.id] = (*found.get(one.carrier.obj.id, ()), *taken)
        return found

    def doubtful(self) -> dict[Address, tuple[Listed, ...]]:
        """Parts that a machine would take up on the word of their marks alone."""
        found: dict[Address, tuple[Listed, ...]] = {}
        for one in self.seats:
            parts = tuple(one.taken[slot] for slot in sorted(one.doubtful))
            if parts:
                found[one.carrier.address] = (*found.get(one.carrier.address, ()), *parts)
        return found

    def part_twins(self) -> dict[Address | Part, tuple[Listed, ...]]:
        """What hangs on a machine and looks like what one of its slots would be filled with."""
        return {one.place(slot): tuple(twins) for one in self.seats for slot, twins in one.twins.items()}

    def warnings(self) -> list[Diagnostic]:
        """What a reader of the plan should know of objects that are left alone."""
        return [*_of_copies(self), *_of_strangers(self), *_of_suspicious(self), *_of_theirs(self), *_of_adoptions(self)]


def _warning(address: Address, summary: str, detail: str) -> Diagnostic:
    return Diagnostic(summary, detail, address=address, severity=Severity.WARNING)


def _of_copies(found: Match) -> Iterator[Diagnostic]:
    live = dict((*found.orphans, *found.matched.items()))
    for address, obj in found.copies:
        part = obj.owner.part if obj.owner is not None else None
        whose = f"{address}, which is {named(live[address])}" if address in live and part is None else part or address
        yield _warning(
            address, f"{named(obj)} carries the marks of {whose}: a copy, left alone", "remove its ecsplan: tags"
        )


def _of_strangers(found: Match) -> Iterator[Diagnostic]:
    for group, obj in found.strangers:
        if obj.kind == group.kind:
            yield _warning(
                group,
                f"{named(obj)} is marked as a member of {group}, and nothing tells which",
                "give it the name of the member that it is, or remove its ecsplan: tags; it is left alone until then",
            )


def _of_suspicious(found: Match) -> Iterator[Diagnostic]:
    for address, obj in found.suspicious:
        yield _warning(
            address,
            f"{obj.kind} {named(obj)} carries the marks of {address}, and is in none of its slots",
            "remove its ecsplan: tags; it is left alone",
        )


def _of_theirs(found: Match) -> Iterator[Diagnostic]:
    for address, obj, reason in found.theirs:
        yield _warning(address, f"{named(obj)} carries the marks of {address}, and {reason}: left alone",
                       "remove its ecsplan: tags")  # fmt: skip


def _of_adoptions(found: Match) -> Iterator[Diagnostic]:
    for address in sorted(found.served):
        yield _warning(address, "adopt names an object that is gone", "remove adopt: it has done its work")
