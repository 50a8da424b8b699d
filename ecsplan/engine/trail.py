"""Who touched what drifted, asked of ActionTrail: one question an object, at most two a second. See `cli/drift`.

Events arrive minutes late, and are kept for 90 days: that none is found does not mean that nothing was done.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from ecsplan.model.call import Api, Product, Request
from ecsplan.model.drift import Drift
from ecsplan.model.trail import Touch
from ecsplan.provider.alibaba import clock_of

OURS = "ecsplan/"  # how our own calls name themselves
BETWEEN = 0.5  # seconds; the service takes two calls a second
MOST = 100  # objects
_FORMS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ")


def touches(drift: Drift, api: Api) -> Mapping[str, Touch]:
    """By object id the newest change that was not ours. Raises ApiError where the key may not ask."""
    clock, found = clock_of(api), {}
    ids = list(dict.fromkeys(finding.id for finding in drift.findings if finding.id))[:MOST]
    for number, object_id in enumerate(ids):
        if number:
            clock.sleep(BETWEEN)
        touch = next(_of(object_id, api), None)
        if touch is not None:
            found[object_id] = touch
    return found


def _of(object_id: str, api: Api) -> Iterator[Touch]:
    """The newest first."""
    asked = {
        "LookupAttribute": [{"Key": "ResourceName", "Value": object_id}], "MaxResults": "50", "Direction": "BACKWARD",
    }  # fmt: skip
    answer = api.send(Request("LookupEvents", asked, Product.ACTIONTRAIL))
    for event in answer.get("Events") or ():
        told = {str(key).casefold(): value for key, value in event.items()}  # the case of keys varies with the product
        is_write = str(told.get("eventrw", "")).casefold() == "write" and not told.get("errorcode")
        if is_write and not str(told.get("useragent", "")).startswith(OURS):
            yield _touch(told)


def _touch(told: Mapping[str, object]) -> Touch:
    identity = told.get("useridentity")
    who = {str(key).casefold(): value for key, value in identity.items()} if isinstance(identity, Mapping) else {}
    user = str(who.get("username") or who.get("principalid") or who.get("type") or "")
    return Touch(user, str(told.get("eventname", "")), str(told.get("useragent", "")), _moment(told.get("eventtime")))


def _moment(text: object) -> float:
    for form in _FORMS:
        try:
            return datetime.strptime(str(text), form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    return 0.0
