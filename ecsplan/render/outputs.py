"""Outputs as values for programs and as text; secrets stay masked, and what is not known yet is null."""

from collections.abc import Mapping
from typing import Any

from ecsplan.model.composites import is_deferred
from ecsplan.render.cells import cells, padded
from ecsplan.render.values import masked, plain, shown


def output_value(value: Any) -> Any:
    """For JSON."""
    value = masked(value)
    if is_deferred(value):
        return None
    if isinstance(value, tuple) and any(map(is_deferred, value)):
        return [output_value(item) for item in value]
    return plain(value)


def outputs_text(outputs: Mapping[str, Any]) -> str:
    width = max(map(cells, outputs), default=0)
    lines = [f"{padded(name, width)} = {shown(masked(value))}" for name, value in sorted(outputs.items())]
    return "\n".join([*lines, ""]) if lines else "The stack declares no outputs.\n"


def raw_text(value: Any) -> str:
    """A list is one entry a line, as loops of a shell read it."""
    found = output_value(value)
    return (
        "\n".join("" if item is None else str(item) for item in (found if isinstance(found, list) else [found])) + "\n"
    )
