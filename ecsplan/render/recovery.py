"""Recoverability of the changes of a plan, as lines and as a document."""

from collections.abc import Iterator, Sequence
from typing import Any

from ecsplan.model.recovery import Recovery
from ecsplan.render.values import clean
from ecsplan.render.words import members


def recovery_lines(found: Sequence[Recovery]) -> Iterator[str]:
    """`reversible  instance.web[0..9]: the values before are set again (reboot)`; members alike on one line."""
    if not found:
        return
    yield "The way back:"
    alike: dict[tuple[str, str, str], list[Recovery]] = {}
    for one in found:
        alike.setdefault((one.sort.value, one.attribute, one.why), []).append(one)
    for (sort, attribute, why), rows in alike.items():
        named = members([row.address for row in rows]) + (f" {attribute}" if attribute else "")
        yield f"    {sort:<10}  {named}: {clean(why)}"


def recovery_documents(found: Sequence[Recovery]) -> list[dict[str, Any]]:
    return [
        {"address": str(one.address), "attribute": one.attribute or None, "sort": one.sort.value, "why": clean(one.why)}
        for one in found
    ]
