"""From a stack and the live inventory to a Plan. Used by the public functions of the engine."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any

from msgspec import Struct

from ecsplan import __version__
from ecsplan.engine import PlanOptions
from ecsplan.engine.caller import check_account
from ecsplan.engine.fallbacks import with_choices
from ecsplan.engine.keepers import told_of_keepers
from ecsplan.engine.knowing import other_overlays, second_estate
from ecsplan.engine.literal import nonexistent
from ecsplan.engine.modes import in_mode
from ecsplan.engine.offers import not_offered
from ecsplan.engine.outlook import with_outlook
from ecsplan.engine.outside import resolved as with_ids
from ecsplan.engine.provenance import with_provenance
from ecsplan.engine.select import left_out, selected
from ecsplan.engine.witness import unlisted
from ecsplan.inventory.ahead import expected_of
from ecsplan.inventory.conversions import take_over
from ecsplan.inventory.decode import decoded, value_of
from ecsplan.inventory.identity.twins import twins_of
from ecsplan.inventory.inquire import inquire
from ecsplan.inventory.match import Match, match
from ecsplan.inventory.read import Wanted, may_read, read_details
from ecsplan.inventory.unclear import unclear, unread, with_questions
from ecsplan.model.address import Address
from ecsplan.model.call import Api
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Refused, Rejected, Severity
from ecsplan.model.garbage import no_collection
from ecsplan.model.identity import NOTHING_KNOWN, Known, Question
from ecsplan.model.inventory import Inventory, Pairs
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.plan import Guard, Off, Plan, Step
from ecsplan.model.resource import LiveObject, RemoteObject
from ecsplan.model.stack import Stack
from ecsplan.model.told import folded
from ecsplan.planner.as_made import as_made
from ecsplan.planner.becoming import taken_along
from ecsplan.planner.diff import diff, wanted_again
from ecsplan.planner.guard import guards
from ecsplan.planner.held import leave_what_is_needed, refuse_held
from ecsplan.planner.hindered import refuse_hindered
from ecsplan.planner.knots import Reasons
from ecsplan.planner.layout import lay_out
from ecsplan.planner.planfile import digest_of
from ecsplan.planner.renames import heirs, renames
from ecsplan.planner.rollout import refuse_without_room
from ecsplan.planner.safety import with_snapshots
from ecsplan.planner.schedule import at_the_hour
from ecsplan.planner.showable import with_live_values
from ecsplan.planner.succession import keep_until_the_new_one_runs
from ecsplan.planner.unplugging import say_unmount_first
from ecsplan.planner.values import KnownValues
from ecsplan.planner.window import found_off
from ecsplan.planner.within import drain_with_machines
from ecsplan.provider.alibaba import Reading, begun, clock_of, opened
from ecsplan.provider.cloud import cloud_of
from ecsplan.provider.protocol import Provider

LAG = (1.0, 2.0, 4.0, 8.0)  # seconds between looks at lists that disagree

_Key = tuple[str, str]  # kind and id


class Compared(Struct, frozen=True):
    """A stack held against the live inventory; its look-ups are ids now. `read` is the calls and seconds it took."""

    stack: Stack
    inventory: Inventory
    changes: tuple[Change, ...]
    left_out: tuple[Address, ...]
    off: tuple[Off, ...]
    warnings: tuple[Diagnostic, ...]
    guards: tuple[Guard, ...]
    account: str
    read: tuple[int, float]

    @property
    def owned(self) -> list[RemoteObject]:
        """What carries the stack's tags, parts of others too."""
        return [o for o in self.inventory.objects if o.owner is not None and o.owner.stack == self.stack.name]


def make_plan(
    stack: Stack,
    api: Api,
    kinds: Kinds,
    options: PlanOptions,
    made: Mapping[str, str] | None = None,
    known: Known = NOTHING_KNOWN,
    reading: Reading | None = None,
) -> Plan:
    """Reads once, plans, guards. See `engine.plan`; `made` are ids, and their kinds, that earlier runs noted."""
    with no_collection():
        found = compare(stack, api, kinds, options, made, known, reading)
        return _plan(found, kinds, options, api)


def compare(
    stack: Stack,
    api: Api,
    kinds: Kinds,
    options: PlanOptions,
    made: Mapping[str, str] | None = None,
    known: Known = NOTHING_KNOWN,
    reading: Reading | None = None,
) -> Compared:
    """Reads and tells what differs. `known` is what the journals of this folder say of live objects.

    Reads again for as long as lists may lag behind what is there when asked for by its id.
    """
    for pause in LAG:
        try:
            return _compare(stack, api, kinds, options, made, known, reading)
        except Unlisted:
            clock_of(api).sleep(pause)
    return _compare(stack, api, kinds, options, made, known, reading)


def _compare(
    stack: Stack,
    api: Api,
    kinds: Kinds,
    options: PlanOptions,
    made: Mapping[str, str] | None,
    known: Known,
    reading: Reading | None,
) -> Compared:
    now = cloud_of(api).server_now
    stack = at_the_hour(stack, kinds, now())
    with no_collection(), begun(api, kinds) if reading is None else nullcontext(reading) as begin:
        begin.expect(expected_of(stack, destroy=options.destroy))
        source = begin.source
        account = source.reading.submit(source.account)
        empty, found, stack, inventory = _settled(source, stack, kinds, options, known)
        everything = diff(
            stack,
            inventory,
            kinds,
            replace_addresses=_addresses(options.replaces, stack),
            moved_from=found.moved_from,
            destroy=options.destroy,
        )
        changes, modes = in_mode(selected(everything, stack, kinds, options.asked), stack, inventory, kinds, options)
        changes = taken_along(changes, inventory, kinds)
        changes, unknown = inquire(source, changes, kinds, source.reading.map, inventory.objects)
        value = partial(value_of, kinds)
        changes = leave_what_is_needed(changes, inventory.objects, kinds, value) if options.destroy else changes
        changes = refuse_held(changes, inventory.objects, kinds, value)
        changes = refuse_hindered(changes, inventory.objects, kinds, now())
        changes = keep_until_the_new_one_runs(changes, kinds)
        changes = drain_with_machines(refuse_without_room(changes, kinds, stack.by_address()), everything, kinds)
        changes = with_snapshots(say_unmount_first(changes, kinds, inventory.objects), stack, inventory, kinds, now())
        unproven = tuple(_absence(source, kinds, empty, changes, options))  # before a second read that may lie as well
        if problems := unlisted(source, stack.name, kinds, inventory, changes, made or {}, options.destroy):
            raise Unlisted(problems)
        offers = not_offered(source, kinds, stack.by_address(), changes)
        offers += nonexistent(source, kinds, stack.by_address(), inventory.objects, changes)
        if (wrong := [one for one in offers if one.severity is Severity.ERROR]) and not options.only_to_compare:
            raise Rejected(wrong)
        told, stops = second_estate(stack, api, kinds, known, changes)
        warnings = (
            *stack.remarks,
            *told,
            *other_overlays(stack, known),
            *found.warnings(),
            *folded(said for change in changes for said in change.left),
            *unread(inventory),
            *renames(changes, stack, kinds),
            *unknown,
            *(replace(offer, severity=Severity.WARNING) for offer in offers),
            *unproven,
        )
        check_account(stack, account.result())
    changes, kept = told_of_keepers(changes, account.result())
    stops += [*modes(changes), *kept]
    left, handled = left_out(everything, changes), {change.id_text for change in changes}
    off = tuple(found_off(changes, (change for change in everything if change.id_text not in handled), kinds))
    return Compared(stack, inventory, changes, left, off, warnings, tuple(stops), account.result(), begin.spent(api))


def _plan(found: Compared, kinds: Kinds, options: PlanOptions, api: Api) -> Plan:
    stack, inventory, owned = found.stack, found.inventory, found.owned
    steps, reasons = steps_of(found.changes, stack, kinds)
    changes = tuple(with_live_values(_blocked(change, reasons), kinds) for change in found.changes)
    live = KnownValues(inventory.matched, {c.address for c in changes if c.action in (Action.CREATE, Action.REPLACE)})
    plan = Plan(
        stack=stack.name,
        region=stack.region,
        account=found.account,
        changes=changes,
        steps=steps,
        guards=(
            *guards(changes, stack=stack.name, is_destroy=options.destroy, is_empty=not stack.resources),
            *found.guards,
        ),
        warnings=found.warnings,
        outputs={name: live.resolve(value) for name, value in stack.outputs.items()},
        definition=stack,
        asked=options.asked,
        is_new_stack=not owned,
        live=sum(1 for o in owned if o.owner is not None and not o.owner.is_part_of(o.kind)),
        ecsplan_version=__version__,
        off=found.off,
        kinds=kinds,
        left_out=found.left_out,
    )
    plan = with_outlook(plan, inventory, api, kinds, options)
    plan = with_provenance(plan, options, cloud_of(api).server_now())
    return replace(plan, digest=digest_of(plan), calls_read=found.read[0], read_seconds=found.read[1])


def steps_of(changes: Iterable[Change], stack: Stack, kinds: Kinds) -> tuple[tuple[Step, ...], Reasons]:
    """Changes to the steps of a plan, and why which of them must not be applied: no order of the steps would do."""
    referred = {
        ref.address for resource in stack.resources for _, ref in resource.refs if isinstance(ref.address.key, int)
    }
    changes = tuple(changes)
    return lay_out(changes, kinds, stack.by_address(), stack.region, referred, heirs(changes, stack, kinds))


def _blocked(change: Change, reasons: Reasons) -> Change:
    more = () if change.action is Action.NOOP else reasons.get(change.address, ())
    return replace(change, blocked=(*change.blocked, *more)) if more else change


def _inventory(
    source: Provider, stack: Stack, kinds: Kinds, found: Match, options: PlanOptions, known: Known
) -> tuple[Inventory, list[Question]]:
    """Reads the details that the stack needs, and decodes what is ours. With what two lists disagree on."""
    declared = stack.by_address()
    wanted: list[Wanted] = []
    for address, obj in found.matched.items():
        names = kinds[obj.kind].delete.release if options.destroy else declared[address].attributes
        recorded = obj.applied.covers if obj.applied is not None and not options.destroy else frozenset()
        wanted.append(Wanted(obj, recorded.union(names), options.destroy))
    for address, obj in (*found.orphans, *found.strangers, *found.kept, *found.loose, *found.retired):
        is_told = obj.retired and address in declared  # it may be what the file says again
        names = (*kinds[obj.kind].delete.release, *(declared[address].attributes if is_told else ()))
        wanted.append(Wanted(obj, frozenset(names), is_going=not is_told))
    detailed = read_details(source, kinds, wanted, full=options.refresh_full, run=source.reading.map)
    by_id = {(obj.kind, obj.id): obj for obj in detailed}

    def all_of(pairs: Iterable[tuple[Address, RemoteObject]]) -> Pairs:
        return tuple(
            (address, decoded(kinds, by_id[obj.kind, obj.id], said(address) if obj.retired else {}))
            for address, obj in pairs
        )

    def said(address: Address) -> Mapping[str, Any]:
        return declared[address].attributes if address in declared else {}

    inventory = Inventory(
        stack.region,
        found.objects,
        {
            address: decoded(kinds, by_id[obj.kind, obj.id], declared[address].attributes)
            for address, obj in sorted(found.matched.items(), key=lambda pair: pair[0].sort_key)
        },
        all_of(found.orphans),
        all_of(found.retired),
        all_of(found.strangers),
        all_of(found.kept),
        all_of(found.loose),
        released=tuple((part, decoded(kinds, obj)) for part, obj in found.released),
        placed={address: tuple(placed) for address, placed in found.placed.items()},
        parts=found.parts(),
        foreign=found.foreign(),
        tables=found.tables,
        evidence=found.evidence,
        questions={address: tuple(questions) for address, questions in found.questions.items()},
        twins=twins_of(stack, known, found) | found.part_twins(),
        doubtful=found.doubtful(),
        known=known,
    )
    names_of = {(one.obj.kind, one.obj.id): one.names for one in wanted if not one.is_going}
    return inventory, list(unclear(inventory, kinds, names_of))


def _settled(
    source: Provider, stack: Stack, kinds: Kinds, options: PlanOptions, known: Known
) -> tuple[frozenset[str], Match, Stack, Inventory]:
    """The live side, read again for as long as lists may lag while two of them disagree; and the kinds without any.

    What they still disagree on then holds up the object that it is about.
    """
    pauses, again = list(LAG), frozenset[str]()
    while True:
        raws = source.list(kinds)
        found = match(raws, kinds, stack, known, again, is_last=True)
        empty = frozenset(name for name, listed in raws.items() if not listed)
        del raws  # the machines of a large stack are in `found` by now, with their parts
        resolved = with_ids(source, stack, kinds, found.objects)
        problems = take_over(found, kinds, resolved)
        if problems and not pauses:
            raise Disagreeing(problems)
        if not problems:
            inventory, questions = _inventory(source, resolved, kinds, found, options, known)
            resolved = resolved if options.destroy else as_made(resolved, inventory, kinds, found.moved_from)
            back = frozenset() if options.destroy else wanted_again(resolved, inventory, kinds, found.moved_from)
            if not back <= again:
                again |= back
                continue
            if not pauses or all(question.objects for question in questions):
                found.seats.clear()  # they hold tens of megabytes of a large stack, and have told all
                is_asked = not options.destroy and options.preflight != "off"
                resolved = with_choices(source, resolved, inventory, kinds, is_asked=is_asked)
                return empty, found, resolved, with_questions(inventory, questions)
        source.clock.sleep(pauses.pop(0))


class Disagreeing(Rejected):
    """Two lists do not fit each other."""


class Unlisted(Disagreeing):
    """A list leaves out what is there when asked for by its id."""


def _addresses(texts: Iterable[str], stack: Stack) -> frozenset[Address]:
    declared = stack.by_address()
    found: set[Address] = set()
    problems = []
    for text in texts:
        try:
            address = Address.parse(text)
        except ValueError as error:
            problems.append(Diagnostic(str(error)))
            continue
        members = {a for a in declared if address in (a, a.group)}
        if not members:
            problems.append(
                Diagnostic(f"--replace {text}: the stack declares no such address", "ecsplan list shows them")
            )
        found |= members
    if problems:
        raise Rejected(problems)
    return frozenset(found)


def _absence(
    source: Provider, kinds: Kinds, empty: Collection[str], changes: Iterable[Change], options: PlanOptions
) -> Iterable[Diagnostic]:
    """An empty list may mean that the key may not read: absence is proven before anything is created on it."""
    created = {change.kind for change in changes if change.action is Action.CREATE}
    doubtful: list[Kind] = [kinds[name] for name in sorted(created.intersection(empty))]
    proofs = list(source.reading.map(lambda kind: may_read(source, kind), doubtful))
    for kind, proof in zip(doubtful, proofs, strict=True):
        if proof is False or (proof is None and options.strict_absence):
            raise Refused(
                [
                    Diagnostic(
                        f"{kind.listing.operation} answers nothing, and that does not prove that there is none",
                        f"allow the key to call {kind.listing.operation} (RAM answers a denied list with nothing)",
                    )
                ]
            )
        if proof is None:
            yield Diagnostic(
                f"unproven absence: {kind.listing.operation} answers nothing, and offers no way to prove it",
                "--strict-absence refuses such a plan",
                severity=Severity.WARNING,
            )


def owned_objects(
    stack: Stack, api: Api, kinds: Kinds, known: Known = NOTHING_KNOWN
) -> tuple[tuple[Address, LiveObject], ...]:
    """See `engine.list_objects`."""
    with opened(api, kinds) as source:
        raws = dict(source.list(kinds))
        found = match(raws, kinds, stack, known)
        inventory, _ = _inventory(source, stack, kinds, found, PlanOptions(), known)
    everything = (
        *((address, obj) for address, obj in inventory.matched.items() if obj.owner is not None),
        *inventory.orphans,
        *inventory.retired,
        *inventory.strangers,
    )
    return tuple(sorted(everything, key=lambda pair: (pair[0], pair[1].id)))
