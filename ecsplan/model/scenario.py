"""A scenario: a stack, the world it meets, and what should come of it; and how what came is held against that."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct, field

from ecsplan.model.attribute import Impact
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.quoting import shown

OUTCOMES = ("done", "partly", "failed", "refused")


class Subject(Struct, frozen=True):
    """A stack as it is asked for: path, environment, overlays, and variables as NAME=VALUE."""

    stack: str
    environment: str | None = None
    overlays: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


class OutsideCall(Struct, frozen=True):
    """A call that somebody else makes; `${ADDRESS}` in a parameter is the live id of a resource."""

    product: str
    action: str
    params: Mapping[str, str] = field(default_factory=dict)


class Expected(Struct, frozen=True):
    """What is empty or None is not judged. `changes` are patterns of addresses by action; all changes are meant."""

    rejected: str = ""
    refused: str = ""
    changes: Mapping[str, tuple[str, ...]] | None = None
    worst: str = ""
    outcome: str = ""
    settled: bool | None = None
    calls_at_most: int | None = None

    @property
    def is_empty(self) -> bool:
        return self == Expected()


class Scenario(Struct, frozen=True):
    name: str
    source: SourceRange
    subject: Subject
    expected: Expected
    applied: Subject | None = None
    outside: tuple[OutsideCall, ...] = ()
    faults: tuple[Mapping[str, Any], ...] = ()
    allow: tuple[str, ...] = ()
    allow_destroy: int | None = None


class Seen(Struct):
    """What came of a scenario. `changes` are addresses by action; `left` those of the plan after it."""

    rejected: str = ""
    refused: str = ""
    changes: dict[str, list[str]] | None = None
    worst: str = Impact.NONE.name.lower()
    outcome: str = ""
    trouble: str = ""
    left: list[str] | None = None
    calls: int = 0


def mismatches(expected: Expected, seen: Seen) -> Iterator[str]:
    """What is otherwise than expected, a sentence for each."""
    yield from _ends(expected, seen)
    if expected.changes is not None and seen.changes is not None:
        yield from _changes(expected.changes, seen.changes)
    if expected.worst and seen.changes is not None and expected.worst != seen.worst:
        yield f"the worst impact is {seen.worst}, not {expected.worst}"
    if expected.settled is not None and seen.left is not None and expected.settled != (not seen.left):
        yield f"the plan after it changes {', '.join(seen.left)}" if seen.left else "the plan after it is empty"
    if expected.calls_at_most is not None and seen.calls > expected.calls_at_most:
        yield f"it took {seen.calls} API calls, more than {expected.calls_at_most}"


def _ends(expected: Expected, seen: Seen) -> Iterator[str]:
    """Whether it came as far as expected, and no farther."""
    if expected.rejected and expected.rejected not in seen.rejected:
        yield f"it is not rejected for {shown(expected.rejected)}" + (
            f"; but: {seen.rejected}" if seen.rejected else ""
        )
    elif seen.rejected and not expected.rejected:
        yield f"it is rejected: {seen.rejected}"
    if expected.refused and expected.refused not in seen.refused:
        yield f"it is not refused for {shown(expected.refused)}" + (f"; but: {seen.refused}" if seen.refused else "")
    elif seen.refused and not expected.refused and expected.outcome != "refused":
        yield f"it is refused: {seen.refused}"
    if expected.outcome and seen.outcome != expected.outcome and not seen.rejected:
        why = f": {seen.trouble}" if seen.trouble else ""
        yield f"the outcome is {seen.outcome}, not {expected.outcome}{why}"


def _changes(expected: Mapping[str, tuple[str, ...]], seen: Mapping[str, list[str]]) -> Iterator[str]:
    """Each pattern means one change at least, and each change is meant by a pattern."""
    for action, patterns in expected.items():
        for pattern in patterns:
            if not any(is_meant(address, pattern) for address in seen.get(action, ())):
                others = [f"{name} {one}" for name, found in seen.items() for one in found if is_meant(one, pattern)]
                instead = f"; the plan says {', '.join(others)}" if others else ""
                yield f"the plan does not {action} {pattern}{instead}"
    for action, addresses in seen.items():
        patterns = expected.get(action, ())
        for address in addresses:
            if not any(is_meant(address, pattern) for pattern in patterns):
                yield f"the plan would {action} {address}, which is not expected"


def is_meant(address: str, pattern: str) -> bool:
    """`instance.web` means all its members; brackets are those of an address, and no set of characters."""
    escaped = pattern.replace("[", "[[]")
    return fnmatchcase(address, escaped) or fnmatchcase(address, escaped + "[[]*")
