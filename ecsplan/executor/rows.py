"""Calls for several targets whose answer has a result for each: who was taken, who was refused. Used by sending.py."""

from collections.abc import Callable, Mapping
from typing import Any

from ecsplan.model.call import ApiError, Call, ErrorClass
from ecsplan.model.plan import Refusal

TAKEN = ("200", "success", "")  # codes of a row for a target that was taken
PAUSES = (1.0, 2.0, 5.0, 10.0)  # seconds before targets that are busy are asked for again
Classify = Callable[[str, str], ErrorClass]


class PartlyRefused(Exception):
    """The service has carried out a call for some of its targets: `refused` are the others by id, `error` the first.

    `is_busy`: they may be asked for again.
    """

    def __init__(self, error: ApiError, refused: Mapping[str, Refusal], *, is_busy: bool = False) -> None:
        super().__init__(str(error))
        self.error, self.refused, self.is_busy = error, refused, is_busy


def all_taken(classify: Classify, call: Call, answer: Mapping[str, object]) -> Mapping[str, object]:
    """The answer, where the call was carried out for each of its targets. Raises PartlyRefused."""
    refused = {
        str(row["InstanceId"]): Refusal(str(row.get("Code")), str(row.get("Message") or "refused"))
        for row in _rows(answer, call.rows)
        if str(row.get("Code")) not in TAKEN and not _is_gone(classify, call, row)
    }
    if not refused:
        return answer
    first = next(iter(refused.values()))
    kinds = {classify(call.operation, refusal.code) for refusal in refused.values()}
    is_busy = kinds == {ErrorClass.CONFLICT}
    kind = classify(call.operation, first.code)
    error = ApiError(call.operation, first.code, f"{', '.join(refused)}: {first.message}", error_class=kind)
    raise PartlyRefused(error, refused, is_busy=is_busy)


def _is_gone(classify: Classify, call: Call, row: Mapping[str, object]) -> bool:
    return call.absent_is_done and classify(call.operation, str(row.get("Code"))) is ErrorClass.ABSENT


def _rows(answer: Mapping[str, Any], path: str) -> list[Mapping[str, Any]]:
    found: Any = answer
    for key in path.split(".") if path else ():
        found = found.get(key) if isinstance(found, Mapping) else None
    return list(found or ()) if path else []
