"""Work that is done once for each object, however often it comes: members of a group share most of what they hold."""

from collections.abc import Callable
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def once(make: Callable[[Given], Made]) -> Callable[[Given], Made]:
    """`make`, whose results are kept by the identity of what it is given: nothing needs to be hashed or compared.

    What is given is kept as well, so that its identity stays its own; it must not change meanwhile.
    """
    known: dict[int, tuple[Given, Made]] = {}

    def made(given: Given) -> Made:
        found = known.get(id(given))
        if found is None:
            found = known[id(given)] = (given, make(given))
        return found[1]

    return made
