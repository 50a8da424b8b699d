"""Attributes of another tool as values of ours, canonical as the cloud's are. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsplan.migrate.forms import FORMS
from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.terraform import Terraform
from ecsplan.model.composites import Reference
from ecsplan.model.kind import Kind
from ecsplan.model.migration import Entry
from ecsplan.model.values import Mistake

EMPTY: tuple[Any, ...] = (None, "", [], {})
NOT_SET: tuple[Any, ...] = (*EMPTY, -1, "-1", "Not-applicable")  # what a state has for what has no value


def values_of(entry: Entry, kind: Kind) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Canonical values by our attributes, and the names of theirs that cannot be understood."""
    found: dict[str, Any] = {}
    odd = []
    known = {attribute.name: attribute for attribute in kind.attributes}
    of = kind.capability(Terraform)
    own = _flat(with_new_names(of, entry.attributes))
    for field in of.fields if of else ():
        value = own.get(field.theirs)
        attribute = known.get(field.ours)
        if attribute is None or attribute.sensitive or value in NOT_SET:
            continue
        try:
            found[field.ours] = _canonical(attribute, FORMS[field.form].ours(value))
        except (Mistake, ValueError, TypeError, AttributeError, OverflowError):
            odd += [field.theirs] if value else []  # 0 and false are what is left of nothing
    return found, tuple(odd)


def _flat(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """With the members of each single block under their dotted names."""
    found = dict(attributes)
    for name, value in attributes.items():
        block = value[0] if isinstance(value, list) and len(value) == 1 else value
        found |= {f"{name}.{key}": item for key, item in block.items()} if isinstance(block, Mapping) else {}
    return found


def with_new_names(of: Terraform | None, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The state of an old provider, or code, may have an attribute under its former name alone."""
    renamed = of.renamed if of else {}
    older = {new: attributes[old] for old, new in renamed.items() if attributes.get(old) not in EMPTY}
    return {**older, **{name: value for name, value in attributes.items() if name not in older or value not in EMPTY}}


def _canonical(attribute: Attribute, value: Any) -> Any:
    if attribute.name == "tags":
        value = {key: text for key, text in value.items() if not key.startswith("ecsplan:")}
    if isinstance(attribute.type, Reference) and isinstance(value, str):
        return value  # an id, or the name that is one
    return attribute.type.parse(value)


def theirs_alone(entry: Entry, kind: Kind, declared: frozenset[str] | None) -> Iterator[str]:
    """Attributes that the other tool manages and no kind of ours has; `declared` are those that its code says."""
    of = kind.capability(Terraform)
    for name, usual in of.theirs_alone.items() if of else ():
        value = entry.attributes.get(name)
        if _says_something(value) and value != usual and (declared is None or name in declared):
            yield name


def _says_something(value: Any) -> bool:
    """Blocks that the cloud fills in are lists of objects without a value."""
    if isinstance(value, list):
        return any(_says_something(item) for item in value)
    if isinstance(value, Mapping):
        return any(_says_something(item) for item in value.values())
    return value not in (*NOT_SET, False, 0)


def has_password(entry: Entry) -> bool:
    return any(entry.attributes.get(name) for name in ("password", "kms_encrypted_password"))
