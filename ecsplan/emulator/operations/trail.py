"""ActionTrail's events, made of the log of calls: who called what, for which resource.

One condition a query, at most 50 events a page, the last seven days without a start. An event is a free map: keys that
have nothing to say are left out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.wire import invalid

KEYS = ("ServiceName", "EventName", "User", "EventId", "ResourceType", "ResourceName", "EventRW", "EventAccessKeyId")
WEEK, MOST = 7 * 86400.0, 50
READS = ("Describe", "List", "Get", "Lookup", "Query")
FORM = "%Y-%m-%dT%H:%M:%SZ"


def lookup_events(call: Call) -> Body:
    asked = call.get("LookupAttribute") or []
    if len(asked) > 1:
        raise invalid("LookupAttribute", "One condition a query is allowed.")
    key, value = (asked[0].get("Key"), asked[0].get("Value")) if asked else ("", "")
    if key and key not in KEYS:
        raise invalid("LookupAttribute.1.Key", f"It is one of: {', '.join(KEYS)}.")
    end = _moment(call, "EndTime", call.now)
    begin = _moment(call, "StartTime", end - WEEK)
    size = int(call.get("MaxResults", "20"))
    if not 0 <= size <= MOST:
        raise invalid("MaxResults", f"It is at most {MOST}.")
    events = [event for entry in call.log() if begin <= entry["time"] <= end and (event := _event(call, entry))]
    found = [event for event in events if not key or _value(event, key, value)]
    if call.get("Direction", "BACKWARD") == "BACKWARD":
        found.reverse()
    at = int(call.get("NextToken", "0"))
    left = str(at + size) if at + size < len(found) else ""
    return {"Events": found[at : at + size], "NextToken": left, "StartTime": _text(begin), "EndTime": _text(end)}


def _moment(call: Call, name: str, otherwise: float) -> float:
    given = call.get(name)
    if given is None:
        return otherwise
    try:
        return datetime.strptime(given, FORM).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise invalid(name, "Write YYYY-MM-DDThh:mm:ssZ.") from None


def _text(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime(FORM)


def _event(call: Call, entry: dict[str, Any]) -> dict[str, Any] | None:
    """None for a call that nobody is known to have made, or that goes on."""
    if "key" not in entry or not entry.get("request_id"):
        return None
    named = sorted({str(value) for value in entry["params"].values() if "-" in str(value)})
    event: dict[str, Any] = {
        "eventId": entry["request_id"], "requestId": entry["request_id"], "eventName": entry["action"],
        "eventRW": "Read" if entry["action"].startswith(READS) else "Write", "eventTime": _text(entry["time"]),
        "eventType": "ApiCall", "serviceName": str(entry["product"]).capitalize(), "userAgent": entry["agent"],
        "sourceIpAddress": "127.0.0.1", "referencedResources": {"Resource": named},
        "userIdentity": {
            "type": "ram-user", "userName": entry["key"], "principalId": "28700000", "accessKeyId": entry["key"],
            "accountId": call.credential.account,
        },
    }  # fmt: skip
    return {**event, **({"errorCode": entry["code"]} if entry.get("code") else {})}


def _value(event: dict[str, Any], key: str, value: str) -> bool:
    if key == "ResourceName":
        return value in event["referencedResources"]["Resource"]
    who = event["userIdentity"]
    held = {
        "ServiceName": event["serviceName"], "EventName": event["eventName"], "User": who["userName"],
        "EventId": event["eventId"], "EventRW": event["eventRW"], "EventAccessKeyId": who["accessKeyId"],
    }.get(key)  # fmt: skip
    return held == value


ACTIONTRAIL = {"LookupEvents": lookup_events}
