"""Asks the service ahead of a plan whether it would take it, in a few calls. Used by planning.py and applying.py.

A plan that makes and changes nothing asks nothing. What cannot be asked is a finding, never an error: it is neither
passed nor failed.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence

from ecsplan.inventory.decode import decoded
from ecsplan.model.address import Address
from ecsplan.model.call import Api, ApiError, ErrorClass, Request
from ecsplan.model.capabilities.preflight import preflight as ahead_of
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan
from ecsplan.model.preflight import NO_PREFLIGHT, Counted, Finding, Mode, PreflightReport
from ecsplan.planner.guard import guards_of_preflight
from ecsplan.preflight.dryruns import dry_runs
from ecsplan.preflight.judging import MOST, Asked, further_looks, is_dry_run, judged, looks_of
from ecsplan.preflight.quotas import LIMITS
from ecsplan.preflight.world import Answer, Answers, Look, Room, World, to_the_end
from ecsplan.provider.alibaba import opened
from ecsplan.provider.protocol import Provider

KEPT = 4  # addresses of each subnet that the service keeps for itself
COVERED = ("DescribeImages", "DescribeAvailableResource")  # reads of questions that the looks make for all at once


def looked_ahead(plan: Plan, inventory: Inventory, api: Api, kinds: Kinds, mode: Mode) -> Plan:
    """With what the service says of it ahead, and the guards of that."""
    with opened(api, kinds) as source:
        found = preflight(plan, inventory, source, kinds, mode)
    return replace(plan, preflight=found, guards=(*plan.guards, *guards_of_preflight(found)))


def preflight(plan: Plan, inventory: Inventory, source: Provider, kinds: Kinds, mode: Mode) -> PreflightReport:
    """What stands against a plan, as far as `mode` looks."""
    declared = plan.definition.by_address() if plan.definition is not None else {}
    needs = [need for change in plan.changes if change.action is not Action.NOOP
             for need in (*ahead_of(kinds[change.kind]).needs(change, declared), *_counted(change))]  # fmt: skip
    actions = {change.action for change in plan.changes}
    if mode == "off" or actions.isdisjoint(_MAKING if mode == "fast" else (*_MAKING, Action.DELETE)):
        return replace(NO_PREFLIGHT, mode=mode)
    if actions.isdisjoint(_MAKING):
        needs = []
    world = World(_rooms(plan, inventory, kinds), _used(inventory), declared, plan.region)
    questions, unseen = list(_questions(plan, mode)), list[Finding]()
    if mode == "full":
        frees_room = any(change.action in (Action.DELETE, Action.REPLACE) for change in plan.changes)
        tried, unseen = dry_runs(plan.steps, frees_room=frees_room)
        questions += tried
    looks = looks_of(needs, questions, world, mode)
    answers, left = _ask(looks, Answers(), source, mode)
    more, _rest = _ask(further_looks(needs, world, answers), answers, source, mode)
    return judged(needs, questions, world, more, left, mode, unseen)


_MAKING = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.MOVE)


def _ask(looks: Sequence[Look], known: Answers, source: Provider, mode: Mode) -> tuple[Answers, Sequence[Look]]:
    """As many as there are calls for, side by side; the rest."""
    wanted = [look for look in looks if look.key not in known.by_key]
    most = MOST[mode] - len(known.by_key)
    now = wanted[:most]
    answers = list(source.reading.map(lambda look: _whole(source, look), now))
    return Answers({**known.by_key, **{look.key: answer for look, answer in zip(now, answers, strict=True)}}), wanted[
        most:
    ]


def _whole(source: Provider, look: Look) -> Answer:
    def page(token: str) -> Answer:
        return asked_once(source, replace(look.request, params={**look.request.params, "NextToken": token}))

    answer = asked_once(source, look.request)
    return to_the_end(answer, look.items, page) if look.items else answer


def asked_once(source: Provider, request: Request) -> Answer:
    """Sent once, and once more where the service asks for patience: other work is not kept waiting for a look."""
    sent: list[ApiError] = []
    patient = replace(
        request, is_off=lambda: len(sent) > 1, retrying=lambda error, seconds: sent.append(error), conflict_deadline=0.0
    )
    try:
        return source.send(patient)
    except ApiError as error:
        if error.error_class is ErrorClass.AUTH_REFRESH:  # nothing that follows could be sent either
            raise
        return error


def _questions(plan: Plan, mode: Mode) -> Iterable[Asked]:
    """What the steps of a plan ask before they stop or delete anything, once for all that are alike."""
    found: dict[object, Asked] = {}
    for step in plan.steps:
        question = step.question
        if question is None or any(call.operation in COVERED for call in question.calls):
            continue
        if mode == "full" or not is_dry_run(question):
            _, about = found.get(question.shape, (question, ()))
            found[question.shape] = (question, (*about, *step.addresses))
    return found.values()


def _rooms(plan: Plan, inventory: Inventory, kinds: Kinds) -> dict[Address | str, Room]:
    """Live subnets by address and id; those that the plan makes by address."""
    found: dict[Address | str, Room] = {}
    for obj in inventory.of_kind("vswitch"):
        live = decoded(kinds, obj).attributes
        free = live.get("available_ips")
        if isinstance(free, int) and (size := _size(str(live.get("cidr_block", "")))) is not None:
            found[obj.id] = Room(obj.id, obj.name or obj.id, str(live.get("zone")), free, size)
    for address, obj in inventory.matched.items():
        if obj.id in found:
            found[obj.id] = replace(found[obj.id], name=str(address))
            found[address] = found[obj.id]
    for change in plan.changes:
        if change.kind == "vswitch" and change.action in (Action.CREATE, Action.REPLACE) and change.after is not None:
            size = _size(str(change.after.attributes.get("cidr_block", "")))
            zone = change.after.attributes.get("zone")
            if size is not None:
                found[change.address] = Room(
                    str(change.address), str(change.address), str(zone) if zone else None, size, size
                )
    return found


def _size(block: str) -> int | None:
    try:
        return max(0, ipaddress.IPv4Network(block).num_addresses - KEPT)
    except ValueError:
        return None


def _used(inventory: Inventory) -> dict[str, int]:
    """What the lists of a region tell of what quotas count; each machine has a primary interface too."""
    interfaces = len(inventory.of_kind("network_interface")) + len(inventory.of_kind("instance"))
    limited = {name: len(inventory.of_kind(name)) for name in (*LIMITS, "image")}
    return {"security_groups": len(inventory.of_kind("security_group")), "interfaces": interfaces, **limited}


def _counted(change: Change) -> Iterator[Counted]:
    """One more of its kind, or one less, where a region takes only so many of the kind."""
    if (change.kind in LIMITS or change.kind == "image") and change.action in (Action.CREATE, Action.DELETE):
        yield Counted(change.address, change.kind, 1 if change.action is Action.CREATE else -1)
