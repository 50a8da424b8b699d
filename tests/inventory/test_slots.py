"""Which disk or interface is which slot of a machine, and which is none of its business."""

from typing import Any

import pytest

from ecsplan.inventory.listed import Lists
from ecsplan.inventory.match import Match, match
from ecsplan.kinds import load_kinds
from ecsplan.kinds._disk_rows import DataDisks
from ecsplan.kinds._instance_interfaces import NetworkInterfaces
from ecsplan.model.address import Part
from ecsplan.model.identity import Known
from ecsplan.model.ownership import record_marks
from ecsplan.model.record import lines_of, texts
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.slots import SLOTS_OF
from ecsplan.model.stack import Move, Stack
from tests.builders import at, ref

KINDS = load_kinds()
WEB = at("instance.web")
BORN, LATER = "2026-01-01T00:00Z", "2026-01-03T00:00:07Z"
OURS = {"ecsplan:instance": "lab/instance.web"}
DISKS, INTERFACES = "data_disks", "network_interfaces"


def a_tag(tags: dict[str, str]) -> dict[str, Any]:
    return {"Tag": [{"TagKey": key, "TagValue": text} for key, text in tags.items()]}


def slot(size: int = 40, **more: Any) -> dict[str, Any]:
    return {"category": "cloud_essd", "size": size, **more}


def a_machine(applied: dict[str, Any] | None = None, tags: dict[str, str] | None = None) -> dict[str, Any]:
    """`applied` are the slots that the last apply knew, None for those that the file has."""
    kind = KINDS["instance"]
    record = record_marks(texts(kind, lines_of(kind, {DISKS: DataDisks().parse(applied or {})}), 3))
    marks = {f"ecsplan:instance:{name}": text for name, text in record.items()}
    own = OURS | marks if tags is None else tags
    return {"InstanceId": "i-1", "InstanceName": "lab-web", "CreationTime": BORN, "Tags": a_tag(own)}


def a_disk(object_id: str, name: str = "", size: int = 40, tags: dict[str, str] | None = None, **more: Any) -> Any:
    """Born with the machine, unless it is told otherwise."""
    found = {"DiskId": object_id, "DiskName": name, "Type": "data", "Category": "cloud_essd", "Size": size}
    found |= {"InstanceId": "i-1", "DeleteWithInstance": True, "CreationTime": BORN, "Status": "In_use"}
    return {**found, "Tags": a_tag(OURS if tags is None else tags), **more}


def marked(place: str) -> dict[str, str]:
    return {"ecsplan:disk": f"lab/{place}"}


def told(
    slots: dict[str, Any] | None, *disks: dict[str, Any], machine: dict[str, Any] | None = None, **more: Any
) -> Match:
    """What comes of a machine `instance.web` with these declared slots; `more` are fields of the Stack."""
    attributes = {} if slots is None else {DISKS: DataDisks().parse(slots)}
    resources = [Resource(WEB, attributes, "lab-web", adopt=more.pop("adopt", None)), *more.pop("blocks", ())]
    machine = machine or a_machine(slots)
    of_it = [disk for disk in disks if disk["InstanceId"] == "i-1"]
    raws = {"instance": [{**machine, "@disks": of_it, "@interfaces": []}], "disk": list(disks)}
    known = more.pop("known", Known())
    return match(raws, KINDS, Stack("lab", "here", tuple(resources), **more), known)


def seats(found: Match, of: str = DISKS) -> dict[str, str]:
    """The id in each slot, declared or not."""
    (one,) = [seat for seat in found.seats if seat.spec.attribute == of]
    return {place: part.id for place, part in (*one.taken.items(), *one.gone.items())}


def foreign(found: Match) -> list[str]:
    return [part.id for seat in found.seats for part in seat.foreign]


def named(objects: list[LiveObject]) -> list[str]:
    return [obj.id for obj in objects]


class TestByMark:
    def test_it_tells_a_slot_whatever_the_name(self):
        one = a_disk("d-1", "data", tags=marked("instance.web.data_disks.logs"))
        two = a_disk("d-2", "logs", tags=marked("instance.web.data_disks.data"))
        assert seats(told({"data": slot(), "logs": slot()}, one, two)) == {"data": "d-2", "logs": "d-1"}

    def test_what_a_block_has_marked_is_no_slot_even_where_a_rule_copied_the_machines_marks_onto_it(self):
        disk = a_disk("d-1", "data", tags=OURS | marked("disk.db"))
        found = told({"data": slot()}, disk, blocks=(Resource(at("disk.db"), {}, "lab-db"),))
        assert seats(found) == {} and foreign(found) == ["d-1"] and found.matched[at("disk.db")].id == "d-1"

    def test_so_it_is_where_its_block_is_another_stacks(self):
        found = told({"data": slot()}, a_disk("d-1", "data", tags={"ecsplan:disk": "net/disk.db"}))
        assert seats(found) == {} and foreign(found) == ["d-1"]

    def test_one_that_hangs_nowhere_is_still_the_slots(self):
        disk = a_disk("d-1", "data", tags=marked("instance.web.data_disks.data"), InstanceId="", Status="Available")
        found = told({"data": slot()}, disk)
        assert seats(found) == {"data": "d-1"} and not found.doubtful()

    @pytest.mark.parametrize(
        ("ids", "is_doubtful"), [({}, True), ({"d-1": Part(WEB, DISKS, "data")}, False), ({"d-1": WEB}, False)]
    )
    def test_if_only_its_mark_speaks_for_it_that_is_said(self, ids, is_doubtful):
        tags = marked("instance.web.data_disks.data")
        disk = a_disk("d-1", "payments", tags=tags, InstanceId="", Status="Available")
        assert bool(told({"data": slot()}, disk, known=Known(ids)).doubtful()) is is_doubtful

    def test_of_two_with_one_mark_the_one_that_hangs_there_is_it(self):
        tags = marked("instance.web.data_disks.data")
        free = a_disk("d-1", "data", tags=tags, InstanceId="", Status="Available")
        assert (
            seats(told({"data": slot()}, free, a_disk("d-2", "data", tags=tags, CreationTime=LATER)))["data"] == "d-2"
        )

    def test_one_that_hangs_on_another_machine_is_a_question(self):
        disk = a_disk("d-1", "data", tags=marked("instance.web.data_disks.data"), InstanceId="i-9")
        assert "hangs on i-9" in told({"data": slot()}, disk).questions[WEB][0].summary

    def test_the_mark_that_a_half_done_move_has_left_is_followed_and_written_anew(self):
        found = told({"data": slot()}, a_disk("d-1", "data", tags=marked("instance.old.data_disks.data")))
        (placed,) = found.placed[WEB]
        assert seats(found) == {"data": "d-1"} and str(placed.place) == "instance.web.data_disks.data"


class TestBornWithTheMachine:
    def test_its_name_tells_the_slot(self):
        assert seats(told({"data": slot(), "logs": slot()}, a_disk("d-1", "logs"), a_disk("d-2", "data"))) == {
            "data": "d-2", "logs": "d-1",
        }  # fmt: skip

    def test_a_declared_name_does_too(self):
        assert seats(told({"data": slot(name="shop")}, a_disk("d-1", "shop"))) == {"data": "d-1"}

    def test_the_one_that_is_left_over_is_the_slot_that_is_left_over_however_it_is_called_now(self):
        assert seats(told({"data": slot(), "logs": slot()}, a_disk("d-1", "logs"), a_disk("d-2", "mine"))) == {
            "data": "d-2", "logs": "d-1",
        }  # fmt: skip

    def test_two_that_are_left_over_are_not_guessed_at(self):
        found = told({"data": slot(), "logs": slot()}, a_disk("d-1", "mine"), a_disk("d-2", "yours"))
        assert seats(found) == {} and foreign(found) == []

    @pytest.mark.parametrize(
        "more",
        [
            {"tags": {}},
            {"CreationTime": LATER},
            {"tags": {"csi": "pv-1"}},
            {"tags": {"ecsplan:instance": "net/instance.web"}},
        ],
        ids=["no marks", "made later", "somebody else's", "another stack's"],
    )
    def test_what_was_not_born_with_it_fills_no_slot(self, more):
        found = told({"data": slot()}, a_disk("d-1", "data", **more))
        assert seats(found) == {} and foreign(found) == ["d-1"]

    def test_one_with_its_marks_that_was_made_later_is_suspicious(self):
        assert named([obj for _, obj in told({}, a_disk("d-1", "data", CreationTime=LATER)).suspicious]) == ["d-1"]

    def test_a_slot_that_was_applied_and_is_gone_from_the_file_goes(self):
        found = told({}, a_disk("d-1", "data"), machine=a_machine({"data": slot()}))
        assert seats(found) == {"data": "d-1"}

    def test_one_that_was_in_no_slot_stays(self):
        """The disks of an image are made with the machine too."""
        found = told({}, a_disk("d-1", "data"))
        assert seats(found) == {} and foreign(found) == [] and named(found.seats[0].spare) == ["d-1"]

    def test_one_on_a_machine_that_is_gone_from_the_list_comes_after_one_that_hangs_here(self):
        """A replaced machine may go while the lists are read."""
        found = told({"data": slot()}, a_disk("d-1", "data", InstanceId="i-0"), a_disk("d-2", "data"))
        assert seats(found) == {"data": "d-2"} and not found.questions

    def test_one_that_was_detached_by_hand_is_put_back(self):
        disk = a_disk("d-1", "data", InstanceId="", Status="Available")
        assert seats(told({"data": slot()}, disk)) == {"data": "d-1"}


FREE = {"InstanceId": "", "Status": "Available"}


class TestDetached:
    """Parts that carry the marks of a machine that lives, and do not hang on it."""

    def test_of_one_that_was_renamed_too_nothing_tells_and_nothing_is_made_or_deleted_for_it(self):
        found = told({"data": slot()}, a_disk("d-1", "payments", **FREE))
        assert "instance.web.data_disks.data is not there, and disk d-1 (payments)" in found.questions[WEB][0].summary
        assert seats(found) == {} and not found.orphans and named([obj for _, obj in found.strangers]) == ["d-1"]

    def test_one_whose_slot_is_gone_from_the_file_is_the_slots(self):
        found = told({}, a_disk("d-1", "data", **FREE), machine=a_machine({"data": slot()}))
        assert seats(found) == {"data": "d-1"} and not found.orphans

    def test_one_that_was_in_no_slot_is_left_alone(self):
        found = told({}, a_disk("d-1", "data", **FREE))
        assert named([obj for _, obj in found.suspicious]) == ["d-1"] and not found.orphans

    def test_a_younger_one_was_made_of_a_copy_of_the_marks(self):
        found = told({"data": slot()}, a_disk("d-1", "data"), a_disk("d-2", "data", CreationTime=LATER, **FREE))
        assert seats(found) == {"data": "d-1"} and not found.orphans
        assert named([obj for _, obj in found.suspicious]) == ["d-2"]

    def test_a_copy_of_a_slots_own_mark_is_a_copy(self):
        tags = marked("instance.web.data_disks.data")
        found = told({"data": slot()}, a_disk("d-1", "x", tags=tags), a_disk("d-2", "data", tags=tags, **FREE))
        assert seats(found) == {"data": "d-1"} and named([obj for _, obj in found.copies]) == ["d-2"]
        assert not found.orphans

    def test_what_outlived_an_earlier_machine_is_put_back_where_its_name_says(self):
        disk = a_disk("d-1", "data", CreationTime="2025-01-01T00:00Z", DeleteWithInstance=False, **FREE)
        assert seats(told({"data": slot()}, disk)) == {"data": "d-1"}

    def test_one_that_hangs_on_another_machine_is_asked_about_and_no_more(self):
        found = told({"data": slot()}, a_disk("d-1", "data", InstanceId="i-9"))
        assert "hangs on i-9" in found.questions[WEB][0].summary and not found.strangers


class TestTwins:
    """What hangs on the machine, and would be in a slot, had it the slot's marks."""

    def twins(self, *disks: dict[str, Any], **more: Any) -> dict[str, list[str]]:
        found = told({"data": slot()}, *disks, **more)
        return {str(place): [part.id for part in parts] for place, parts in found.part_twins().items()}

    def test_what_is_called_like_the_slot_or_known_as_it_or_born_with_the_machine_may_be_it(self):
        place = "instance.web.data_disks.data"
        assert self.twins(a_disk("d-1", "data", tags={}, CreationTime=LATER)) == {place: ["d-1"]}
        assert self.twins(a_disk("d-1", "mine", tags={})) == {place: ["d-1"]}
        known = Known({"d-1": Part(WEB, DISKS, "data")})
        assert self.twins(a_disk("d-1", "mine", tags={}, CreationTime=LATER), known=known) == {place: ["d-1"]}

    def test_so_are_several_that_were_born_with_it_and_of_which_none_is_called_like_the_slot(self):
        disks = (a_disk("d-1", "mine"), a_disk("d-2", "yours"), a_disk("d-3", "other", 60))
        assert self.twins(*disks) == {"instance.web.data_disks.data": ["d-1", "d-2"]}

    def test_what_has_no_tags_and_is_as_the_slot_would_be_made_may_have_been_released_for_it(self):
        assert self.twins(a_disk("d-1", "lab-data", tags={}, CreationTime=LATER))
        assert not self.twins(a_disk("d-1", "lab-data", 60, tags={}, CreationTime=LATER))

    @pytest.mark.parametrize(
        "tags", [{"csi": "pv-1"}, {"ecsplan:disk": "lab/disk.db"}, {"ecsplan:disk": "net/disk.db"}]
    )
    def test_what_others_attached_or_own_is_none(self, tags):
        assert self.twins(a_disk("d-1", "pv-1", tags=tags, CreationTime=LATER)) == {}


class TestAdopted:
    def adopted(self, slots: dict[str, Any], *disks: dict[str, Any], **more: Any) -> Match:
        return told(slots, *disks, machine=a_machine(tags={}), adopt="i-1", **more)

    def test_by_name_then_as_the_only_one_then_by_what_it_is(self):
        nobodys: dict[str, str] = {}
        by_name = self.adopted(
            {"data": slot(), "logs": slot()}, *(a_disk(f"d-{n}", n, tags=nobodys) for n in ("logs", "x"))
        )
        assert seats(by_name) == {"logs": "d-logs", "data": "d-x"}
        assert seats(self.adopted({"data": slot()}, a_disk("d-1", "any", 60, nobodys))) == {"data": "d-1"}
        alike = self.adopted(
            {"data": slot(40), "logs": slot(20)}, *(a_disk(f"d-{n}", "", n, nobodys) for n in (20, 40))
        )
        assert seats(alike) == {"data": "d-40", "logs": "d-20"}

    def test_each_is_marked(self):
        found = self.adopted({"data": slot()}, a_disk("d-1", "data", tags={}))
        assert [str(placed.place) for placed in found.placed[WEB]] == ["instance.web.data_disks.data"]

    def test_what_a_block_of_the_file_adopts_is_no_slot(self):
        block = Resource(at("disk.media"), {}, "lab-media", adopt="d-2")
        found = self.adopted({"data": slot()}, *(a_disk(f"d-{n}", "", tags={}) for n in (1, 2)), blocks=(block,))
        assert seats(found) == {"data": "d-1"} and foreign(found) == ["d-2"]

    def test_what_fits_no_slot_is_foreign(self):
        assert foreign(self.adopted({}, a_disk("d-1", "data", tags={}))) == ["d-1"]


GONE = {"aa": slot()}


class TestRearranged:
    def test_one_slot_out_and_one_in_that_its_disk_could_be(self):
        found = told({"cc": slot(60)}, a_disk("d-1", "aa"), machine=a_machine(GONE))
        (placed,) = found.placed[WEB]
        assert seats(found) == {"cc": "d-1"} and str(placed.was) == "instance.web.data_disks.aa"

    def test_not_one_that_it_could_not_be(self):
        found = told({"cc": slot(20)}, a_disk("d-1", "aa"), machine=a_machine(GONE))
        assert seats(found) == {"aa": "d-1"} and not found.placed

    def test_of_several_the_file_has_to_say(self):
        both = {"aa": slot(), "bb": slot()}
        disks = (a_disk("d-1", "aa"), a_disk("d-2", "bb"))
        asked = told({"cc": slot()}, *disks, machine=a_machine(both)).questions[WEB][0]
        assert asked.detail.startswith("say which with moved: [{from: instance.web.data_disks.aa")
        move = Move(Part(WEB, DISKS, "bb"), Part(WEB, DISKS, "cc"))
        found = told({"cc": slot()}, *disks, machine=a_machine(both), moved=(move,))
        assert seats(found) == {"cc": "d-2", "aa": "d-1"} and not found.questions

    def test_a_slot_becomes_a_block(self):
        move = Move(Part(WEB, DISKS, "aa"), at("disk.aa"))
        block = Resource(at("disk.aa"), {}, "lab-aa")
        found = told({}, a_disk("d-1", "aa"), machine=a_machine(GONE), moved=(move,), blocks=(block,))
        assert seats(found) == {} and found.matched[at("disk.aa")].id == "d-1"
        assert found.moved_from[at("disk.aa")] == Part(WEB, DISKS, "aa")

    def test_a_block_becomes_a_slot(self):
        move = Move(at("disk.aa"), Part(WEB, DISKS, "aa"))
        found = told({"aa": slot()}, a_disk("d-1", "lab-aa", tags=marked("disk.aa")), moved=(move,))
        (placed,) = found.placed[WEB]
        assert seats(found) == {"aa": "d-1"} and placed.was == at("disk.aa") and not found.orphans

    def test_without_a_word_too_where_they_look_the_same(self):
        block = Resource(at("disk.aa"), {"instance": ref("instance.web"), "size": 40}, "lab-aa")
        out = told({}, a_disk("d-1", "aa"), machine=a_machine(GONE), blocks=(block,))
        assert seats(out) == {} and out.matched[at("disk.aa")].id == "d-1"
        back = told({"aa": slot()}, a_disk("d-1", "lab-aa", tags=marked("disk.aa")))
        assert seats(back) == {"aa": "d-1"} and not back.orphans

    def test_a_slot_that_is_released_is_let_go_of(self):
        released = (Part(WEB, DISKS, "aa"),)
        found = told({}, a_disk("d-1", "aa"), machine=a_machine(GONE), released=released)
        assert seats(found) == {} and named([obj for _, obj in found.released]) == ["d-1"]


PLACE = {"vswitch": "vsw-1", "security_groups": ["sg-1"]}


class TestInterfaces:
    def told(self, names: str, *interfaces: dict[str, Any]) -> Match:
        wanted = NetworkInterfaces().parse(dict.fromkeys(names.split(), PLACE))
        stack = Stack("lab", "here", (Resource(WEB, {INTERFACES: wanted}, "lab-web"),))
        machine = {**a_machine(), "@disks": [], "@interfaces": list(interfaces)}
        return match({"instance": [machine], "network_interface": list(interfaces)}, KINDS, stack)

    def one(self, object_id: str, name: str, mark: str = "", **more: Any) -> dict[str, Any]:
        tags = {"ecsplan:network_interface": f"lab/instance.web.network_interfaces.{mark}"} if mark else {}
        found = {
            "NetworkInterfaceId": object_id,
            "NetworkInterfaceName": name,
            "InstanceId": "i-1",
            "Type": "Secondary",
        }
        found |= {"DeleteOnRelease": True, "CreationTime": BORN, "VSwitchId": "vsw-1", "Tags": a_tag(tags)}
        return {**found, "SecurityGroupIds": {"SecurityGroupId": ["sg-1"]}, **more}

    def test_its_mark_tells_the_slot_then_its_name(self):
        crossed = self.told("one two", self.one("eni-1", "one", "two"), self.one("eni-2", "two", "one"))
        assert seats(crossed, INTERFACES) == {"one": "eni-2", "two": "eni-1"}
        plain = self.told("one two", self.one("eni-1", "one"), self.one("eni-2", "two"))
        assert seats(plain, INTERFACES) == {"one": "eni-1", "two": "eni-2"}

    def test_it_is_its_slots_though_a_rule_has_copied_the_marks_of_its_machine_onto_it(self):
        found = self.told("one", self.one("eni-1", "one", Tags=a_tag(OURS)))
        assert seats(found, INTERFACES) == {"one": "eni-1"} and not found.suspicious

    @pytest.mark.parametrize(
        "more",
        [
            {"CreationTime": LATER},
            {"DeleteOnRelease": False},
            {"ServiceManaged": 1},
            {"Tags": a_tag({"creator": "terway"})},
        ],
        ids=["made later", "outlives the machine", "a service runs it", "somebody else's"],
    )
    def test_what_was_not_born_with_the_machine_fills_no_slot(self, more):
        assert seats(self.told("one", self.one("eni-1", "one", **more)), INTERFACES) == {}


@pytest.mark.parametrize(("is_shared", "is_last"), [(False, True), (True, True), (False, False)])
def test_what_hangs_on_a_machine_is_written_into_lists_that_nobody_else_reads(is_shared: bool, is_last: bool) -> None:
    """Several stacks may be held against the same lists: what one of them finds is not told to the others."""
    slots = {"data": slot()}
    lists = Lists({"instance": [a_machine(slots)], "disk": [a_disk("d-a", "data")]})
    lists.is_shared = is_shared
    before = dict(lists["instance"][0])
    stack = Stack("lab", "here", (Resource(WEB, {DISKS: DataDisks().parse(slots)}, "lab-web"),))
    found = match(lists, KINDS, stack, is_last=is_last)
    assert found.matched[WEB].raw[SLOTS_OF] == {DISKS: {"data": "d-a"}, INTERFACES: {}}
    assert (lists["instance"][0] == before) is not (is_last and not is_shared)
