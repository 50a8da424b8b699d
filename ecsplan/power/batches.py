"""Power operations on the wire: up to a hundred machines a call, each with a result of its own. Pure.

SuccessFirst lets the service carry out what it can and tell of each machine, where AllTogether refuses all for one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecsplan.model.call import Replay, Request
from ecsplan.model.power import Order, Verb

LIMIT = 100  # InstanceId.N of StartInstances, StopInstances and RebootInstances


@dataclass(frozen=True, slots=True)
class Answered:
    """What the service said of one machine; `code` is empty where it went well."""

    status: str
    code: str = ""
    message: str = ""


def batches(order: Order, ids: Sequence[str]) -> Iterator[tuple[Sequence[str], Request]]:
    for start in range(0, len(ids), LIMIT):
        part = ids[start : start + LIMIT]
        params = {"InstanceId": list(part), "BatchOptimization": "SuccessFirst", **_options(order)}
        yield part, Request(_OPERATIONS[order.verb], params, write=True, replay=Replay.NATURAL)


_OPERATIONS = {Verb.START: "StartInstances", Verb.STOP: "StopInstances", Verb.REBOOT: "RebootInstances"}


def _options(order: Order) -> Mapping[str, Any]:
    if order.verb is Verb.STOP:
        return {"ForceStop": order.force, "StoppedMode": "StopCharging" if order.stop_charging else "KeepCharging"}
    return {"ForceReboot": order.force} if order.verb is Verb.REBOOT else {}


def answers(ids: Sequence[str], answer: Mapping[str, Any]) -> dict[str, Answered]:
    """The result of each machine; one that the answer does not name was taken with the rest."""
    found = {one: Answered("") for one in ids}
    for row in (answer.get("InstanceResponses") or {}).get("InstanceResponse") or ():
        code = str(row.get("Code") or "200")
        refused = code not in ("200", "success")
        found[str(row.get("InstanceId"))] = Answered(
            str(row.get("CurrentStatus") or ""), code if refused else "", str(row.get("Message") or "") * refused
        )
    return {one: found[one] for one in ids}
