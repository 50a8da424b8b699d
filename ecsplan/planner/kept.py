"""Snapshots that a plan takes before it puts a disk at risk, and the way back from them. Pure."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.call import rows
from ecsplan.model.capabilities.holding import HoldsData
from ecsplan.model.kind import Kinds
from ecsplan.model.marks import key_of
from ecsplan.model.plan import Step
from ecsplan.model.resource import RemoteObject
from ecsplan.model.safety import BEFORE, SNAPSHOT, Taken


class Kept(Struct, frozen=True):
    """The data of one disk before something (`what`) was done to it. `snapshot` is empty until it is taken."""

    address: Address
    disk: str
    what: str
    snapshot: str = ""

    @property
    def text(self) -> str:
        if not self.snapshot:
            return f"the data of {self.disk} from the snapshot that the plan takes first"
        return f"the data of {self.disk} from the snapshot {self.snapshot} ({how_to_have(self.snapshot, self.what)})"


def how_to_have(snapshot: str, what: str) -> str:
    """A disk that lives on can be put back; of one that is gone, a new one can be made."""
    if what.startswith(("resize", "reinit")):
        return f"ecsplan reinit DISK --snapshot {snapshot} puts it back"
    return f"a disk with snapshot: {snapshot} has it"


def kept_by(steps: Iterable[Step], stack: str, objects: Iterable[RemoteObject], kinds: Kinds) -> tuple[Kept, ...]:
    """By the steps of a plan, applied or not; `objects` are those that are live."""
    holds = next((found for kind in kinds.values() if (found := kind.capability(HoldsData)) is not None), None)
    steps = [step for step in steps if step.id.verb == SNAPSHOT and step.calls]
    taken = tuple(holds.taken(stack, objects)) if holds is not None and steps else ()
    return tuple(kept for step in steps for kept in _kept(step, taken))


def _kept(step: Step, taken: Iterable[Taken]) -> Iterator[Kept]:
    call, address = step.calls[0], step.addresses[0]
    if not call.operation:  # one that was under way already
        yield from (Kept(address, one.disk, one.what, one.id) for one in taken if one.id in call.targets)
        return
    disk = str(call.params.get("DiskId"))
    what = next(str(tag["Value"]) for tag in rows(call.params, "Tag") if tag["Key"] == key_of(call.kind, BEFORE))
    found = [one for one in taken if one.disk == disk and one.what.removesuffix(", done") == what and one.is_finished]
    newest = max(found, key=lambda one: one.at).id if found else ""
    yield Kept(address, disk, what, newest)
