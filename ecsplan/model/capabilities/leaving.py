"""Facts about an object for another tool's files, which no attribute has. Asked for by engine/leaving.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecsplan.model.capability import Capability
from ecsplan.model.decoder import Decoder
from ecsplan.model.kind import Kind
from ecsplan.model.resource import RemoteObject


@dataclass(frozen=True, slots=True)
class ForeignFacts(Capability):
    """`facts` by the names that migrate/ asks for."""

    facts: Mapping[str, Decoder[object]]


def told(kind: Kind, obj: RemoteObject) -> Mapping[str, Any]:
    leaving = kind.capability(ForeignFacts)
    return {name: obj.fact(fact) for name, fact in leaving.facts.items()} if leaving is not None else {}
