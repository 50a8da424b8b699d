"""What an answer tells of an object beside its attributes, and who sees the answer."""

from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change
from ecsplan.model.decoder import Decoder, at_path
from ecsplan.model.resource import Listed, LiveObject


@Decoder
def zone(raw):
    return str(raw.get("Zone") or "")


LISTED = Listed("disk", "d-1", "data", "Available", _answer={"Zone": "h"})
LIVE = LiveObject("disk", "d-1", "data", "Available", attributes={"size": 40}, _answer={"Zone": "h"})
SAVED = LiveObject("disk", "d-1", "data", "Available")


def test_a_fact_is_told_of_listed_and_live_objects_alike():
    assert LISTED.fact(zone) == LIVE.fact(zone) == "h"
    assert (LIVE.was_read, SAVED.was_read) == (True, False)


def test_what_was_not_read_tells_what_an_empty_answer_tells():
    assert SAVED.fact(zone) == ""
    assert Change(Address("disk", "a"), Action.CREATE).fact(zone) == ""
    assert Change(Address("disk", "a"), Action.UPDATE, LIVE).fact(zone) == "h"


def test_a_live_object_has_no_answer_to_look_at_and_a_listed_one_no_attributes():
    assert LISTED.raw == {"Zone": "h"}
    assert not hasattr(LIVE, "raw") and not hasattr(LISTED, "attributes")


def test_a_path_that_ends_early_leads_to_nothing():
    raw = {"Vpc": {"Id": "vpc-1"}, "Name": "web"}
    assert [at_path(raw, path) for path in ("Vpc.Id", "Vpc.Zone", "Name.Id", "None.Id")] == ["vpc-1", None, None, None]
