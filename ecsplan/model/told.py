"""Canonical values in messages, as people write them in a stack file; and messages that members of a group share."""

from collections.abc import Iterable

from ecsplan.model.address import Address, Ref, Secret
from ecsplan.model.algebra import is_fields
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.quoting import quoted

LONGEST = 200


def told(value: object, *, is_sensitive: bool = False) -> str:
    """A value on one line: `{protocol: tcp, ports: 443}`, `[a, b]`. No secret is in it."""
    if isinstance(value, Secret) or (is_sensitive and value is not None):
        return "(sensitive)"
    text = quoted(value) if isinstance(value, str) and (not value or " " in value) else _told(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _told(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Secret):
        return "(sensitive)"
    if isinstance(value, Ref):
        return str(value.address)
    if is_fields(value):
        return "{" + ", ".join(f"{name}: {_told(item)}" for name, item in value) + "}"
    if isinstance(value, (tuple, list, frozenset)):
        return "[" + ", ".join(_told(item) for item in value) + "]"
    return str(value)


def difference(now: object, before: object) -> str:
    """How a value differs from what it was: of a list or a mapping, what came and what went."""
    if not (isinstance(now, tuple) and isinstance(before, tuple)):
        return f"is {told(now)} now; it was {told(before)}"
    came = tuple(item for item in now if item not in before)
    went = tuple(item for item in before if item not in now)
    if not came and not went:
        return f"is {told(now)} now; it was {told(before)}"
    words = [f"has {told(came)}"] if came else []
    words += [f"no longer has {told(went)}"] if went else []
    return f"{' and '.join(words)} now"


def folded(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """What members of a group have in common is said once, of the group; `members` has each of them."""
    groups: dict[object, list[Diagnostic]] = {}
    for number, one in enumerate(diagnostics):
        is_member = one.address is not None and one.address.key is not None
        words = (one.summary, one.detail, one.severity)
        groups.setdefault((one.address.group, *words) if is_member and one.address else number, []).append(one)
    return tuple(_joined(several) for several in groups.values())


def _joined(several: list[Diagnostic]) -> Diagnostic:
    first = several[0]
    if len(several) == 1 or first.address is None:
        return first
    members: tuple[Address, ...] = tuple(one.address for one in several if one.address is not None)
    summary = f"{first.summary} ({len(members)} members)"
    return replace(first, summary=summary, address=first.address.group, members=members)
