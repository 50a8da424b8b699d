"""A kind's dotted attribute names as the nested blocks that the YAML writes; made once per kind."""

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.power import Power
from ecsplan.model.kind import Kind

META_KEYS = ("count", "for_each", "adopt", "depends_on", "lifecycle", "schedule")


class Shape(Struct):
    """The keys of a block: an Attribute, or the Shape of a block inside it; of a whole resource, its meta keys too."""

    members: dict[str, "Attribute | Shape"] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    meta: tuple[str, ...] = ()


def shape_of(kind: Kind) -> Shape:
    root = Shape(meta=tuple(key for key in META_KEYS if key != "schedule" or kind.capability(Power) is not None))
    for attribute in kind.attributes:
        *blocks, last = attribute.name.split(".")
        shape = root
        for block in blocks:
            inner = shape.members.setdefault(block, Shape())
            if not isinstance(inner, Shape):
                raise TypeError(f"{kind.name}.{block} is an attribute and a block")
            shape = inner
        shape.members[last] = attribute
        if attribute.required:
            shape.required.append(last)
    return root


def shapes_of(kinds: Mapping[str, Kind]) -> dict[str, Shape]:
    return {name: shape_of(kind) for name, kind in kinds.items()}


def attribute_names(kind: Kind) -> Iterator[str]:
    """Every attribute and every block above one."""
    for attribute in kind.attributes:
        parts = attribute.name.split(".")
        for count in range(1, len(parts) + 1):
            yield ".".join(parts[:count])
