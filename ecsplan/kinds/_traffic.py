"""A rule about traffic, in security groups and network ACLs: how people read it."""

from ecsplan.model.algebra import Leaf, Value, is_fields
from ecsplan.model.composites import Record

WORDS = ("protocol", "ports", "cidr", "ipv6_cidr", "security_group", "prefix_list", "policy")
USUAL = {"policy": "accept", "priority": 1}


class TrafficRule(Record):
    """Shown as firewalls do: `tcp 22 10.0.0.0/8 drop priority=5`."""

    __slots__ = ()

    def show(self, value: Value, leaf: Leaf) -> str:
        """The values of WORDS without their names, then the rest with them, but for what is as usual."""
        if not is_fields(value):
            return leaf(value)
        said = {name: item for name, item in value if item is not None and item != USUAL.get(name)}
        words = [self.show_member(name, said.pop(name), leaf) for name in WORDS if name in said]
        rest = (f"{leaf(name)}={self.show_member(name, item, leaf)}" for name, item in said.items())
        return " ".join([*words, *rest])
