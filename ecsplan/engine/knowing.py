"""Evidence about live objects from the journals of this folder, for inventory/identity; and other uses of the
folder.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ecsplan.engine.sealing import seal_key
from ecsplan.engine.shelves import journals
from ecsplan.executor.history import History, applied, read_history
from ecsplan.executor.shelf import Shelf
from ecsplan.inventory.decode import bare, decoded
from ecsplan.model.address import Address
from ecsplan.model.call import Api, Request
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.identity import NOTHING_KNOWN, Estate, Known
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.plan import Guard
from ecsplan.model.resource import Listed
from ecsplan.model.stack import Stack
from ecsplan.planner.guard import SECOND
from ecsplan.provider.alibaba import opened

ASKED = 100  # ids of another estate that are looked for
SHOWN = 3


def known_here(state_dir: str | None, stack: str, api: Api, store: str | None = None) -> Known:
    """Nothing where there is no folder to look in."""
    if state_dir is None:
        return NOTHING_KNOWN
    shelf = journals(state_dir, store)
    key = seal_key(api, shelf)
    return known_of(read_history(shelf, stack, api.region, key), shelf, key)


def known_of(history: History, folder: Path | Shelf, key: bytes) -> Known:
    others = () if history.births.ids else tuple(_others(folder, key))
    return Known(history.known, history.retired, others, history.overlays if history.births.ids else None)


def other_overlays(stack: Stack, known: Known) -> Iterator[Diagnostic]:
    """A warning where what lives was made with other overlays than the plan has: one may have been forgotten."""
    if known.overlays is None or known.overlays == stack.overlays:
        return
    last = " and ".join(known.overlays) or "none"
    again = " ".join(f"-f {name}" for name in known.overlays) or "no -f"
    yield Diagnostic(
        f"stack {stack.name} was applied with other overlays from here: {last}; "
        f"this plan has {' and '.join(stack.overlays) or 'none'}",
        f"plan with {again} (from the folder of the stack), or apply this plan if the change is meant",
        severity=Severity.WARNING,
    )


def _others(folder: Path | Shelf, key: bytes) -> Iterator[Estate]:
    """The last first."""
    for (stack, region), _ in sorted(applied(folder, key).items(), key=lambda item: -item[1]):
        history = read_history(folder, stack, region, key)
        if history.made:
            yield Estate(stack, region, history.made, history.known)


def second_estate(
    stack: Stack, api: Api, kinds: Kinds, known: Known, changes: Sequence[Change]
) -> tuple[list[Diagnostic], list[Guard]]:
    """A warning where a plan would make all of a stack anew while the folder's last one lives, and a guard where it
    would make the same things: a stack that was renamed, another region, an overlay that was forgotten.

    What the other environments of the stack have made does not count.
    """
    if not known.others or any(change.action not in (Action.CREATE, Action.NOOP) for change in changes):
        return [], []
    if not any(change.action is Action.CREATE for change in changes):
        return [], []
    for estate in (estate for estate in known.others if estate.stack not in stack.siblings):
        live = _live(estate, api, kinds)
        if live:
            told = _told(estate, sorted(obj.id for obj in max(live.values(), key=len)))
            place = Address("stack", stack.name)
            again = f"write stack: {estate.stack} and region: {estate.region} again"
            detail = f"{again}; if a second one is meant, approve it at the prompt, or say --allow {place}"
            guards = [Guard(SECOND, told, detail, (place,))] if _is_the_same(estate, live, stack, kinds) else []
            return [Diagnostic(told, detail, severity=Severity.WARNING)], guards
    return [], []


def _told(estate: Estate, ids: Sequence[str]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return (
        f"stack {estate.stack}, which was applied from this folder, lives in {estate.region}: "
        f"{', '.join(ids[:SHOWN])}{more}; this plan would make a second one beside it"
    )


def _live(estate: Estate, api: Api, kinds: Kinds) -> dict[str, list[Listed]]:
    """What is still there, by kind."""
    by_kind: dict[str, list[str]] = {}
    for object_id, kind in estate.made.items():
        if kind in kinds and kinds[kind].listing.ids is not None:
            by_kind.setdefault(kind, []).append(object_id)
    found: dict[str, list[Listed]] = {}
    with opened(_Elsewhere(api, estate.region), kinds) as source:
        for kind, ids in sorted(by_kind.items()):
            live = [bare(kinds[kind], raw) for raw in source.read(kind, ids[-ASKED:]).values()]
            found |= {kind: live} if live else {}
    return found


def _is_the_same(estate: Estate, live: Mapping[str, list[Listed]], stack: Stack, kinds: Kinds) -> bool:
    """Whether one of the things that the file declares lives there, the same at heart: half of its plain values."""
    declared = stack.by_address()
    for obj in (obj for objects in live.values() for obj in objects):
        place = estate.places.get(obj.id)
        if place is None and any(address.kind == obj.kind for address in declared):
            return True  # a member of a group: which one is not known
        resource = declared.get(place) if isinstance(place, Address) else None
        if resource is not None and _is_alike(kinds[obj.kind], resource.attributes, obj):
            return True
    return False


def _is_alike(kind: Kind, declared: Mapping[str, Any], obj: Listed) -> bool:
    there = decoded({kind.name: kind}, obj, declared).attributes
    plain = [name for name, value in declared.items() if isinstance(value, (str, int)) and name != "name"]
    return bool(2 * sum(there.get(name) == declared[name] for name in plain) >= len(plain))


class _Elsewhere:
    """The same account in another region; reads only."""

    def __init__(self, api: Api, region: str) -> None:
        self.api, self.region = api, region

    def send(self, request: Request) -> Mapping[str, Any]:
        return self.api.send(replace(request, region=self.region))
