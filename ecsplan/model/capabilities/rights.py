"""How RAM names the objects of a kind. Asked for by permissions/policy.py."""

from collections.abc import Iterable

from ecsplan.model.capability import Capability
from ecsplan.model.kind import Kind
from ecsplan.model.quoting import shown


class Rights(Capability, frozen=True):
    """`type` is the service and the resource type of the ARN `acs:SERVICE:REGION:ACCOUNT:TYPE/ID`. `parameters` are
    the parameters of calls that hold ids of such objects, beside the kind's own `id_param`. `made_by` are create calls
    beside the kind's own, and `makes` the types of what its create call makes too.
    """

    type: str
    parameters: tuple[str, ...] = ()
    made_by: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()

    def faults(self, kind: Kind) -> Iterable[str]:
        service, separator, name = self.type.partition(":")
        if not (service and separator and name):
            yield f"the ARN type {shown(self.type)} is not written as service:type"
