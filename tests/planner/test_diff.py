"""What differs, who moved, and how it can be put right: one property a test, over shelves and boxes."""

import pytest

from ecsplan.model.address import Secret, Template
from ecsplan.model.attribute import Impact
from ecsplan.model.change import UNKNOWN, Action, Cause
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.identity import Evidence
from ecsplan.model.resource import Owner
from tests.builders import a_box, a_live, a_resource, a_stack, an_object, at, changes_of, ref

SHELF = a_resource(width=3, wood="oak")


def the_change(resource, live, **more):
    return changes_of(a_stack(resource), {str(resource.address): live}, **more)[str(resource.address)]


def the_box(resource, **live):
    """The change of a box whose shelf is there, as applied but for `live`."""
    found = changes_of(a_stack(SHELF, resource), {"shelf.main": a_live(SHELF), "box.a": a_live(resource, **live)})
    return found["box.a"]


def test_what_is_as_declared_stays():
    assert the_change(SHELF, a_live(SHELF)).action is Action.NOOP


def test_what_is_not_there_is_created():
    assert changes_of(a_stack(SHELF))["shelf.main"].action is Action.CREATE


def test_what_the_file_does_not_mention_is_left_as_the_cloud_has_it():
    assert the_change(a_resource(), an_object(width=9)).action is Action.NOOP


def test_what_the_service_could_not_tell_of_differs_from_nothing():
    live = an_object(wood="oak", unread=frozenset({"width"}))
    assert the_change(SHELF, live).action is Action.NOOP
    assert the_change(SHELF, an_object(wood="oak")).action is Action.UPDATE


def test_an_attribute_that_changes_in_place_is_an_update():
    change = the_change(SHELF, a_live(SHELF, width=2))
    assert change.action is Action.UPDATE
    assert [(line.name, line.before, line.after) for line in change.attributes] == [("width", 2, 3)]


def test_an_attribute_that_cannot_change_replaces():
    change = the_change(SHELF, a_live(SHELF, wood="pine"))
    assert change.action is Action.REPLACE and change.attributes[0].forces_replacement
    assert change.impact is Impact.NEW_IDENTITY


def test_the_impact_of_a_replacement_is_the_worst_of_what_forces_it_and_of_the_deletion():
    change = the_box(a_box(material="steel"), material="tin")
    assert change.action is Action.REPLACE and change.impact is Impact.DATA_LOSS
    assert change.loses == ("what is in bx-a",)


def test_what_can_neither_change_nor_be_replaced_is_blocked_in_its_own_words():
    change = the_box(a_box(size=10), size=20)
    assert change.action is Action.UPDATE and change.blocked == ("size: no",)


def test_what_may_grow_grows():
    assert the_box(a_box(size=20), size=10).blocked == ()


@pytest.mark.parametrize(
    ("applied", "live", "cause"),
    [
        (3, 2, Cause.DRIFT),  # the file still says what was applied, the cloud does not
        (2, 2, Cause.PENDING),  # the cloud still has what was applied, the file does not
        (1, 2, Cause.BOTH),
    ],
)
def test_the_record_tells_who_moved(applied, live, cause):
    obj = a_live(a_resource(width=applied), width=live)
    assert the_change(a_resource(width=3), obj).attributes[0].cause is cause


def test_without_a_record_nobody_can_tell_who_moved():
    assert the_change(a_resource(width=3), an_object(width=2)).attributes[0].cause is Cause.UNKNOWN


def test_a_record_of_another_format_is_never_a_change():
    other = a_live(a_box(script="one"), tags={"ecsplan:box:applied": "9:abcd"}, script=None)
    stack = a_stack(SHELF, a_box(script="two"))
    assert changes_of(stack, {"shelf.main": a_live(SHELF), "box.a": other})["box.a"].action is Action.NOOP


def test_what_is_read_one_by_one_is_compared_by_the_record():
    assert the_box(a_box(script="one"), script=None).action is Action.NOOP
    live = a_live(a_box(script="one"), script=None)
    change = changes_of(a_stack(SHELF, a_box(script="two")), {"shelf.main": a_live(SHELF), "box.a": live})["box.a"]
    (line,) = change.attributes
    assert (line.before, line.after, line.cause) == (UNKNOWN, "two", Cause.PENDING)


def test_what_was_read_all_the_same_is_compared_by_its_value():
    assert the_box(a_box(script="one"), script="edited").attributes[0].before == "edited"


def test_a_live_id_of_ours_counts_as_the_reference_that_it_was():
    moved = changes_of(
        a_stack(SHELF, a_resource("shelf.other"), a_box(shelf=ref("shelf.other"))),
        {"shelf.main": a_live(SHELF), "shelf.other": an_object("shelf.other"), "box.a": a_live(a_box())},
    )
    assert moved["box.a"].attributes[0].cause is Cause.PENDING


@pytest.mark.parametrize(("ignored", "action"), [(("width",), Action.NOOP), (("wood",), Action.UPDATE)])
def test_an_ignored_attribute_is_not_compared(ignored, action):
    resource = a_resource(width=3, lifecycle={"ignore_changes": ignored})
    assert the_change(resource, a_live(resource, width=2)).action is action


@pytest.mark.parametrize(
    ("choice", "action"),
    [("replace", Action.REPLACE), ("ignore", Action.NOOP), (None, Action.UPDATE), ("reinstall", Action.UPDATE)],
)
def test_the_file_decides_what_a_changed_image_does(choice, action):
    change = the_box(a_box(image="new", lifecycle={"on_image_change": choice}), image="old")
    assert change.action is action
    assert bool(change.blocked) == (choice in (None, "reinstall"))  # a box cannot be reinstalled
    assert bool(change.notes) == (choice == "ignore")


class TestSecrets:
    BOX = a_box(password=Secret(2, env="PW"))

    def test_a_secret_changes_when_its_version_does(self):
        live = a_live(a_box(password=Secret(1, env="PW")))
        (line,) = self.change(live).attributes
        assert (line.before, line.after, line.sensitive) == (Secret(1), Secret(2, env="PW"), True)

    def test_a_secret_of_the_same_version_never_changes(self):
        assert self.change(a_live(a_box(password=Secret(2, file="elsewhere")))).action is Action.NOOP

    def test_a_secret_that_was_never_applied_is_not_readable_before(self):
        assert self.change(a_live(a_box())).attributes[0].before is UNKNOWN

    def test_a_secret_is_not_set_on_what_is_only_being_adopted(self):
        assert self.change(an_object("box.a", owner=None, shelf="sh-main")).attributes == ()

    def test_a_damaged_record_tells_no_version(self):
        assert self.change(a_live(self.BOX, tags={"ecsplan:box:applied": "2:x"})).attributes[0].before is UNKNOWN

    def change(self, live):
        return changes_of(a_stack(SHELF, self.BOX), {"shelf.main": a_live(SHELF), "box.a": live})["box.a"]


class TestTags:
    def line(self, live, *, applied=None, lifecycle=None, **desired):
        resource = a_resource(tags=tuple(sorted(desired.items())), lifecycle=lifecycle)
        before = a_resource(tags=tuple(sorted((applied if applied is not None else desired).items())))
        tags = {key: text for key, text in a_live(before).tags.items() if key.startswith("ecsplan:")}
        found = the_change(resource, an_object(tags={**tags, **live}))
        return found.attributes[0] if found.attributes else None

    def test_tags_of_others_stay(self):
        assert self.line({"a": "1", "cost": "7"}, a="1") is None

    def test_a_missing_tag_is_added_and_that_is_drift(self):
        line = self.line({"cost": "7"}, a="1")
        assert dict(line.after) == {"a": "1", "cost": "7"} and line.cause is Cause.DRIFT

    def test_a_tag_that_we_applied_and_no_longer_declare_goes(self):
        line = self.line({"a": "1", "b": "2"}, applied={"a": "1", "b": "2"}, a="1")
        assert dict(line.after) == {"a": "1"} and line.cause is Cause.PENDING

    def test_a_tag_that_somebody_gave_another_value_since_stays(self):
        assert self.line({"a": "1", "b": "theirs"}, applied={"a": "1", "b": "2"}, a="1") is None

    def test_exclusive_tags_take_everybody_elses_away(self):
        assert dict(self.line({"a": "1", "x": "9"}, lifecycle={"exclusive": ("tags",)}, a="1").after) == {"a": "1"}

    def test_an_ignored_tag_is_neither_added_nor_taken_away(self):
        assert self.line({"a": "theirs"}, lifecycle={"ignore_changes": ("tags.a",)}, a="1") is None

    def test_system_tags_are_never_touched(self):
        assert self.line({"a": "1", "acs:x": "1", "aliyun": "2"}, lifecycle={"exclusive": ("tags",)}, a="1") is None

    def test_a_tag_that_the_cloud_decides_is_filled_in_before_it_is_compared(self):
        box = a_box(tags=(("shelf", Template(("on ", ref("shelf.main", "serial")))),))
        live = a_live(box, tags={"shelf": "on 7"})
        found = changes_of(a_stack(SHELF, box), {"shelf.main": a_live(SHELF, serial="7"), "box.a": live})
        assert found["box.a"].action is Action.NOOP


class TestNewIdentity:
    """What refers to something that gets a new identity changes with it, however far away."""

    def test_it_is_a_change_in_what_refers_to_it(self):
        found = changes_of(
            a_stack(SHELF, a_box()), {"shelf.main": a_live(SHELF, wood="pine"), "box.a": a_live(a_box())}
        )
        assert found["box.a"].action is Action.REPLACE
        assert found["box.a"].attributes[0].after == ref("shelf.main")

    def test_it_goes_on_to_what_refers_to_that(self):
        boxes = (a_box(), a_box("box.lid", lids=(ref("box.a"),)))
        live = {"box.a": a_live(boxes[0]), "box.lid": a_live(boxes[1], ids={"shelf.main": "sh-main", "box.a": "bx-a"})}
        found = changes_of(a_stack(SHELF, *boxes), {"shelf.main": a_live(SHELF, wood="pine"), **live})
        assert {line.name for line in found["box.lid"].attributes} == {"shelf", "lids"}

    def test_what_refers_to_something_missing_waits_for_it(self):
        found = changes_of(a_stack(SHELF, a_box()), {"box.a": a_live(a_box(), shelf="sh-gone")})
        assert found["shelf.main"].action is Action.CREATE and found["box.a"].action is Action.REPLACE

    def test_asking_for_it_does_it(self):
        found = changes_of(
            a_stack(SHELF, a_box()),
            {"shelf.main": a_live(SHELF), "box.a": a_live(a_box())},
            replace_addresses=frozenset({at("shelf.main")}),
        )
        assert found["shelf.main"].reason == "asked for by --replace" and found["box.a"].action is Action.REPLACE

    def test_a_known_attribute_is_filled_in(self):
        box = a_box(colour=Template(("from ", ref("shelf.main", "serial"))))
        live = {"shelf.main": a_live(SHELF, serial="7"), "box.a": a_live(box, colour="from 7")}
        assert changes_of(a_stack(SHELF, box), live)["box.a"].action is Action.NOOP


def test_what_adopt_found_is_adopted():
    assert the_change(SHELF, an_object(owner=None, width=3, wood="oak")).action is Action.ADOPT


def test_what_has_moved_is_moved():
    change = the_change(SHELF, a_live(SHELF), moved_from={at("shelf.main"): at("shelf.old")})
    assert change.action is Action.MOVE and change.moved_from == at("shelf.old")


def test_protection_is_a_tag_and_changes_like_one():
    resource = a_resource(lifecycle={"prevent_destroy": True})
    assert the_change(resource, a_live(a_resource())).attributes[0].name == "lifecycle.prevent_destroy"
    assert the_change(resource, a_live(resource)).action is Action.NOOP


@pytest.mark.parametrize(
    ("live", "reason"),
    [({"is_protected": True}, "it is protected"), ({"raw": {"Nailed": True}}, "it is nailed down")],
)
def test_what_may_not_be_deleted_is_not_replaced(live, reason):
    change = the_box(a_box(material="steel"), material="tin", **live)
    assert change.action is Action.REPLACE and any(text.startswith(reason) for text in change.blocked)


@pytest.mark.parametrize(("status", "impact"), [("On", Impact.STOP_START), ("Off", Impact.NONE)])
def test_a_machine_that_is_off_is_not_stopped_again(status, impact):
    assert the_box(a_box(motor="big"), motor="small", status=status).impact is impact


def test_stopping_is_an_impact_of_its_own():
    assert the_box(a_box(state="stopped"), state="running").impacts == {Impact.STOP}


@pytest.mark.parametrize(("status", "impacts"), [("GoingOff", {Impact.STOP}), ("Off", set())])
def test_a_machine_that_is_on_its_way_to_where_the_file_wants_it_is_not_started_again(status, impacts):
    """A run was killed after its stop was sent: the state is no line of the next plan."""
    wanted = a_box(motor="big", state="stopped")
    assert the_box(wanted, motor="small", state="stopped", status=status).impacts == impacts


def test_every_line_knows_where_it_is_declared():
    resource = a_resource(width=3)
    placed = type(resource)(resource.address, resource.attributes, "x", sources={"width": SourceRange("s.yaml", 3, 5)})
    assert the_change(placed, an_object(width=2)).attributes[0].source == SourceRange("s.yaml", 3, 5)


class TestDestroy:
    LIVE = {"shelf.main": a_live(SHELF), "box.a": a_live(a_box())}  # noqa: RUF012

    def test_everything_that_is_ours_goes(self):
        found = changes_of(a_stack(SHELF, a_box()), self.LIVE, destroy=True)
        assert {key: change.reason for key, change in found.items()} == {"-box.a": "destroy", "-shelf.main": "destroy"}

    def test_what_was_never_adopted_stays(self):
        live = {"shelf.main": an_object(owner=None)}
        assert changes_of(a_stack(SHELF), live, destroy=True) == {}

    def test_strangers_go_too(self):
        stranger = an_object("box.a", "bx-odd", owner=Owner("lab", at("box.a")))
        assert "-box.a" in changes_of(a_stack(), strangers=((at("box.a"), stranger),), destroy=True)

    def test_protection_holds(self):
        live = {"shelf.main": a_live(SHELF, is_protected=True)}
        assert changes_of(a_stack(SHELF), live, destroy=True)["-shelf.main"].blocked


@pytest.mark.parametrize(("evidence", "is_doubtful"), [(Evidence.NAMED, False), (Evidence.TAGS, True)])
def test_a_replacement_deletes_what_its_tags_alone_speak_for_only_with_a_yes(evidence, is_doubtful):
    change = the_change(SHELF, a_live(SHELF, wood="pine"), evidence={"sh-main": evidence})
    assert change.is_doubtful is is_doubtful
    assert ("known by its tags only" in " ".join(change.notes)) is is_doubtful
