"""Outputs as values for programs and as text; secrets stay masked, and what is not known yet is null."""

import json
import re
import secrets
from collections.abc import Iterator, Mapping
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


def variables_text(outputs: Mapping[str, Any], form: str) -> str:
    """For jobs of CI systems: `dotenv` as GitLab reads it (one line each, no quotes), or `github` for GITHUB_OUTPUT.

    Lists and mappings are JSON. What is not known yet is left out. Raises ValueError for what a form cannot hold.
    """
    return "".join(_variable(name, text, form) for name, text in _texts(outputs))


def _texts(outputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(outputs.items()):
        found = output_value(value)
        if found is not None:
            yield name, found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _variable(name: str, text: str, form: str) -> str:
    if form == "github":
        end = f"end-{secrets.token_hex(8)}"  # no value can name it
        return f"{name}<<{end}\n{text}\n{end}\n"
    if not text.isprintable():
        raise ValueError(f"{name} has several lines or control characters, which a dotenv file cannot hold")
    return f"{re.sub(r'[^A-Za-z0-9_]', '_', name)}={text}\n"
