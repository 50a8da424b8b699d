"""A command that is run inside machines: waits for their agents, looks whether an earlier run has asked for it already,
asks for it once, and waits for the exit code of each. Used by run.py, as a gate is: one look after the other.

Nothing is run twice that can be known to have run: the journal has the intent before the service has the request, the
request has a client token, and every invocation carries the stack as a tag, by which a later run finds it. That search
is as good as the service's list of invocations, which it keeps for some weeks.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ecsplan.executor.fill import Unfilled, client_token
from ecsplan.executor.means import Job, Means
from ecsplan.executor.telling import tell_of_retry
from ecsplan.model.call import ApiError, Request, rows
from ecsplan.model.copying import replace
from ecsplan.model.plan import Outcome, Refusal, Status, Step
from ecsplan.model.running import BY_HAND, Ran

FAILED = "CommandFailed"
AGENT_WITHIN = 300.0  # seconds; a new machine has its agent online within one or two minutes
OFTEN, SELDOM, GROWTH = 1.0, 10.0, 1.5  # seconds between looks
UNDER_WAY = ("Pending", "Scheduled", "Running", "Stopping")
COMING_UP = ("Pending", "Starting", "Running")
PAGE = 50
MOST_OUTPUT = 4000  # characters of one machine that are kept, from the end
SHOWN = 3
SHORTEST_SECRET = 4
NO_AGENT = "Cloud Assistant is not online"


class Running(Struct):
    """One step under way. `by_id` has the address of each machine, `open` the machines of each invocation."""

    means: Means
    digest: str
    job: Job
    secrets: Collection[str] = ()
    by_id: dict[str, str] = field(default_factory=dict)
    waits: list[str] = field(default_factory=list)  # for their agents
    ready: list[str] = field(default_factory=list)  # to be looked for, then asked for
    open: dict[str, set[str]] = field(default_factory=dict)
    ran: dict[str, Ran] = field(default_factory=dict)
    began: float = 0.0
    pause: float = OFTEN
    is_sent: bool = False

    def begin(self, now: float) -> float | None:
        self.began = now
        return now

    def take(self, found: bool, now: float) -> float | None:
        """When to look again; None where all is known, or the time is up."""
        if found or now - self.began >= self.job.step.timeout:
            return None
        self.pause = min(self.pause * GROWTH, SELDOM)
        return now + self.pause

    def look(self) -> bool:
        """One round; whether all is known. What is refused is the end of the machines that it is about."""
        try:
            return self._round()
        except ApiError as error:
            self._end((*self.waits, *self.ready), f"{error.code}: {error.message}")
            for invocation, machines in self.open.items():
                self._end(sorted(machines), f"{invocation} cannot be read: {error.code}", invocation)
        except Unfilled as missing:
            text, step = str(missing), self.job.step
            self.ran |= {str(address): Ran(str(address), "", error=text) for address in step.addresses}
        return True

    def _round(self) -> bool:
        if not self.by_id:
            ids = [str(self.means.filler.fill(target)) for target in self.job.call.targets]
            self.by_id = dict(zip(ids, map(str, self.job.step.addresses), strict=True))
            self.waits = ids
        if self.waits:
            self._look_for_agents()
        if self.waits:
            return False
        if self.ready:
            self._take_up_earlier()
            self._ask()
        for invocation in list(self.open):
            self._read(invocation)
        return not self.open

    # Agents

    def _look_for_agents(self) -> None:
        """A machine that is off, and one whose agent stays away, end here; the others go on together."""
        answer = self.means.cloud.ask(Request("DescribeCloudAssistantStatus", {"InstanceId": self.waits}))
        rows = (answer.get("InstanceCloudAssistantStatusSet") or {}).get("InstanceCloudAssistantStatus") or []
        online = {str(row.get("InstanceId")) for row in rows if str(row.get("CloudAssistantStatus")).lower() == "true"}
        self.ready += [one for one in self.waits if one in online]
        self.waits = [one for one in self.waits if one not in online]
        if not self.waits:
            return
        found = self.means.cloud.read(self.job.call.kind, self.waits)
        for one in self.waits:
            status = str(found.get(one, {}).get("Status", "gone"))
            if status not in COMING_UP:
                self._end([one], f"the machine is {status}")
        if self.means.clock.now() - self.began >= min(AGENT_WITHIN, self.job.step.timeout):
            self._end(self.waits, f"{NO_AGENT} after {self.means.clock.now() - self.began:.0f} s")
        self.waits = [one for one in self.waits if one not in self.ran]

    # What an earlier run has asked for

    def _take_up_earlier(self) -> None:
        """The newest invocation of this command by this stack on each machine: one that went well, or still runs, with
        the same values of its parameters."""
        tags = self._tags
        if not tags or any(tag["Key"] == BY_HAND for tag in tags):
            return
        params = self.means.filler.params(self.job.call)
        seen: set[str] = set()
        for run in self._invocations({"CommandId": params["CommandId"], "Tag": tags}):
            invocation = str(run.get("InvokeId"))
            for row in (run.get("InvokeInstances") or {}).get("InvokeInstance") or []:
                one, status = str(row.get("InstanceId")), str(row.get("InvocationStatus"))
                if one in seen or one not in self.ready:
                    continue
                seen.add(one)
                if _values(run.get("Parameters")) != _values(params.get("Parameters")):
                    continue
                if status in UNDER_WAY:
                    self.open.setdefault(invocation, set()).add(one)
                elif status == "Success":
                    self.ran[one] = Ran(self.by_id[one], one, invocation, 0, before=True)
        taken = {one for machines in self.open.values() for one in machines}
        self.ready = [one for one in self.ready if one not in self.ran and one not in taken]

    @property
    def _tags(self) -> Sequence[Mapping[str, Any]]:
        return rows(self.job.call.params, "Tag")

    def _invocations(self, params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """The newest first, all pages."""
        token: str | None = None
        while True:
            asked = {**params, "MaxResults": PAGE, **({"NextToken": token} if token else {})}
            answer = self.means.cloud.ask(Request("DescribeInvocations", asked))
            yield from (answer.get("Invocations") or {}).get("Invocation") or []
            token = answer.get("NextToken") or None
            if token is None:
                return

    # Asking, and the results

    def _ask(self) -> None:
        """The journal knows of it before the service; it has no second send but under the same token."""
        if not self.ready:
            return
        means, job, call = self.means, self.job, self.job.call
        wanted = {**means.filler.params(call), "InstanceId": list(self.ready)}
        bare = {**means.filler.params(call, reveal=False), "InstanceId": list(self.ready)}
        token = client_token(f"{self.digest} {means.salt}", str(job.step.id), 0, bare, job.attempt)
        request = Request(
            call.operation, wanted, call.product, write=True, replay=call.replay, client_token=token,
            is_off=lambda: job.is_cut, retrying=lambda error, seconds: tell_of_retry(means, job, error),
        )  # fmt: skip
        number = means.journal.intend(
            step=str(job.step.id), operation=call.operation, product=call.product.value, params=bare, token=token,
            creates=[], id_path="", kind=call.kind, removes=[], at=means.clock.now(), region=None,
        )  # fmt: skip
        self.is_sent = True
        try:
            answer = means.cloud.update(request)
        except ApiError as error:
            if not error.unknown_outcome:
                means.journal.answer(number, {}, error.code)
            raise
        means.journal.answer(number, {})
        self.open.setdefault(str(answer.get("InvokeId")), set()).update(self.ready)
        self.ready, self.pause = [], OFTEN

    def _read(self, invocation: str) -> None:
        asked = {"InvokeId": invocation, "IncludeOutput": True, "ContentEncoding": "PlainText", "MaxResults": PAGE}
        for run in self._invocations(asked):
            for row in (run.get("InvokeInstances") or {}).get("InvokeInstance") or []:
                one = str(row.get("InstanceId"))
                if one in self.open[invocation] and row.get("InvocationStatus") not in UNDER_WAY:
                    self.ran[one] = self._result(one, invocation, row)
                    self.open[invocation].discard(one)
        if not self.open[invocation]:
            del self.open[invocation]

    def _result(self, one: str, invocation: str, row: Mapping[str, Any]) -> Ran:
        status = str(row.get("InvocationStatus"))
        code = row.get("ExitCode") if status in ("Success", "Failed") else None
        why = str(row.get("ErrorCode") or "")
        told = f"{status}: {why}" if why else status
        output = self._kept(str(row.get("Output") or ""))
        if code is None:
            return Ran(self.by_id[one], one, invocation, error=told, output=output)
        return Ran(self.by_id[one], one, invocation, int(code), output=output)

    def _kept(self, text: str) -> str:
        """The end of an output, without the secrets that the stack names."""
        for secret in self.secrets:
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, "(hidden)")
        return text if len(text) <= MOST_OUTPUT else f"…{text[-MOST_OUTPUT:]}"

    def _end(self, ids: Collection[str], error: str, invocation: str = "") -> None:
        self.ran |= {one: Ran(self.by_id[one], one, invocation, error=error) for one in ids if one not in self.ran}

    # The outcome

    @property
    def rows(self) -> tuple[Ran, ...]:
        """Each machine, in the order of the step; those that are still running too."""
        left = {one: run for run, machines in self.open.items() for one in machines}
        late = "still running: the next apply waits for it" if left else ""
        found = dict(self.ran)
        found |= {one: Ran(self.by_id[one], one, run, error=late) for one, run in left.items()}
        found |= {one: Ran(self.by_id[one], one, error="not asked for") for one in (*self.waits, *self.ready)}
        name = self.job.call.note
        return tuple(replace(row, command=name) for row in sorted(found.values(), key=lambda row: row.address))

    @property
    def detail(self) -> dict[str, Any]:
        """For the trail: how it ended on each machine, and nothing of what it said there."""
        return {
            "runs": {
                row.address: {"invocation": row.invocation, "exit_code": row.exit_code, "error": row.error}
                for row in self.rows
            }
        }


def _values(text: object) -> object:
    """Of parameters, as JSON tells them; what is no JSON is like nothing else."""
    try:
        return json.loads(str(text or "{}"))
    except ValueError:
        return text


def judged(step: Step, running: Running) -> Outcome:
    """Done where every machine has ended with exit code 0."""
    rows = running.rows
    bad = [row for row in rows if not row.is_good]
    if not bad:
        return Outcome(step.id, step.addresses, Status.DONE, ran=rows)
    told = [f"{row.address}: {row.text}" for row in bad]
    message = "; ".join(told[:SHOWN]) + (f" and {len(told) - SHOWN} more" if len(told) > SHOWN else "")
    running.job.refused |= {row.machine: Refusal(FAILED, row.text) for row in bad if row.machine}
    advice = "fix the machine or the command, then apply again: it runs again where it did not end with exit code 0"
    return Outcome(step.id, step.addresses, Status.FAILED, FAILED, message, advice=advice, ran=rows)
