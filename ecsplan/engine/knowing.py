"""What the journals of this folder say of live objects, for inventory/identity; and what else the folder was for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecsplan.apply.history import History, applied, read_history
from ecsplan.engine.locking import seal_key
from ecsplan.model.address import Address
from ecsplan.model.call import Api, Request
from ecsplan.model.change import Action, Change
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.identity import NOTHING_KNOWN, Estate, Known
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Guard
from ecsplan.model.stack import Stack
from ecsplan.plan.guard import SECOND
from ecsplan.provider.alibaba import opened

ASKED = 100  # ids of another estate that are looked for
SHOWN = 3


def known_here(state_dir: str | None, stack: str, api: Api) -> Known:
    """Nothing where there is no folder to look in."""
    if state_dir is None:
        return NOTHING_KNOWN
    folder, key = Path(state_dir), seal_key(api)
    return known_of(read_history(folder, stack, api.region, key), folder, key)


def known_of(history: History, folder: Path, key: bytes) -> Known:
    others = () if history.births.ids else tuple(_others(folder, key))
    return Known(history.known, history.retired, others)


def _others(folder: Path, key: bytes) -> Iterator[Estate]:
    """The last first."""
    for (stack, region), _ in sorted(applied(folder, key).items(), key=lambda item: -item[1]):
        made = read_history(folder, stack, region, key).made
        if made:
            yield Estate(stack, region, made)


def second_estate(
    stack: Stack, api: Api, kinds: Kinds, known: Known, changes: Sequence[Change]
) -> tuple[list[Diagnostic], list[Guard]]:
    """A warning, and a guard, where a plan would make all of a stack anew while the folder's last one lives.

    A stack that was renamed, another region, an overlay that was forgotten. What lives elsewhere is looked for, but for
    what the other environments of the stack have made.
    """
    if not known.others or any(change.action not in (Action.CREATE, Action.NOOP) for change in changes):
        return [], []
    if not any(change.action is Action.CREATE for change in changes):
        return [], []
    for estate in (estate for estate in known.others if estate.stack not in stack.siblings):
        live = _live(estate, api, kinds)
        if live:
            more = f" and {len(live) - SHOWN} more" if len(live) > SHOWN else ""
            told = (
                f"stack {estate.stack}, which was applied from this folder, lives in {estate.region}: "
                f"{', '.join(live[:SHOWN])}{more}; this plan would make a second one beside it"
            )
            place = Address("stack", stack.name)
            again = f"write stack: {estate.stack} and region: {estate.region} again"
            detail = f"{again}; if a second one is meant, approve it at the prompt, or say --allow {place}"
            return [Diagnostic(told, detail, severity=Severity.WARNING)], [Guard(SECOND, told, detail, (place,))]
    return [], []


def _live(estate: Estate, api: Api, kinds: Kinds) -> list[str]:
    """The ids that are still there, of the kind of which there are most."""
    by_kind: dict[str, list[str]] = {}
    for object_id, kind in estate.made.items():
        if kind in kinds and kinds[kind].listing.ids is not None:
            by_kind.setdefault(kind, []).append(object_id)
    for kind, ids in sorted(by_kind.items(), key=lambda item: (-len(item[1]), item[0])):
        with opened(_Elsewhere(api, estate.region), kinds) as source:
            found = source.read(kind, ids[-ASKED:])
        if found:
            return sorted(found)
    return []


class _Elsewhere:
    """The same account in another region; reads only."""

    def __init__(self, api: Api, region: str) -> None:
        self.api, self.region = api, region

    def send(self, request: Request) -> Mapping[str, Any]:
        return self.api.send(replace(request, region=self.region))
