"""The record of what was applied, as marks of the live object. Written by planner/, read by inventory/.

record.py says what it holds, marks.py which keys it has. No secret and no hash of one ever enters a tag.
"""

from collections.abc import Iterable, Mapping, Sequence

from ecsplan.model import record
from ecsplan.model.marks import APPLIED, APPLIED_LAST, APPLIED_MORE, OPEN, PREFIX, SECRETS
from ecsplan.model.record_form import NO_NAMES, Naming
from ecsplan.model.resource import RemoteObject

RECORD = (APPLIED, APPLIED_MORE, APPLIED_LAST)
MOST_TAGS = 20  # of a resource
OTHER_MARKS = 4  # that a resource may have at a time beside the record


def read_record(marks: Mapping[str, str]) -> record.Applied | None:
    """What was applied last; None where no mark says it, or none that can be read."""
    texts = tuple(marks[name] for name in RECORD if name in marks) if APPLIED in marks else ()
    return record.read(texts, marks.get(OPEN, ""), marks.get(SECRETS, ""))


def record_marks(texts: Sequence[str]) -> dict[str, str]:
    return dict(zip(RECORD, texts, strict=False))


def room_for_record(tags: Iterable[str]) -> int:
    """How many tags the record may take on a resource that has, and is to have, these."""
    others = sum(not key.startswith(PREFIX) for key in tags)
    return max(1, min(len(RECORD), MOST_TAGS - OTHER_MARKS - others))


def has_room_for_number(count: int) -> bool:
    """Whether a resource with so many tags, the record among them, may take the table of its batch too."""
    return count <= MOST_TAGS - OTHER_MARKS


def was_applied(obj: RemoteObject, name: str, value: object) -> bool:
    """Whether an attribute was declared so when the object was last written; its block may be gone by now."""
    return obj.applied is not None and obj.applied.holds(name, None, value)


def slot_was_applied(
    obj: RemoteObject, attribute: str, slot: str, record: Sequence[tuple[str, object]], naming: Naming = NO_NAMES
) -> bool:
    """Whether a slot was declared when the object was last written; `record` is what is in it, for an older format."""
    if obj.applied is None:
        return False
    label = f"{attribute}.{slot}"
    told = obj.applied.has_any(label)
    return told if told is not None else obj.applied.holds(label, None, tuple(record), naming)
