"""How a declared value is taken back: what removing its line does, and what else to write. Pure."""

from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.power import Power
from ecsplan.model.kind import Kind


def way_back(kind: Kind, attribute: Attribute) -> str:
    """For people; empty where there is nothing to take back."""
    leaf = attribute.name.rpartition(".")[2]
    if attribute.required or attribute.computed or attribute.only_at_birth:
        return ""
    if attribute.name == "tags":
        return "remove the line: the tags that it named go"
    if attribute.is_relation:
        return f"write {leaf}: false, or remove the line"
    if attribute.afterwards:
        return attribute.afterwards
    if attribute.clears:
        return f"write {leaf}: false; without the line it stays as it is"
    if attribute.sensitive or not _changes(kind, attribute):
        return "it stays as it is; only its line can be removed"
    return "write the value that it is to have; without the line it stays as it is"


def _changes(kind: Kind, attribute: Attribute) -> bool:
    power = kind.capability(Power)
    return bool(kind.updates_for(attribute.name)) or (power is not None and power.attribute == attribute.name)
