"""Values that are not exported: the cloud fills them in. Pure.

What is so of one kind alone stands in its file (Exporting). Leaving something out is always safe: what a stack file
does not mention stays as it is.
"""

from collections.abc import Mapping
from typing import Any

from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.exporting import Exporting

Values = Mapping[str, Any]

# What is false, zero or empty is never written; in the lists and maps of all kinds, neither is this.
RECORDS: Mapping[str, Any] = {"policy": "accept", "priority": 1, "keep": False, "snapshot_policy": "none"}


def is_noise(exporting: Exporting, attribute: Attribute, value: Any, values: Values) -> bool:
    """Whether a person would leave it out; `values` are all of the object, its id too."""
    if attribute.required:
        return False
    if value in (False, 0, "", ()) or value == attribute.default:
        return True
    if exporting.defaults.get(attribute.name) == value:
        return True
    rule = exporting.noise.get(attribute.name) or exporting.noise.get(attribute.block or "")
    return rule is not None and rule(value, values)


def record_noise(name: str, value: Any) -> bool:
    """The same inside lists and maps."""
    return value is None or value in (False, 0, "") or RECORDS.get(name) == value
