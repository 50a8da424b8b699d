"""Calls that the API can take together become one, so that the plan shows the real ones. Pure.

Only steps of one generation are merged: none of them needs another, so no cycle can arise.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from ecsplan.model.address import Address, Span
from ecsplan.model.call import Call, Params, rows
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kinds
from ecsplan.model.marks import key_of, spanning
from ecsplan.model.ownership import has_room_for_number
from ecsplan.model.plan import StepId
from ecsplan.planner.drafts import Draft
from ecsplan.planner.graph import Graph, Why
from ecsplan.planner.tagging import table_calls

WIDTH = 4  # least digits of the ordered suffix in the names of a group


def merge(
    drafts: Mapping[StepId, Draft], graph: Graph, kinds: Kinds, referred: Collection[Address]
) -> tuple[list[Draft], Graph]:
    """The drafts with alike calls merged, in an order that keeps every edge, and their graph.

    `referred` are members that something names by their numbers: their batches are marked so as soon as they live.
    """
    became: dict[StepId, StepId] = {}
    merged: list[Draft] = []
    marks: list[tuple[StepId, Draft]] = []
    # Generation by generation: what is merged within one can never need each other, so that no cycle comes of it. A
    # barrier is no call, and stays alone: merged barriers would make one wave wait for another group's.
    barriers = {draft.id for draft in drafts.values() if not draft.calls}
    for generation in graph.generations(barriers):
        merged += [drafts[step] for step in generation if step in barriers]
        for bunch in _bunches([drafts[step] for step in generation if step not in barriers], kinds, became):
            draft = _joined(bunch, kinds)
            became |= {old.id: draft.id for old in bunch}
            merged.append(draft)
            marks += ((draft.id, mark) for mark in _marks(draft, kinds, referred))
    # Only now is known what all the steps have become that a closing step waits for.
    for draft in merged:
        draft.after = {became.get(other, other) for other in draft.after}
        draft.opened_by = {became[other] for other in draft.opened_by}
        draft.unless = {became[other] for other in draft.unless}
    after = graph.merged({step: step for step in barriers} | became)
    for made, mark in marks:
        after.add(mark.id)
        after.need(mark.id, made, Why.CHAIN)
    return [*merged, *(mark for _, mark in marks)], after


def _marks(draft: Draft, kinds: Kinds, referred: Collection[Address]) -> Iterator[Draft]:
    call = draft.calls[0]
    has_room = has_room_for_number(len(rows(call.params, "Tag")))
    if len(call.creates) < 2 or call.part or not has_room or not any(address in referred for address in call.creates):
        return
    for one in table_calls(kinds[call.kind], call.creates):
        addresses = tuple(target.address for target in one.targets)
        step = StepId(str(addresses[0]), "number", 0)
        yield Draft(step, addresses, (one,), timeout=draft.timeout)


def _bunches(drafts: Iterable[Draft], kinds: Kinds, became: Mapping[StepId, StepId]) -> list[list[Draft]]:
    """Drafts that can be one call, each bunch within the limit of its action; the rest stand alone.

    `became` has what the drafts of earlier generations have become.
    """
    found: dict[Any, list[Draft]] = {}
    for draft in sorted(drafts, key=lambda d: (d.addresses[0], d.id)):
        found.setdefault(_key(draft, kinds, became), []).append(draft)
    bunches: list[list[Draft]] = []
    for key, alike in found.items():
        if key[0] == "create":
            bunches += _runs(alike, kinds[alike[0].calls[0].kind].create.amount_limit)
        else:
            call = alike[0].calls[0]
            limit = len(alike) if key[0] == "check" else call.merge.limit if call.merge else 1
            bunches += [alike[at : at + limit] for at in range(0, len(alike), limit)]
    return bunches


def _key(draft: Draft, kinds: Kinds, became: Mapping[StepId, StepId]) -> tuple[object, ...]:
    call, address = draft.calls[0], draft.addresses[0]
    if draft.question is not None:
        return ("check", call.operation, draft.question.shape, draft.wave)
    create = kinds[call.kind].create
    if create.amount and isinstance(address.key, int) and _is_numbered(call, create.operation, address):
        # Names and marks differ by the number alone; whatever else differs needs a call of its own.
        params = {k: v for k, v in call.params.items() if k not in ("Tag", _name_param(kinds, call))}
        params |= _ordered(call.params, create.ordered, address.key)
        tags = [tag for tag in rows(call.params, "Tag") if tag["Key"] != key_of(call.kind)]
        digits = _digits(address.key)
        base = (call.names[0][: -digits - 1], digits)
        return ("create", call.operation, address.group, base, _print(params), _print(tags), draft.wave, draft.lane)
    if call.merge is not None:
        # One machine that is deleted keeps no other off: they are started together if they go together.
        window = (draft.closes, bool(draft.opened_by), frozenset(became.get(step, step) for step in draft.unless))
        alike = _print((sorted(call.params.items()), call.merge.row))
        return ("merge", call.operation, call.kind, alike, _print(call.wait), draft.wave, window)
    return ("alone", draft.id)


def _print(value: object) -> bytes:
    """Equal for equal values. Their texts are not kept: user data may be 32 KB for each of thousands."""
    return blake2b(repr(value).encode(), digest_size=16).digest()


def _digits(number: int) -> int:
    """Of a member's number in its name. A number with more than are asked for is written with six by the service."""
    return max(WIDTH, len(str(number)))


def _is_numbered(call: Call, operation: str, address: Address) -> bool:
    """Whether it makes a member of a `count` under its ordered name."""
    if call.operation != operation or not call.creates or not isinstance(address.key, int):
        return False
    return call.names[0].endswith(f"-{address.key:0{WIDTH}d}")


def _ordered(params: Params, names: Iterable[str], number: int | str | None) -> dict[str, tuple[str, int, str]]:
    """Texts that hold a member's number: what stands before and after it, and its digits. The last one counts."""
    found = {}
    for name in names:
        text = params.get(name)
        for run in re.finditer("[0-9]+", text) if isinstance(text, str) else ():
            if int(run[0]) == number:
                # The last run of digits counts: in web-1-host-1 the one at the end, where numbers of members stand.
                found[name] = (run.string[: run.start()], len(run[0]), run.string[run.end() :])
    return found


def _name_param(kinds: Kinds, call: Call) -> str:
    return str(kinds[call.kind].attribute("name").wire)


def _runs(alike: Sequence[Draft], limit: int) -> list[list[Draft]]:
    """Members whose numbers follow each other: one RunInstances names them in order."""
    runs: list[list[Draft]] = []
    for draft in alike:
        last = runs[-1][-1].addresses[0].key if runs else None
        if runs and len(runs[-1]) < limit and draft.addresses[0].key == _next(last):
            runs[-1].append(draft)
        else:
            runs.append([draft])
    return runs


def _next(key: int | str | None) -> int | None:
    return key + 1 if isinstance(key, int) else None


def _joined(bunch: Sequence[Draft], kinds: Kinds) -> Draft:
    """One draft for all."""
    first = bunch[0]
    if len(bunch) == 1:
        calls_of_one = first.calls if first.question is not None else (_with_targets(first.calls[0]),)
        return replace(first, calls=calls_of_one)
    calls = [draft.calls[0] for draft in bunch]
    if first.question is not None:
        joined = first.calls  # the answer for one is the answer for all
    elif calls[0].creates:
        joined = (_many(calls, first.addresses[0], kinds),)
    else:
        joined = (_with_targets(replace(calls[0], targets=tuple(target for c in calls for target in c.targets))),)
    return replace(
        first,
        addresses=tuple(address for draft in bunch for address in draft.addresses),
        calls=joined,
        after={other for draft in bunch for other in draft.after},
        opened_by={other for draft in bunch for other in draft.opened_by},
        unless={other for draft in bunch for other in draft.unless},
        seconds=max(draft.seconds for draft in bunch),
        timeout=max(draft.timeout for draft in bunch),
        impacts=frozenset().union(*(draft.impacts for draft in bunch)),
    )


def _with_targets(call: Call) -> Call:
    """Puts the targets into the parameter that carries them; apply turns `json` into one text once ids are known."""
    # Also where it stands alone: the same parameter in the same form, so that one test covers both.
    if call.merge is None:
        return call
    return replace(call, params={**call.params, call.merge.param: call.merge.of(call.targets)})


def _many(calls: Sequence[Call], first: Address, kinds: Kinds) -> Call:
    """`Amount` alike members in one call: ordered names, and their numbers as their shared mark."""
    call = calls[0]
    create = kinds[call.kind].create
    assert isinstance(first.key, int)
    digits = _digits(first.key)
    base = call.names[0][: -digits - 1]
    span = Span(first.group, first.key, first.key + len(calls) - 1)
    ordered = _ordered(call.params, create.ordered, first.key)
    params = {
        **call.params,
        **{name: f"{before}[{first.key},{width}]{after}" for name, (before, width, after) in ordered.items()},
        "Tag": spanning(rows(call.params, "Tag"), call.kind, span),
        _name_param(kinds, call): f"{base}-[{first.key},{digits}]",
        str(create.amount): len(calls),
    }
    return replace(
        call,
        params=params,
        creates=tuple(address for c in calls for address in c.creates),
        names=tuple(name for c in calls for name in c.names),
    )
