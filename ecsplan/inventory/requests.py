"""The requests that read objects and their details by id. Used by read.py and ahead.py. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from ecsplan.model.call import Request
from ecsplan.model.copying import replace
from ecsplan.model.kind import Detail, Ids


def by_ids(request: Request, ids: Ids, values: Sequence[str]) -> Request:
    """The same read, asked for these ids alone."""
    if ids.form == "whole":
        return request
    spelled: Any = values[0] if ids.form == "single" else list(values)
    if ids.form == "json":
        spelled = json.dumps(spelled)
    elif ids.form == "comma":
        spelled = ",".join(spelled)
    return replace(request, params={**request.params, ids.param: spelled})


def detail_request(region: str, detail: Detail, ids: Ids, values: Sequence[str]) -> Request:
    request = Request(detail.operation, {"RegionId": region, **detail.params}, detail.product)
    if detail.untold:
        request = replace(request, conflict_deadline=0.0)  # whoever plans does not wait for one that is young
    return by_ids(request, ids, values)


def page_of(detail: Detail, request: Request, token: str | None = None) -> Request:
    """The request of a page of a detail that is asked for by token."""
    return replace(request, params={**request.params, detail.size_name: detail.page_size, "NextToken": token})
