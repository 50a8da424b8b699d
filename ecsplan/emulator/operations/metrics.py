"""CloudMonitor: the newest value of a metric of each machine, one a minute. Machines idle unless a fault says so.

The rule `unwell` with the view `metric` gives them its `value`.
"""

from __future__ import annotations

import json
from typing import Any

from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations._wellness import trouble
from ecsplan.emulator.wire import Refusal

NAMESPACE = "acs_ecs_dashboard"
MOST = 50


def describe_metric_last(call: Call) -> Body:
    """Of other namespaces there is no data; a machine that does not run has none."""
    period = str(call.get("Period", "60"))
    if period not in ("15", "60", "900", "3600"):
        raise Refusal(400, "ParameterInvalid", "The parameter Period is 15, 60, 900 or 3600.")
    ids = _machines(call.get("Dimensions"))
    if len(ids) > MOST:
        raise Refusal(400, "ParameterInvalid", f"At most {MOST} objects may be named in Dimensions.")
    points = [_point(call, id_, int(period)) for id_ in ids] if call.need("Namespace") == NAMESPACE else []
    found = [point for point in points if point is not None]
    return {"Code": "200", "Success": True, "Period": period, "Datapoints": json.dumps(found)}


def _machines(text: str | None) -> list[str]:
    try:
        given = json.loads(text or "[]")
    except ValueError:
        raise Refusal(400, "ParameterInvalid", "The parameter Dimensions is no JSON.") from None
    rows = given if isinstance(given, list) else [given]
    return [str(row["instanceId"]) for row in rows if isinstance(row, dict) and "instanceId" in row]


def _point(call: Call, id_: str, period: int) -> dict[str, Any] | None:
    instance = call.find("instance", id_)
    if instance is None or instance.status != "Running":
        return None
    rule = trouble(call, instance, "metric")
    value = float(rule.get("value", 100)) if rule is not None else 0.0
    at = int(call.now - call.now % period) * 1000
    return {"timestamp": at, "userId": call.account.owner, "instanceId": id_, "Average": value, "Maximum": value,
            "Minimum": value}  # fmt: skip


CMS = {"DescribeMetricLast": describe_metric_last}
