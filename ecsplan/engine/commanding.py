"""A command of the stack run by hand on some of its machines: lock, read, ask, then a step as in any apply.

It is marked as run by hand: no later apply takes it for what a machine was to run.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ecsplan.engine import ApplyOptions, Event, Stop
from ecsplan.engine.applying import running
from ecsplan.engine.by_hand import machines_of
from ecsplan.engine.in_service import owned_of
from ecsplan.engine.operating import run_steps
from ecsplan.engine.run_parameters import with_given
from ecsplan.kinds._commands import by_hand
from ecsplan.model.address import Address
from ecsplan.model.algebra import fields
from ecsplan.model.call import Api
from ecsplan.model.diagnostic import Diagnostic, Rejected, Severity
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Report
from ecsplan.model.resource import LiveObject
from ecsplan.model.running import Ran, RunPlan, RunReport
from ecsplan.model.stack import Stack
from ecsplan.planner.operations import run_steps_of
from ecsplan.power.choose import chosen
from ecsplan.provider.alibaba import opened


def run_by_hand(
    stack: Stack,
    api: Api,
    kinds: Kinds,
    name: str,
    patterns: Sequence[str],
    options: ApplyOptions,
    approve: Callable[[RunPlan], bool],
    events: Callable[[Event], None] | None = None,
    stop: Stop | None = None,
    parameters: Mapping[str, str] | None = None,
) -> RunReport | None:
    """None where it was declined. `patterns` name machines; none: those whose `commands` name it. `parameters` take the
    place of those in the file, for this run.

    Raises Rejected where the command or a machine is not there, and where the command takes other parameters; by the
    file, before anything is asked.
    """
    kind, _ = machines_of(kinds)
    given = parameters or {}
    _fit_the_file(stack, name, given)
    with running(stack, stack.name, api, kinds, options, "run", events, stop) as run:
        with opened(api, kinds, options.parallelism) as source:
            machines = owned_of(stack, source, kinds, kind)
            commands = owned_of(stack, source, kinds, kinds["command"])
        address, live = _command(name, commands)
        wanted = patterns or [str(one) for one in _users(stack, address) if one in machines]
        if not wanted:
            raise Rejected([Diagnostic(f"no machine of the stack names {address}", "say --on ADDRESS")])
        declared = stack.by_address().get(address)
        user = str(declared.attributes.get("user", "")) if declared is not None else ""
        takes = fields(live.attributes.get("parameters"))
        said = fields(declared.attributes.get("parameters")) if declared is not None else {}
        said = {one: value for one, value in said.items() if one in takes}  # what is live may have fewer
        values = with_given(tuple(sorted(said.items())), given, takes, address)
        asked = RunPlan(stack.name, stack.region, address, live.id, chosen(wanted, machines), user, values,
                        tuple(_warnings(stack, address, str(live.attributes.get("content")))))  # fmt: skip
        if not approve(asked):
            return None
        changes, steps = run_steps_of(asked, kinds, stack.by_address(), by_hand)
        _, report = run_steps(run, stack, changes, steps)
    return RunReport(tuple(_rows(asked, report)), report.calls, report.seconds, report.interrupted)


def _fit_the_file(stack: Stack, name: str, given: Mapping[str, str]) -> None:
    """The attributes of a command that the file itself declares."""
    for resource in stack.resources if given else ():
        if resource.address.kind == "command" and name in (str(resource.address), resource.address.name):
            values = resource.attributes.get("parameters")
            with_given(values, given, fields(values), resource.address)


def _command(name: str, commands: dict[Address, LiveObject]) -> tuple[Address, LiveObject]:
    for address, live in commands.items():
        if name in (str(address), address.name):
            return address, live
    known = ", ".join(map(str, commands)) or "none is live; apply first"
    raise Rejected([Diagnostic(f"{name} is not a command of this stack", f"its commands: {known}")])


def _users(stack: Stack, command: Address) -> Iterator[Address]:
    for resource in stack.resources:
        if command.name in fields(resource.attributes.get("commands")):
            yield resource.address


def _warnings(stack: Stack, command: Address, text: str) -> Iterable[Diagnostic]:
    declared = stack.by_address().get(command)
    if declared is not None and declared.attributes.get("content") != text:
        summary = "the stack file has another text for it: what runs is the text that was applied last"
        yield Diagnostic(summary, "apply first", declared.source, command, Severity.WARNING)


def _rows(asked: RunPlan, report: Report) -> Iterator[Ran]:
    """Each machine; one that nothing is known of was not asked."""
    known = {row.address: row for outcome in report.outcomes for row in outcome.ran}
    why = next((outcome.message for outcome in report.outcomes if outcome.message), "it was not asked for")
    for address, machine in asked.machines.items():
        row = known.get(str(address))
        yield row or Ran(str(address), machine.id, error=why, command=str(asked.command))
