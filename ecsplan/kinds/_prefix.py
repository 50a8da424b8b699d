"""Address ranges of either family, as lists of prefixes and routes have them. Used by kinds only."""

from dataclasses import dataclass
from ipaddress import ip_network

from ecsplan.model.algebra import Schema
from ecsplan.model.values import ValueType


@dataclass(frozen=True, slots=True)
class Prefix(ValueType):
    """A range of either family. A bare address is a range of one; host bits are cleared, as the service does."""

    @property
    def says(self) -> str:
        return "an address range, like 10.0.0.0/8 or 2001:db8::/32"

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^[0-9a-fA-F:.]{2,45}(/[0-9]{1,3})?$"}

    def parse(self, value: object) -> str:
        try:
            return str(ip_network(value if isinstance(value, str) else "", strict=False))
        except ValueError:
            raise self.mistake(value) from None

    def decode(self, wire: object) -> str:
        return str(ip_network(str(wire), strict=False))
