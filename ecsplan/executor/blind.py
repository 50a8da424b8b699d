"""A create without a token: after a lost answer it is looked for by the tags that it was born with, before all else.

Used by sending.py, within a run, and by recover.py, for a run that died.
"""

from collections.abc import Callable, Mapping

from ecsplan.model.call import ApiError
from ecsplan.model.clock import Clock
from ecsplan.model.marks import RETIRED, birth_marks, read_marks

VISIBILITY_LAG = 15.0  # seconds after which a new object is taken to be in the lists
EVERY = 1.0

Tagged = Callable[[str], Mapping[str, Mapping[str, str]]]
"""The tags of all live objects of a kind, by id, as its list has them."""


def look_for(
    tagged: Tagged,
    kind: str,
    params: Mapping[str, object],
    clock: Clock,
    until: float,
    is_stopped: Callable[[], bool] = lambda: False,
) -> str | None:
    """The id of what that create has made; None when it cannot be seen until then. A list that fails tells nothing.

    What is born without tags cannot be told from others: the lists are given that time, for the plan to find it.
    """
    marks = birth_marks(kind, params)
    if not marks:
        clock.sleep(max(0.0, min(until - clock.now(), VISIBILITY_LAG)))
    while marks and kind:
        try:
            candidates = [(i, tags) for i, tags in tagged(kind).items() if marks <= set(tags.items())]
        except ApiError:
            candidates = []
        found = [i for i, tags in candidates if RETIRED not in read_marks(tags, kind)]
        if found:
            return found[0]
        if clock.now() >= until or is_stopped():
            break
        clock.sleep(EVERY)
    return None
