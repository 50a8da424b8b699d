"""A create whose answer does not name what it made: looked for where it must be. Used by sending.py.

It is of a kind that cannot be made twice (an address becomes an EIP once), so that after a lost answer, and after a
refusal, a look tells whether it is there.
"""

from collections.abc import Callable, Mapping, Sequence

from ecsplan.executor.blind import EVERY
from ecsplan.model.call import ApiError, Call, ErrorClass, Find
from ecsplan.model.clock import Clock
from ecsplan.model.resource import RemoteObject

Search = Callable[[str, Find], Sequence[RemoteObject]]
"""The live objects of a kind that are meant."""

_FINAL = (ErrorClass.FATAL, ErrorClass.DENIED, ErrorClass.ABSENT, ErrorClass.ALREADY, ErrorClass.CAPACITY)


def may_be_there(error: ApiError) -> bool:
    """Whether an earlier send may have made it: its answer was lost, or there is nothing left to convert."""
    return error.unknown_outcome or error.error_class in _FINAL


def look(
    search: Search, call: Call, clock: Clock, patience: float, is_stopped: Callable[[], bool]
) -> Mapping[str, object] | None:
    """The answer that the service did not give: the id of what is there and no stack owns. None when it cannot be seen
    for so many seconds. A list that fails tells nothing."""
    assert call.find is not None
    until = clock.now() + patience
    while True:
        try:
            found = search(call.kind, call.find)
        except ApiError:
            found = ()
        for obj in found:
            if obj.owner is None:
                return {call.id_path: obj.id}
        if clock.now() >= until or is_stopped():
            return None
        clock.sleep(EVERY)
