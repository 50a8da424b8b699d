"""How public addresses are protected from floods: Anti-DDoS of an EIP or of a shared bandwidth. Used by their kinds."""

from ecsplan.model.algebra import Value
from ecsplan.model.attribute import Attribute
from ecsplan.model.values import Choice


class Protection(Choice):
    """One at most; on the wire it is a list."""

    __slots__ = ()

    def encode(self, value: Value) -> object:
        return [value] if isinstance(value, str) else value

    def decode(self, wire: object) -> str | None:
        return super().decode(wire[0]) if isinstance(wire, (list, tuple)) and wire else None


PROTECTION = Attribute(
    "security_protection", "SecurityProtectionTypes", Protection("AntiDDoS_Enhanced"),
    "Protection from floods beyond the basic one; what it was made with.",
    read_as="SecurityProtectionTypes.SecurityProtectionType", fixed="refuse",
    unsampled="there is one value, and no way back; test_eip_terms.py and test_common_bandwidth_package.py write it",
)  # fmt: skip
