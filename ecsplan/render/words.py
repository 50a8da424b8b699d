"""The words that every format uses: actions, impacts, counts, times, and groups of addresses."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from ecsplan.model.address import Address, Part
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action

ACTION_WORDS = {
    Action.NOOP: "keep",
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.REPLACE: "replace",
    Action.DELETE: "delete",
    Action.ADOPT: "adopt",
    Action.MOVE: "move",
    Action.RELEASE: "release",
}
NAMED_GROUPS = 3  # beyond, a row of many groups is a count with examples


def impact_words(impacts: Iterable[Impact]) -> str:
    """The worst first."""
    return ", ".join(impact.text for impact in sorted(impacts, reverse=True)) or "no impact"


def plural(count: int, noun: str, many: str | None = None) -> str:
    return f"{count:,} {noun if count == 1 else many or noun + ('es' if noun.endswith(('ch', 's')) else 's')}"


def duration(seconds: float) -> str:
    """`0.6 s`, `12 s`, `2 min 10 s`, `1 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    minutes = round(whole / 60)
    return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")


def short_account(account: str | None) -> str:
    """Enough to recognise an account by, and no more: plans are pasted into public places."""
    if not account:
        return ""
    return account if len(account) <= 8 else f"{account[:4]}…{account[-4:]}"


def members(addresses: Iterable[Address]) -> str:
    """`instance.web[0..2, 5]`, `eip.a, eip.b`, or `312 instances (web[0..299], db, …)`."""
    ordered = sorted(addresses)
    groups = [list(found) for _, found in groupby(ordered, key=lambda address: address.group)]
    if len(groups) <= NAMED_GROUPS:
        return ", ".join(_group(group) for group in groups)
    kinds = {address.kind for address in ordered}
    noun = kinds.pop() if len(kinds) == 1 else "resource"
    named = ", ".join(_group(group) for group in groups[:2])
    return f"{plural(len(ordered), noun)} ({named}, …)"


def places(found: Iterable[Address | Part]) -> str:
    """The same of addresses among which there may be parts."""
    found = tuple(found)
    parts = [str(place) for place in found if isinstance(place, Part)]
    whole = [place for place in found if isinstance(place, Address)]
    return ", ".join([*([members(whole)] if whole else []), *parts])


def _group(group: Sequence[Address]) -> str:
    if len(group) == 1:
        return str(group[0])
    numbers = [address.key for address in group if isinstance(address.key, int)]
    if len(numbers) == len(group):
        return f"{group[0].group}[{_ranges(numbers)}]"
    named = [str(address)[len(str(address.group)) + 1 : -1] for address in group if address.key is not None]
    if len(named) == len(group) <= NAMED_GROUPS:
        return f"{group[0].group}[{', '.join(named)}]"
    return f"{group[0].group} ({len(group):,} members)"


def _ranges(numbers: Sequence[int]) -> str:
    """Runs of numbers: `0..2, 5`; a long list of runs is cut, as its count says more."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    texts = [str(low) if low == high else f"{low}..{high}" for low, high in runs]
    if len(texts) > 8:
        return ", ".join(texts[:8]) + f", … {len(numbers):,} in all"
    return ", ".join(texts)
