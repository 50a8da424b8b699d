"""Warnings of a stack that need no cloud, and where the places of its faults end."""

from collections.abc import Callable, Iterable

from ecsplan.catalog.offline import misfits
from ecsplan.catalog.offline import remarks as unknown_names
from ecsplan.config.syntax.comments import Place, end_of, extents_of
from ecsplan.engine.needing import needs_of
from ecsplan.model.diagnostic import Diagnostic, SourceRange
from ecsplan.model.kind import Kinds
from ecsplan.model.stack import Stack
from ecsplan.model.suppression import unsuppressed, unused


def remarks_on(stack: Stack, kinds: Kinds) -> tuple[Diagnostic, ...]:
    """What was found at loading, and what the catalogue does not know, or says does not go together.

    A warning that the file suppresses is left out; a suppression without a warning is one itself.
    """
    declared = stack.by_address()
    unfit = misfits(needs_of(declared, kinds), declared)
    everything = (*stack.warnings, *unknown_names(stack.resources, stack.region, kinds), *unfit)
    rows = stack.suppressions
    return (*unsuppressed(everything, rows), *unused(everything, rows))


def ends_of(places: Iterable[SourceRange | None], text_of: Callable[[str], str]) -> dict[SourceRange, Place]:
    """The exclusive end of what stands at each place; `text_of` gives the text of a file, empty if it has none."""
    found: dict[SourceRange, Place] = {}
    texts: dict[str, tuple[str, dict[Place, Place]]] = {}
    for place in places:
        if place is None:
            continue
        if place.file not in texts:
            text = text_of(place.file)
            texts[place.file] = text, extents_of(text)
        text, extents = texts[place.file]
        if text:
            found[place] = end_of(text, (place.line, place.column), extents)
    return found
