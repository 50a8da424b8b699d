"""Custom parameters of commands: {{name}} in a content, and their values at each run. Used by command.py, _commands.py.

CreateCommand says whether there are any (EnableParameter), once for all; InvokeCommand gives the values (ECS
2014-05-26).
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.model.address import Address
from ecsplan.model.algebra import Raw, Value, fields
from ecsplan.model.call import Late, Params
from ecsplan.model.composites import MapOf
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Text

MOST = 10  # that InvokeCommand takes
NAME = Text(1, 64, r"^[A-Za-z0-9_.-]+$", "a name of 1 to 64 letters, digits, '_', '.' and '-'")
PLACE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")  # not {{ACS::…}}, which the service fills


class Parameters(MapOf):
    """Values by name. The live side has names alone: another value changes no command, but what its machines run."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(Text(0, 4096), NAME, MOST)

    def decode(self, wire: Any) -> tuple[tuple[str, Value], ...]:
        return tuple(sorted((str(name), "") for name in wire or ()))

    def matches(self, desired: Value, live: Value) -> bool:
        return set(fields(desired)) == set(fields(live))


def read_parameters(raw: Raw) -> object:
    """None for a command without custom parameters, in which {{name}} is text like any other."""
    names = (raw.get("ParameterNames") or {}).get("ParameterName") or ()
    return list(names) if raw.get("EnableParameter") and names else None


def enabled(resource: Resource) -> Params:
    return {"EnableParameter": True} if resource.attributes.get("parameters") else {}


def given(values: Value) -> Params:
    """The parameter of InvokeCommand; a value may wait for what the plan makes."""
    found = dict(fields(values))
    return {"Parameters": Late(found, json.dumps)} if found else {}


def parameters_fit(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """The service takes the very names that the content has."""
    content, values = resource.attributes.get("content"), resource.attributes.get("parameters")
    if not isinstance(content, str) or not values:
        return
    named, said = set(PLACE.findall(content)), set(fields(values))
    for name in sorted(named ^ said):
        yield Diagnostic(
            f"its content has {{{{{name}}}}}, and parameters has no {name}"
            if name in named
            else f"parameters has {name}, and its content no {{{{{name}}}}}",
            f"write {name}: VALUE in parameters" if name in named else f"write {{{{{name}}}}} in it, or remove {name}",
            resource.source_of("parameters"),
            resource.address,
            rule=Rule.COMBINATION,
        )
