"""Whether the mark of every resource, and of every part of one, fits the value of a tag. Used by stack_reader.py."""

from collections.abc import Iterable, Iterator

from ecsplan.config.resources.expansion import Block
from ecsplan.config.syntax.faults import Faults
from ecsplan.model.address import Part, Place, Span
from ecsplan.model.algebra import fields, members
from ecsplan.model.composites import MapOf, Record
from ecsplan.model.marks import LONGEST, MOST_ON_AN_OBJECT, mark, marks_at_most
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.safety import BEFORE


def marks_fit(stack: str, resources: Iterable[tuple[Resource, Block]], faults: Faults) -> None:
    """Told once for a block: its longest mark."""
    longest: dict[int, tuple[str, Block]] = {}
    parts_of: dict[str, list[str]] = {}
    for resource, block in resources:
        parts = parts_of.get(block.kind.name)
        if parts is None:
            parts = parts_of[block.kind.name] = [
                a.name for a in block.kind.attributes if isinstance(a.type, MapOf) and isinstance(a.type.item, Record)
            ]
        text = max((mark(stack, place) for place in _places(resource, parts)), key=len)
        if len(text) > LONGEST and len(text) > len(longest.get(id(block), ("", block))[0]):
            longest[id(block)] = (text, block)
    for text, block in longest.values():
        faults.add(
            f"the tag that marks {block.address} as this stack's would have {len(text)} characters: {text[:60]}…",
            f"a tag has at most {LONGEST}; shorten the name of the stack, of the resource, of its key or of its slot",
            block.node.key_source,
            block.address,
            rule=Rule.LIMIT,
        )


def tags_fit(resources: Iterable[Resource], faults: Faults) -> None:
    """Ours and the declared ones together; what others have put on a live object is the plan's to count."""
    for resource in resources:
        declared = len(members(resource.attributes.get("tags")))
        ours = marks_at_most(resource.lifecycle)
        if declared + ours > MOST_ON_AN_OBJECT:
            summary = (
                f"tags: {declared} do not fit beside {ours} of ecsplan's; an object has at most {MOST_ON_AN_OBJECT}"
            )
            detail = f"write at most {MOST_ON_AN_OBJECT - ours}"
            faults.add(summary, detail, resource.source_of("tags"), resource.address, rule=Rule.LIMIT)


def _places(resource: Resource, parts: Iterable[str]) -> Iterator[Place]:
    address = resource.address
    yield Span(address.group, address.key, address.key) if isinstance(address.key, int) else address
    if resource.lifecycle.snapshot_before:
        yield Part(address, BEFORE, "d-" + "0" * 20)
    for name in parts:
        if slots := resource.attributes.get(name):
            yield Part(address, name, max(fields(slots), key=len))
