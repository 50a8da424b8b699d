"""Joins the stages: load, plan, apply and the smaller commands. The one importer of every stage but render.

Used by the cli and by `import ecsplan`. What a stage needs is imported when it is used, so that `validate` pays for
neither HTTP nor graphs.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from ecsplan.engine.folders import environments as environments
from ecsplan.engine.folders import stack_folders as stack_folders
from ecsplan.engine.options import ApplyOptions as ApplyOptions
from ecsplan.engine.options import Event as Event
from ecsplan.engine.options import PlanOptions as PlanOptions
from ecsplan.engine.options import Stop as Stop
from ecsplan.engine.schemas import plan_schema as plan_schema
from ecsplan.engine.schemas import policy_schema as policy_schema
from ecsplan.engine.schemas import stack_schema as stack_schema
from ecsplan.model.address import Address
from ecsplan.model.call import Api
from ecsplan.model.copying import replace
from ecsplan.model.drift import Drift
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Guard, Plan, Report
from ecsplan.model.power import Order, PowerPlan, PowerReport
from ecsplan.model.reinit import ReinitPlan, ReinitReport
from ecsplan.model.resource import LiveObject
from ecsplan.model.selection import Selection, Unmanaged
from ecsplan.model.stack import Stack

if TYPE_CHECKING:
    from ecsplan.api.calllog import Log
    from ecsplan.api.client import Client
    from ecsplan.engine.policy_files import Asking
    from ecsplan.model.catalog import Filter, Row
    from ecsplan.model.compare import Difference
    from ecsplan.model.delta import Delta
    from ecsplan.model.diagnostic import Diagnostic, SourceRange
    from ecsplan.model.doctor import Diagnosis
    from ecsplan.model.estates import LiveStack
    from ecsplan.model.export import Exported
    from ecsplan.model.origin import Commit, Trace
    from ecsplan.model.ruling import Ruling
    from ecsplan.planner.graph import PlanGraph
    from ecsplan.provider.alibaba import Reading


def kinds() -> Kinds:
    """The tables of all kinds, by name."""
    from ecsplan.kinds import load_kinds

    return load_kinds()


def load(
    path: str = ".",
    *,
    overlays: Iterable[str] = (),
    variables: Iterable[str] = (),
    var_files: Iterable[str] = (),
    region: str | None = None,
    environ: Mapping[str, str] | None = None,
    allow_paths: Iterable[str] = (),
    environment: str | None = None,
    unsaved: Mapping[str, str] | None = None,
    only_to_compare: bool = False,
    when_large: Callable[[str], object] | None = None,
) -> Stack:
    """The stack that a file or folder declares, in one of its environments where it has some.

    Raises Rejected with every fault; sends nothing. `when_large` is told the region of a large stack early.
    `unsaved` are texts by path that stand for the files on the disk. `only_to_compare`: what is understood and would
    be refused (a limit, two values that exclude each other) is a warning.
    What the stack names must lie in its repository (outside of any, in its folder), or in one of `allow_paths`.
    """
    from ecsplan.config.stack_reader import Options, read_stack

    given = (tuple(overlays), tuple(variables), tuple(var_files))
    options = Options(*given, region, environ or {}, tuple(allow_paths), environment, unsaved or {}, only_to_compare)
    return read_stack(path, kinds(), replace(options, when_large=when_large))


def compare(one: Stack, other: Stack) -> "tuple[Difference, ...]":
    """What differs between two stacks as they are declared, by address. Sends nothing."""
    from ecsplan.planner.compare import compare as held_against

    return held_against(one, other, kinds())


def why(subject: str, path: str = ".", **given: Any) -> "Trace":
    """Where the value of `ADDRESS.ATTRIBUTE` comes from; `given` is as `load` takes it. Raises Rejected."""
    from ecsplan.engine.authorship import trace_of

    return trace_of(subject, path, kinds(), **given)


def commits(places: "Iterable[SourceRange]") -> "dict[SourceRange, Commit]":
    """Who last wrote what stands at these places, as far as Git knows it: one question for each file."""
    from ecsplan.engine.provenance import commits_of

    return commits_of(places)


def remarks(stack: Stack) -> tuple["Diagnostic", ...]:
    """Warnings that need no cloud, without those that the file suppresses."""
    from ecsplan.engine.remarking import remarks_on

    return remarks_on(stack, kinds())


def zones() -> Mapping[str, tuple[str, ...]]:
    """The zones of each region, as the catalogue knows them."""
    from ecsplan.catalog.offline import zones as known

    return known()


def connect(
    region: str,
    *,
    profile: str | None = None,
    endpoint: str | None = None,
    environ: Mapping[str, str] | None = None,
    log: "Log | None" = None,
    parallelism: int = 10,
    signature: str | None = None,
    notice: Callable[[str], None] | None = None,
) -> "Client":
    """The real Api for a region; `endpoint` for all services. Raises ValueError where no credentials are found.

    `signature` is v1 or v3; `notice` is told where the service knows only the other one.
    """
    from ecsplan.api.connect import connect as connect_client

    return connect_client(
        region,
        profile=profile,
        endpoint=endpoint,
        environ=os.environ if environ is None else environ,
        home=Path.home(),
        log=log,
        parallelism=parallelism,
        signature=signature,
        notice=notice,
    )


def profile_setting(profile: str | None, name: str, environ: Mapping[str, str]) -> str | None:
    """A text that the profile in use holds, like region_id; None if it has none. Raises ValueError if unreadable."""
    from ecsplan.api.credentials import setting

    return setting(profile, environ, Path.home(), name)


def plan(stack: Stack, api: Api, options: PlanOptions | None = None, lists: "Reading | None" = None) -> Plan:
    """Reads the live inventory, unless `lists` are on their way, and lays out what would make it as the stack says.

    Raises Rejected (what a person must mend), Refused (another account, unproven absence) or ApiError.
    """
    from ecsplan.engine.early import plan_early

    return plan_early(stack, api, kinds(), options or PlanOptions(), lists)


def graph(plan: Plan) -> "PlanGraph":
    """The graph of a plan for networkx: each node has its `step`, each edge from the earlier to the later its `why`."""
    from ecsplan.planner.graph import graph_of

    return graph_of(plan)


def apply(
    plan: Plan,
    api: Api,
    options: ApplyOptions | None = None,
    *,
    events: Callable[[Event], None] | None = None,
    stop: Stop | None = None,
) -> Report:
    """Carries out a plan and nothing else: reads again what it touches, raises Refused where that has moved."""
    from ecsplan.engine.applying import apply_saved

    return apply_saved(plan, api, kinds(), options or ApplyOptions(approved=True), events, stop)


def session(
    stack: Stack,
    api: Api,
    plan_options: PlanOptions,
    apply_options: ApplyOptions,
    approve: Callable[[Plan], bool],
    events: Callable[[Event], None] | None = None,
    stop: Stop | None = None,
) -> tuple[Plan, Report | None]:
    """From a stack: locks, mends what a dead run left, reads once, plans, asks, applies.

    No Report where the plan was declined or is empty.
    """
    from ecsplan.engine.applying import apply_stack

    return apply_stack(stack, api, kinds(), plan_options, apply_options, approve, events, stop)


def drift(stack: Stack, api: Api, options: PlanOptions | None = None, *, state_dir: str = ".ecsplan") -> Drift:
    """What moved in the cloud since the last apply, apart from what is pending. Reads only.

    The journal in `state_dir` helps to tell what was deleted outside from what was never made.
    """
    from ecsplan.engine.drifting import find_drift

    return find_drift(stack, api, kinds(), options or PlanOptions(), state_dir)


def power(
    stack: Stack,
    api: Api,
    order: Order,
    patterns: Iterable[str],
    options: ApplyOptions,
    approve: Callable[[PowerPlan], bool],
    events: Callable[[Event], None] | None = None,
    stop: Stop | None = None,
) -> PowerReport | None:
    """Starts, stops or reboots machines that the stack owns, under its lock; None where it was declined.

    `patterns` are addresses, groups, or texts with `*`. Raises Rejected where one means no machine.
    """
    from ecsplan.engine.operating import operate

    return operate(stack, api, kinds(), order, patterns, options, approve, events, stop)


def reinit(
    stack: Stack,
    api: Api,
    patterns: Iterable[str],
    options: ApplyOptions,
    approve: Callable[[ReinitPlan], bool],
    events: Callable[[Event], None] | None = None,
    stop: Stop | None = None,
    *,
    snapshot: str | None = None,
) -> ReinitReport | None:
    """Puts disks of the stack back to their beginning, or one of them to a snapshot; None where it was declined.

    `patterns` name disks (`disk.data`, `instance.web[*].data_disks.logs`, `instance.web.system_disk`), `snapshot` is an
    id or an address. What is on them is lost; a machine that runs is stopped meanwhile. Raises Rejected where a pattern
    means no disk or anything stands against it (TooMany: a snapshot and several disks), Refused for what is protected
    or not consented to; nothing was touched then.
    """
    from ecsplan.engine.reinitialising import put_back

    return put_back(stack, api, kinds(), patterns, snapshot, options, approve, events, stop)


def classes() -> Mapping[str, str]:
    """The classes of change that policies, `only`, `deny` and `allow` speak of, and what each is."""
    from ecsplan.policy.classes import CLASSES

    return CLASSES


def blocked(plan: Plan, options: ApplyOptions) -> tuple[Guard, ...]:
    """The guards of a plan that these options do not lift."""
    from ecsplan.engine.applying import standing_guards

    return standing_guards(plan, kinds(), options)


def save_plan(plan: Plan) -> str:
    """The plan as JSON, the same text for the same plan. It holds no secret."""
    from ecsplan.planner.planfile import dumps

    return dumps(plan)


def load_plan(text: str) -> Plan:
    """The plan that `save_plan` wrote.

    Raises Rejected for what is no plan, Refused for one that was altered or shows what its own stack does not say.
    """
    from ecsplan.model.diagnostic import Refused
    from ecsplan.planner.consistent import inconsistencies
    from ecsplan.planner.planread import loads

    plan = loads(text, kinds())
    problems = tuple(inconsistencies(plan, kinds()))
    if problems:
        raise Refused(problems[:20])
    return plan


def form_of(text: str) -> str:
    """What a text says that it is: `ecsplan-plan` for a saved plan, even if it is cut off; empty for anything else."""
    from ecsplan.planner.planread import form_of as form

    return form(text)


def deltas(old: Plan, new: Plan) -> "tuple[Delta, ...]":
    """Every change of two plans of one stack: the same, changed, new or gone."""
    from ecsplan.planner.nodes import deltas as held_against

    return held_against(old, new)


def bound(plan: Plan, stack: Stack, options: PlanOptions | None = None) -> Plan:
    """The plan, where it was made from what this stack declares and what is asked here. Raises Refused otherwise."""
    from ecsplan.engine.binding import bound as bind

    return bind(plan, stack, (options or PlanOptions()).asked)


def ruling(plan: Plan, asking: "Asking") -> "Ruling":
    """What the policy says of a plan, and which approvals it has. Raises Rejected for a policy that is none."""
    from ecsplan.engine.policy_files import ruling_on

    return ruling_on(plan, asking)


def ruling_on_operation(plan: "PowerPlan | ReinitPlan", live: int, asking: "Asking") -> "Ruling":
    """What the policy says of a power operation or of disks put back; `live` is how many resources the stack has."""
    from ecsplan.engine.approving import ruling_on_operation as ruling

    return ruling(plan, live, asking)


def permissions(plan: Plan | None, region: str = "*") -> tuple[dict[str, Any], ...]:
    """The RAM policy documents that applying a plan needs; without a plan, those that reading takes."""
    from ecsplan.engine.permitting import policies_for

    where = (plan.region, plan.account or "") if plan is not None else (region, "")
    return policies_for(plan, kinds(), *where)


def list_objects(stack: Stack, api: Api) -> tuple[tuple[Address, LiveObject], ...]:
    """The live objects of a stack by address, the ones that it declares no longer too."""
    from ecsplan.engine.planning import owned_objects

    return owned_objects(stack, api, kinds())


def live_stacks(api: Api) -> "tuple[LiveStack, ...]":
    """The stacks that own something in a region, by the marks on live objects. Reads only."""
    from ecsplan.engine.looking import find_stacks

    return find_stacks(api, kinds())


def unmanaged(api: Api, selection: Selection | None = None) -> tuple[Unmanaged[LiveObject], ...]:
    """The live objects that no stack claims, and who else seems to own them."""
    from ecsplan.engine.looking import find_unmanaged

    return find_unmanaged(api, kinds(), selection or Selection())


def export(api: Api, stack: str, selection: Selection | None = None, *, with_tools: bool = False) -> "Exported":
    """What is live and no stack's, as a stack file whose plan shows adoptions only. Reads only.

    What another tool runs (ROS, ACK, Auto Scaling …) is left out unless `with_tools`.
    """
    from ecsplan.engine.exporting import export_stack

    return export_stack(api, kinds(), stack, selection or Selection(), with_tools)


def catalog(what: str, api: Api, wanted: "Filter | None" = None) -> "tuple[Row, ...]":
    """What the region offers of `regions`, `zones`, `instance-types`, `images` or `disk-categories`."""
    from ecsplan.engine.looking import read_catalog
    from ecsplan.model.catalog import Filter

    return read_catalog(api, kinds(), what, wanted or Filter())


def whoami(api: Api) -> dict[str, str]:
    """The account, and where the key and the endpoint come from; no secret."""
    from ecsplan.engine.caller import identity

    return identity(api)


def doctor(api: Api, *, conformance: bool = False) -> "Diagnosis":
    """A look over the account, read-only; with `conformance` also how its answers differ from what is documented."""
    from ecsplan.engine.examining import examined

    return examined(api, kinds(), conformance=conformance)


def unlock(stack_name: str, api: Api) -> dict[str, Any] | None:
    """Breaks the lock of a stack; who held it (holder, host, pid, user, operation, since, expires; None for what its
    tags do not tell), or None when nobody did."""
    from ecsplan.api.clock import SystemClock
    from ecsplan.executor.lock import break_lock

    held = break_lock(api, stack_name, SystemClock())
    return asdict(held) if held else None
