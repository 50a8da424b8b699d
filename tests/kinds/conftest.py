"""A fresh account for every test; afterwards, every parameter that was sent is one that the API knows."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ecsplan.emulator.contract import Fields, find
from ecsplan.emulator.journal import COMMON
from tests.kinds.cloud import Cloud


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    cloud = Cloud(tmp_path)
    yield cloud
    assert sorted({unknown for entry in cloud.service.log.calls() for unknown in unknown_names(entry)}) == []


def unknown_names(entry: Mapping[str, Any]) -> Iterator[str]:
    """`Action.Name` of what an action does not take: the service would pass over it in silence."""
    contract = find(entry["product"], entry["action"])
    for name in entry["params"].keys() - COMMON - {"RegionId"}:  # the client sends it with every call
        if contract is None or not is_known(contract.request, name.split(".")):
            yield f"{entry['action']}.{name}"


def is_known(shape: Any, path: list[str]) -> bool:
    """Follows a flat name (`SystemDisk.Size`, `Tag.1.Key`) into the shape of a request."""
    if not path:
        return not isinstance(shape, Fields | list)
    if isinstance(shape, list):
        return path[0].isdigit() and is_known(shape[0], path[1:])
    return isinstance(shape, Fields) and path[0] in shape.types and is_known(shape.types[path[0]], path[1:])
