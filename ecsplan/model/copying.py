"""Copies of records with some fields changed: what `copy.replace` of Python 3.13 does, for 3.11."""

import dataclasses
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def replace(record: T, /, **changes: Any) -> T:
    """The record with these fields changed; it stays as it is. Records are Structs, or dataclasses where a field is
    hidden from comparisons or from what is shown."""
    if isinstance(record, msgspec.Struct):
        return msgspec.structs.replace(record, **changes)
    return dataclasses.replace(record, **changes)  # type: ignore[type-var]
