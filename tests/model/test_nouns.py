"""The nouns of plan and report: what they tell of themselves."""

import pytest

from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import ApiError, Product, Wait, until
from ecsplan.model.change import UNKNOWN, Action, AttributeChange, Change
from ecsplan.model.diagnostic import Diagnostic, Refused, Rejected, Severity, SourceRange
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Update
from ecsplan.model.plan import Outcome, Report, Status, StepId
from ecsplan.model.resource import Lifecycle
from ecsplan.model.values import Text
from tests.builders import a_kind, a_plan, a_resource, a_stack, a_step, an_object, at, ref


def test_a_kind_that_leaves_open_how_an_attribute_changes_does_not_load():
    with pytest.raises(TypeError, match=r"shelf: no Update names depth and it is not fixed"):
        a_kind(attributes=(Attribute("depth", "Depth", Text()),), updates=())


def test_a_kind_whose_updates_name_what_it_does_not_have_does_not_load():
    with pytest.raises(TypeError, match="updates name unknown attributes"):
        a_kind(attributes=())


def test_a_kind_whose_update_cannot_spell_an_attribute_does_not_load():
    with pytest.raises(TypeError, match="ModifyShelf does not say what depth is on the wire"):
        a_kind(attributes=(Attribute("depth", None, Text()),), updates=(Update("ModifyShelf", ("depth",)),))


def test_a_new_object_is_named_by_a_reference_until_it_has_an_id():
    born = Change(at("shelf.main"), Action.CREATE, None, a_resource(width=3))
    there = Change(at("shelf.main"), Action.UPDATE, an_object(width=2), a_resource(width=3))
    again = Change(at("shelf.main"), Action.REPLACE, an_object(width=2), a_resource(width=3))
    assert (born.id, there.id, again.id) == (ref("shelf.main"), "sh-main", ref("shelf.main"))
    assert (born.live("width"), there.live("width"), there.desired("width"), there.kind) == (None, 2, 3, "shelf")


def test_a_change_finds_its_lines_by_name():
    line = AttributeChange("width", 1, 2)
    assert Change(at("shelf.main"), Action.UPDATE, attributes=(line,)).attributes_by_name == {"width": line}
    assert repr(UNKNOWN) == "(not readable)"


@pytest.mark.parametrize(
    ("ignored", "attribute", "ignores"),
    [
        (("tags.owner",), "tags.owner", True),
        (("tags",), "tags.owner", True),
        (("tag",), "tags", False),
        ((), "x", False),
    ],
)
def test_a_block_that_is_ignored_is_ignored_as_a_whole(ignored, attribute, ignores):
    assert Lifecycle(ignore_changes=ignored).ignores(attribute) is ignores


def test_a_timeout_is_the_declared_one_or_the_usual():
    lifecycle = Lifecycle(timeouts=(("create", 60.0),))
    assert (lifecycle.timeout("create"), lifecycle.timeout("delete")) == (60.0, 1200.0)


def test_the_place_of_an_attribute_is_its_own_or_the_nearest_around_it():
    resource = a_resource()
    places = {"disk": SourceRange("s.yaml", 3, 5)}
    placed = type(resource)(resource.address, {}, "x", source=SourceRange("s.yaml", 1, 1), sources=places)
    assert placed.source_of("disk.size").line == 3 and placed.source_of("name").line == 1


def test_an_inventory_is_asked_by_kind():
    shelf, box = an_object(), an_object("box.a")
    assert Inventory("here", (shelf, box)).of_kind("box") == (box,)


def test_a_diagnostic_says_where_who_and_what():
    found = Diagnostic("is wrong", "do right", SourceRange("s.yaml", 3, 5), at("box.a"), Severity.WARNING)
    assert str(found) == "s.yaml:3:5: warning: box.a: is wrong\n  do right"
    assert str(Diagnostic("is wrong")) == "error: is wrong"


@pytest.mark.parametrize("kind", [Rejected, Refused])
def test_problems_are_raised_together(kind):
    assert str(kind([Diagnostic("one"), Diagnostic("two")])) == "error: one\nerror: two"


def test_an_api_error_names_the_request_for_support():
    assert str(ApiError("Op", "Code", "words", request_id="r-1")) == "Op: Code: words (request r-1)"
    assert Product.VPC.version == "2016-04-28"


def test_until_waits_for_a_status_and_more():
    assert until("On", Meta__Tokens="required") == Wait((("Status", ("On",)), ("Meta.Tokens", ("required",))))
    assert until(Size=40).conditions == (("Size", (40,)),)


@pytest.mark.parametrize("impact", Impact)
def test_every_impact_has_words(impact):
    assert impact.text


def test_a_plan_knows_whether_it_does_anything():
    quiet = Change(at("shelf.main"), Action.NOOP)
    made = Change(at("box.a"), Action.CREATE)
    assert a_plan(changes=(quiet,)).is_empty and not a_plan(a_step("create box.a"), changes=(quiet, made)).is_empty
    assert a_plan(a_step("create box.a")).calls == 1 and not a_plan().is_destroy
    assert str(StepId("box.a", "update", 2)) == "update box.a #2"


def test_a_report_is_complete_when_everything_is_done():
    outcomes = {status: Outcome(StepId("box.a", "create"), (), status) for status in Status}
    assert Report((outcomes[Status.DONE],)).is_complete
    assert not Report((outcomes[Status.SKIPPED],)).is_complete and not Report((), interrupted=True).is_complete
    assert Report(tuple(outcomes.values())).failed == (outcomes[Status.FAILED],)


def test_a_stack_is_asked_by_address():
    assert a_stack(a_resource()).by_address() == {at("shelf.main"): a_resource()}
