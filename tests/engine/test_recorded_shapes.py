"""ecsplan reads answers of the shapes that the service was seen to give: nothing lost, no traceback, no phantom change.

The world is a random account; its answers have the fields that recorded answers of the same action have, and no other
(tests/emulator/cases/recorded_shapes.json). `least` leaves out also what is missing from some of them: publishers cut
rows down, so then a thing may be left out of the file, and that is said.
"""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.api.shapes import fitted
from ecsplan.model.call import Request
from tests.engine.accounts import Estate, assert_adopts_only
from tests.kinds.cloud import Cloud

SHAPES: Mapping[str, Any] = json.loads(
    (Path(__file__).parent.parent / "emulator" / "cases" / "recorded_shapes.json").read_text(encoding="utf-8")
)


class AsRecorded:
    """Stands before the client; every answer becomes as sparse as the recorded ones, and is fitted as theirs would be.

    What tells the account's things apart in this test stays: the random account has names, they had theirs.
    """

    def __init__(self, cloud: Cloud, *, least: bool) -> None:
        self.api, self.region, self.least = cloud.api, cloud.api.region, least
        self.reshaped: set[str] = set()

    def send(self, request: Request) -> Mapping[str, Any]:
        answer = copy.deepcopy(dict(self.api.send(request)))
        if request.operation in SHAPES:
            self.reshaped.add(request.operation)
            self._sparse(answer, SHAPES[request.operation]["fields"], "")
        return fitted(request.operation, answer)

    def _sparse(self, value: Any, fields: Mapping[str, Any], path: str) -> None:
        if isinstance(value, list):
            for item in value:
                self._sparse(item, fields, f"{path}[]")
        if not isinstance(value, dict):
            return
        for name in list(value):
            inner = f"{path}.{name}" if path else name
            if self._is_left_out(inner, fields):
                del value[name]
            else:
                self._sparse(value[name], fields, inner)

    def _is_left_out(self, path: str, fields: Mapping[str, Any]) -> bool:
        if path in KEPT:
            return False
        if path not in fields:
            return True
        _, often, owners, _ = fields[path]
        return self.least and often < owners


# Pages, and ids: publishers cut whole rows to a few fields, but a row of the service has an id.
IDS = {f"{kind.listing.items}[].{kind.listing.id}" for kind in engine.kinds().values()}
KEPT = {"RequestId", "TotalCount", "PageNumber", "PageSize", "NextToken", *IDS}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("least", [False, True])
def test_answers_as_sparse_as_recorded_ones_are_read_whole(cloud: Cloud, seed: int, least: bool) -> None:
    Estate(cloud, seed).build()
    sparse = AsRecorded(cloud, least=least)
    whole = engine.export(cloud.api, "imported")
    made = engine.export(sparse, "imported")
    missing = set(whole.adopted.values()) - set(made.adopted.values())
    assert missing <= ({one.id for one in made.left_out} if least else set())
    assert {one.obj.id for one in engine.unmanaged(sparse)} >= set(made.adopted.values())
    assert_adopts_only(engine.plan(cloud.load(made.text), sparse))
    assert len(sparse.reshaped) > 8
