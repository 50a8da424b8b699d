"""Facts about an object for another tool's files, which no attribute has. Asked for by engine/leaving.py."""

from collections.abc import Mapping
from typing import Any

from ecsplan.model.capability import Capability
from ecsplan.model.decoder import Decoder
from ecsplan.model.kind import Kind
from ecsplan.model.resource import RemoteObject


class ForeignFacts(Capability, frozen=True):
    """`facts` by the names that migrate/ asks for."""

    facts: Mapping[str, Decoder[object]]


def told(kind: Kind, obj: RemoteObject) -> Mapping[str, Any]:
    leaving = kind.capability(ForeignFacts)
    return {name: obj.fact(fact) for name, fact in leaving.facts.items()} if leaving is not None else {}
