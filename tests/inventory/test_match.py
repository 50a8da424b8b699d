"""Which live object is which address: by its tag, by the exact name of a member, by `adopt`; nothing is guessed."""

import pytest

from ecsplan.inventory.match import Match, match
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.kind import Detail, Listing
from ecsplan.model.stack import Move
from tests.builders import BOX, KINDS, SHELF, a_box, a_resource, a_stack, at, ref

TRAYS = Listing("ListTrays", "Trays.Tray", "TrayId", "Name", parent="BoxId")
TRAY = replace(SHELF, name="tray", listing=TRAYS)
WITH_TRAYS = replace(
    BOX, listing=replace(BOX.listing, details=(Detail("@trays", "ListTrays", "Trays.Tray", key="BoxId"),))
)
ALL = {**KINDS, "box": WITH_TRAYS, "tray": TRAY}


def a_raw(object_id: str, address: str = "", name: str = "", stack: str = "lab", **more) -> dict:
    """What a list answers; without an address it is nobody's."""
    tags = {"ecsplan:stack": stack, "ecsplan:address": address} if address else {}
    tags |= more.pop("tags", {})
    field = {"sh": "ShelfId", "bx": "BoxId", "tr": "TrayId"}[object_id[:2]]
    return {
        field: object_id,
        "Name": name or f"name-of-{object_id}",
        "CreationTime": more.pop("born", "2026-01-01T00:00Z"),
        "Tags": {"Tag": [{"Key": key, "Value": value} for key, value in tags.items()]},
        **more,
    }


def matched(stack, *raws: dict) -> Match:
    kinds = {"sh": "shelf", "bx": "box", "tr": "tray"}
    lists: dict[str, list] = {"box": [], "shelf": [], "tray": []}
    for raw in raws:
        own = raw.get("TrayId") or raw.get("ShelfId") or raw["BoxId"]
        lists[kinds[own[:2]]].append(raw)
    return match(lists, ALL, stack)


def ids(found) -> dict[str, str]:
    pairs = found.items() if isinstance(found, dict) else found
    return {str(address): obj.id for address, obj in pairs}


def a_group(count: int, *refs: str):
    """box.a with so many members; `refs` are members that something refers to."""
    lids = (a_box("box.lid", lids=tuple(map(ref, refs))),) if refs else ()
    return a_stack(*(a_box(f"box.a[{number}]") for number in range(count)), *lids)


def members(*numbers: int) -> list[dict]:
    return [a_raw(f"bx-{number}", "box.a", f"lab-a-{number:04d}") for number in numbers]


def test_an_object_is_the_address_that_its_tag_says():
    assert ids(matched(a_stack(a_resource()), a_raw("sh-1", "shelf.main")).matched) == {"shelf.main": "sh-1"}


def test_what_is_not_ours_is_nobody():
    found = matched(a_stack(a_resource()), a_raw("sh-1"), a_raw("sh-2", "shelf.main", stack="other"))
    assert not found.matched and not found.orphans and len(found.objects) == 2


def test_what_is_no_longer_declared_is_an_orphan():
    assert ids(matched(a_stack(), a_raw("sh-1", "shelf.old")).orphans) == {"shelf.old": "sh-1"}


def test_two_that_carry_one_address_are_a_question_about_that_address_alone():
    stack = a_stack(a_resource(), a_resource("shelf.other"))
    found = matched(stack, *(a_raw(f"sh-{n}", "shelf.main") for n in (1, 2)), a_raw("sh-3", "shelf.other"))
    assert ids(found.matched) == {"shelf.other": "sh-3"} and not found.orphans
    assert {obj.id for obj in found.questions[at("shelf.main")][0].objects} == {"sh-1", "sh-2"}


def test_what_is_retired_is_no_address():
    old = a_raw("sh-1", "shelf.main", tags={"ecsplan:retired": "true"})
    found = matched(a_stack(a_resource()), old, a_raw("sh-2", "shelf.main"))
    assert ids(found.matched) == {"shelf.main": "sh-2"} and ids(found.retired) == {"shelf.main": "sh-1"}


class TestGroups:
    def test_members_are_told_apart_by_their_exact_names(self):
        assert ids(matched(a_group(2), *members(1, 0)).matched) == {"box.a[0]": "bx-0", "box.a[1]": "bx-1"}

    def test_a_member_may_carry_an_address_of_its_own(self):
        assert ids(matched(a_group(1), a_raw("bx-0", "box.a[0]", "anything")).matched) == {"box.a[0]": "bx-0"}

    def test_members_beyond_the_count_go(self):
        found = matched(a_group(1), *members(0, 1, 12))
        assert ids(found.orphans) == {"box.a[1]": "bx-1", "box.a[12]": "bx-12"}

    @pytest.mark.parametrize("name", ["mine", "my-db-2024", "lab-a", "lab-a-1", "lab-a-00001x", "other-a-0007"])
    def test_a_machine_with_no_members_name_is_never_deleted_by_inference(self, name):
        found = matched(a_group(2), *members(0, 1), a_raw("bx-x", "box.a", name))
        assert ids(found.strangers) == {"box.a": "bx-x"} and not found.orphans

    def test_one_that_was_renamed_is_the_one_that_is_missing(self):
        found = matched(a_group(3), *members(0, 2), a_raw("bx-x", "box.a", "mine"))
        assert ids(found.matched)["box.a[1]"] == "bx-x" and not found.strangers

    def test_not_when_two_are_missing(self):
        found = matched(a_group(3), *members(0), a_raw("bx-x", "box.a", "mine"))
        assert ids(found.strangers) == {"box.a": "bx-x"} and len(found.matched) == 1

    def test_not_when_two_could_be_it(self):
        found = matched(a_group(2), *members(0), a_raw("bx-x", "box.a", "mine"), a_raw("bx-y", "box.a", "yours"))
        assert len(found.strangers) == 2 and len(found.matched) == 1

    def test_not_when_something_refers_to_that_member(self):
        found = matched(a_group(2, "box.a[1]"), *members(0), a_raw("bx-x", "box.a", "mine"))
        assert ids(found.strangers) == {"box.a": "bx-x"}

    def test_when_something_refers_to_another_member_it_is(self):
        found = matched(a_group(2, "box.a[0]"), *members(0), a_raw("bx-x", "box.a", "mine"))
        assert ids(found.matched)["box.a[1]"] == "bx-x"

    def test_a_name_that_only_looks_like_a_present_member_is_no_second_one(self):
        found = matched(a_group(2), *members(0, 1), a_raw("bx-x", "box.a", "other-0001"))
        assert ids(found.strangers) == {"box.a": "bx-x"} and len(found.matched) == 2

    def test_members_whose_group_got_another_name_are_told_by_their_numbers(self):
        old = [a_raw(f"bx-{number}", "box.a", f"old-{number:04d}") for number in (0, 1)]
        assert ids(matched(a_group(2), *old).matched) == {"box.a[0]": "bx-0", "box.a[1]": "bx-1"}

    def test_a_whole_group_that_is_gone_from_the_file_goes(self):
        assert ids(matched(a_stack(), *members(0, 1)).orphans) == {"box.a[0]": "bx-0", "box.a[1]": "bx-1"}

    def test_a_group_that_became_one_thing_keeps_one(self):
        found = matched(a_stack(a_box()), *members(0, 1, 2))
        assert ids(found.matched) == {"box.a": "bx-0"}
        assert ids(found.orphans) == {"box.a[1]": "bx-1", "box.a[2]": "bx-2"}

    def test_one_thing_that_became_a_group_is_its_first_member(self):
        found = matched(a_group(3), a_raw("bx-x", "box.a", "lab-a"))
        assert ids(found.matched) == {"box.a[0]": "bx-x"} and not found.strangers


class TestMoves:
    def moved(self, *moves: tuple[str, str], to: tuple = (), raws: tuple = ()) -> Match:
        pairs = tuple(Move(at(before), at(after)) for before, after in moves)
        return matched(replace(a_stack(*to), moved=pairs), *raws)

    def test_a_single_thing(self):
        found = self.moved(("shelf.old", "shelf.main"), to=(a_resource(),), raws=(a_raw("sh-1", "shelf.old"),))
        assert ids(found.matched) == {"shelf.main": "sh-1"} and found.moved_from == {at("shelf.main"): at("shelf.old")}

    def test_a_member_becomes_a_thing_of_its_own(self):
        to = (a_box("box.db"), a_box("box.a[1]"))
        found = self.moved(("box.a[0]", "box.db"), to=to, raws=tuple(members(0, 1)))
        assert ids(found.matched) == {"box.db": "bx-0", "box.a[1]": "bx-1"}

    def test_a_thing_becomes_a_member(self):
        found = self.moved(("box.db", "box.a[0]"), to=(a_box("box.a[0]"),), raws=(a_raw("bx-1", "box.db"),))
        assert ids(found.matched) == {"box.a[0]": "bx-1"}

    def test_a_whole_group_whose_members_share_its_address(self):
        to = (a_box("box.b[0]"), a_box("box.b[1]"))
        found = self.moved(("box.a", "box.b"), to=to, raws=tuple(members(0, 1)))
        assert ids(found.matched) == {"box.b[0]": "bx-0", "box.b[1]": "bx-1"}

    def test_a_whole_group_whose_members_have_addresses_of_their_own(self):
        raws = (a_raw("bx-1", 'box.a["x"]'), a_raw("bx-2", "box.a[7]"))
        found = self.moved(("box.a", "box.b"), to=(a_box('box.b["x"]'), a_box("box.b[7]")), raws=raws)
        assert ids(found.matched) == {'box.b["x"]': "bx-1", "box.b[7]": "bx-2"}

    def test_what_moved_already_moves_no_more(self):
        found = self.moved(("shelf.old", "shelf.main"), to=(a_resource(),), raws=(a_raw("sh-1", "shelf.main"),))
        assert ids(found.matched) == {"shelf.main": "sh-1"} and not found.moved_from

    def test_moving_onto_something_that_is_there_is_not_guessed_at(self):
        raws = (a_raw("sh-1", "shelf.old"), a_raw("sh-2", "shelf.main"))
        found = self.moved(("shelf.old", "shelf.main"), to=(a_resource(),), raws=raws)
        assert not found.matched and not found.orphans and at("shelf.main") in found.questions


class TestAdoption:
    STACK = a_stack(a_resource(adopt="sh-1"))

    def test_what_nobody_owns_is_adopted(self):
        assert ids(matched(self.STACK, a_raw("sh-1")).matched) == {"shelf.main": "sh-1"}

    def test_once_owned_it_counts_no_more(self):
        assert ids(matched(self.STACK, a_raw("sh-2", "shelf.main")).matched) == {"shelf.main": "sh-2"}

    @pytest.mark.parametrize(
        ("raws", "problem"),
        [
            ((), "there is no shelf sh-1 in here"),
            ((a_raw("sh-1", "shelf.main", stack="other"),), "sh-1 belongs to shelf.main of stack other"),
        ],
    )
    def test_what_is_missing_or_anothers_is_a_question(self, raws, problem):
        found = matched(self.STACK, *raws)
        assert problem in found.questions[at("shelf.main")][0].summary and not found.matched

    def test_what_the_file_declares_no_more_may_be_adopted_again(self):
        found = matched(self.STACK, a_raw("sh-1", "shelf.old"))
        assert ids(found.matched) == {"shelf.main": "sh-1"} and not found.orphans

    def test_one_thing_is_not_adopted_twice(self):
        both = a_stack(a_resource(adopt="sh-1"), a_resource("shelf.other", adopt="sh-1"))
        with pytest.raises(Rejected, match="sh-1"):
            matched(both, a_raw("sh-1"))

    def test_a_part_of_somebodys_thing_may_become_a_thing_of_its_own(self):
        stack = a_stack(a_resource("tray.t", adopt="tr-1"))
        assert ids(matched(stack, a_raw("tr-1", "box.a", BoxId="bx-1")).matched) == {"tray.t": "tr-1"}


class TestParts:
    """A tray that carries a box's address is part of that box."""

    def test_a_part_is_nothing_of_its_own(self):
        found = matched(a_stack(a_box()), a_raw("bx-1", "box.a"), a_raw("tr-1", "box.a", BoxId="bx-1"))
        assert ids(found.matched) == {"box.a": "bx-1"} and not found.orphans

    def test_a_part_whose_box_is_gone_from_the_file_too_is_an_orphan(self):
        assert ids(matched(a_stack(), a_raw("tr-1", "box.a")).orphans) == {"box.a": "tr-1"}

    def test_a_part_of_members_that_share_an_address_is_given_to_none(self):
        found = matched(a_group(2), *members(0, 1), a_raw("tr-1", "box.a"))
        assert all("@trays" not in obj.raw for obj in found.matched.values())


def test_the_order_of_the_lists_means_nothing():
    raws = [
        *members(0, 1, 2, 7),
        a_raw("bx-x", "box.a", "mine"),
        a_raw("sh-1", "shelf.main"),
        a_raw("sh-2", "shelf.old"),
    ]
    stack = a_stack(a_resource(), *(a_box(f"box.a[{number}]") for number in range(3)))
    assert matched(stack, *raws) == matched(stack, *reversed(raws))


def test_a_part_whose_box_is_declared_and_gone_waits_for_the_new_one():
    found = matched(a_stack(a_box()), a_raw("tr-1", "box.a"))
    assert ids(found.loose) == {"box.a": "tr-1"} and not found.orphans
