"""Reading the live side: whole lists, shared where they are the same; details by id only where they are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from ecsplan.inventory.decode import at_path
from ecsplan.inventory.read import Wanted, chunks, look, may_read, read_details, read_ids, read_lists
from ecsplan.inventory.requests import by_ids
from ecsplan.model.call import ApiError, ErrorClass, Request, ShortRead
from ecsplan.model.capabilities.exclusivity import Exclusivity
from ecsplan.model.copying import replace
from ecsplan.model.kind import Detail, Ids, Listing, Paging
from tests.builders import BOX, SHELF, an_object


@dataclass
class Lists:
    """Answers whole lists by operation; remembers what it was asked."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    region: str = "here"

    def send(self, request: Request) -> Mapping[str, Any]:
        self.asked.append((request.operation, request.params))
        answer = self.answers[request.operation]
        answer = answer(request) if callable(answer) else answer
        if isinstance(answer, ApiError):
            raise answer
        return answer

    def pages(
        self, request: Request, items: str, paging: Paging, size: int, item_id: str | None, *, once: bool = False
    ) -> Sequence[Any]:
        return at_path(self.send(request), items)


BOXES = {"Boxes": {"Box": [{"BoxId": "bx-1", "ShelfId": "sh-1"}, {"BoxId": "bx-2", "ShelfId": ""}]}}
SHELVES = {"Shelves": {"Shelf": [{"ShelfId": "sh-1"}]}}


def with_details(kind, *details: Detail, **listing):
    return replace(kind, listing=replace(kind.listing, details=details, **listing))


def test_every_kind_is_read_once():
    lists = Lists({"ListBoxes": BOXES, "ListShelves": SHELVES})
    found = read_lists(lists, (BOX, SHELF))
    assert {name: len(raws) for name, raws in found.items()} == {"box": 2, "shelf": 1}
    assert sorted(operation for operation, _ in lists.asked) == ["ListBoxes", "ListShelves"]


def test_kinds_that_need_the_same_list_share_it():
    lists = Lists({"ListBoxes": BOXES, "ListShelves": SHELVES})
    shelf = with_details(SHELF, Detail("@boxes", "ListBoxes", "Boxes.Box", key="ShelfId"))
    found = read_lists(lists, (BOX, shelf))
    assert [box["BoxId"] for box in found["shelf"][0]["@boxes"]] == ["bx-1"]
    assert len(lists.asked) == 2


def test_a_detail_is_joined_by_the_field_that_it_names():
    lists = Lists({"ListBoxes": BOXES, "ListShelves": SHELVES})
    box = with_details(BOX, Detail("@shelf", "ListShelves", "Shelves.Shelf", key="ShelfId", on="ShelfId"))
    first, second = read_lists(lists, (box, SHELF))["box"]
    assert first["@shelf"] == [{"ShelfId": "sh-1"}] and second["@shelf"] == []


def test_what_is_no_object_for_us_is_left_out():
    lists = Lists({"ListBoxes": BOXES})
    box = with_details(BOX, skip=lambda raw: raw["BoxId"] == "bx-1")
    assert [raw["BoxId"] for raw in read_lists(lists, (box,))["box"]] == ["bx-2"]


@pytest.mark.parametrize("code", ["ShortRead", "Throttling"])
def test_a_list_that_was_not_read_to_its_end_is_not_used(code):
    with pytest.raises(ApiError, match=code):
        read_lists(Lists({"ListBoxes": ApiError("ListBoxes", code, "no")}), (BOX,))


def wanted(*names: str, object_id: str = "bx-1", **more) -> Wanted:
    return Wanted(an_object("box.a", object_id), frozenset(names), **more)


class TestDetails:
    KIND = with_details(
        BOX, Detail("@x", "GetX", "Xs.X", key="BoxId", ids=Ids("Ids", "list", 2), attributes=("script",))
    )
    ANSWER = {"Xs": {"X": [{"BoxId": "bx-1", "n": 1}, {"BoxId": "bx-2", "n": 2}]}}  # noqa: RUF012

    def test_only_what_a_declared_attribute_needs_is_read(self):
        lists = Lists({"GetX": self.ANSWER})
        one, other = read_details(lists, {"box": self.KIND}, [wanted("script"), wanted("size", object_id="bx-2")])
        assert one.raw["@x"] == [{"BoxId": "bx-1", "n": 1}] and "@x" not in other.raw
        assert lists.asked == [("GetX", {"RegionId": "here", "Ids": ["bx-1"]})]

    def test_many_are_asked_together_up_to_the_limit(self):
        lists = Lists({"GetX": self.ANSWER})
        read_details(lists, {"box": self.KIND}, [wanted("script", object_id=f"bx-{n}") for n in range(5)])
        assert [len(params["Ids"]) for _, params in lists.asked] == [2, 2, 1]

    def test_what_is_left_to_a_full_refresh_is_left_to_it(self):
        detail = replace(self.KIND.listing.details[0], refresh_only=True)
        kinds = {"box": with_details(BOX, detail)}
        quiet, full = Lists({"GetX": self.ANSWER}), Lists({"GetX": self.ANSWER})
        read_details(quiet, kinds, [wanted("script")])
        read_details(full, kinds, [wanted("script")], full=True)
        assert (len(quiet.asked), len(full.asked)) == (0, 1)

    YOUNG = ApiError("GetX", "TooYoung", "no", error_class=ErrorClass.CONFLICT)

    def young(self, *ids: str) -> Lists:
        """A service that cannot tell of some yet, and refuses every read that names one of them."""

        def answer(request: Request):
            if set(ids) & set(request.params["Ids"]):
                return self.YOUNG
            return {"Xs": {"X": [{"BoxId": one} for one in request.params["Ids"]]}}

        return Lists({"GetX": answer})

    def test_one_of_which_the_service_cannot_tell_yet_does_not_fail_the_read_of_the_others(self):
        detail = replace(self.KIND.listing.details[0], ids=Ids("Ids", "list", 100), untold=("TooYoung",))
        ids = [f"bx-{n}" for n in range(100)]
        lists = self.young("bx-7")
        found = read_details(lists, {"box": with_details(BOX, detail)}, [wanted("script", object_id=i) for i in ids])
        told = {obj.id for obj in found if obj.raw.get("@x") == [{"BoxId": obj.id}]}
        assert told == set(ids) - {"bx-7"} and len(lists.asked) <= 15
        (young,) = [obj for obj in found if obj.unread]
        assert (young.id, young.unread, "@x" in young.raw) == ("bx-7", {"script"}, False)

    @pytest.mark.parametrize("ids", [Ids("Ids", "list", 100), Ids("Ids", "single", 1)])
    def test_one_that_is_gone_since_it_was_listed_does_not_fail_the_read_of_the_others(self, ids):
        gone = ApiError("GetX", "InvalidBoxId.NotFound", "no", error_class=ErrorClass.ABSENT)
        detail = Detail("@x", "GetX", "Xs.X", key="BoxId", ids=ids, attributes=("script",), paging=Paging.NONE)
        lists = Lists({"GetX": lambda request: gone if "bx-1" in request.params["Ids"] else {"Xs": {"X": []}}})
        wants = [wanted("script", object_id=one) for one in ("bx-1", "bx-2")]
        found = {obj.id: obj for obj in read_details(lists, {"box": with_details(BOX, detail)}, wants)}
        assert (found["bx-1"].unread, found["bx-2"].unread) == ({"script"}, frozenset())

    def test_any_other_refusal_of_a_detail_is_an_error_and_no_empty_list(self):
        with pytest.raises(ApiError, match="TooYoung"):
            read_details(self.young("bx-1"), {"box": self.KIND}, [wanted("script")])

    def test_the_pages_of_one_answer_are_joined(self):
        pages = {None: {"Name": "a", "Xs": {"X": [1]}, "NextToken": "t"}, "t": {"Name": "b", "Xs": {"X": [2]}}}
        detail = Detail("@x", "GetX", "Xs.X", ids=Ids("Id", "single", 1), attributes=("script",))
        lists = Lists({"GetX": lambda request: pages[request.params["NextToken"]]})
        (one,) = read_details(lists, {"box": with_details(BOX, detail)}, [wanted("script")])
        assert one.raw["@x"]["Xs"] == {"X": [1, 2]}

    @pytest.mark.parametrize("paging", [Paging.NONE, Paging.PAGE])
    def test_one_answer_without_a_token_is_read_once(self, paging):
        detail = Detail("@x", "GetX", "Xs.X", ids=Ids("Id", "single", 1), attributes=("script",), paging=paging)
        lists = Lists({"GetX": {"Xs": {"X": [1]}}})
        (one,) = read_details(lists, {"box": with_details(BOX, detail)}, [wanted("script")])
        assert one.raw["@x"]["Xs"] == {"X": [1]} and len(lists.asked) == 1


@pytest.mark.parametrize(
    ("form", "spelled"), [("json", '["a", "b"]'), ("comma", "a,b"), ("list", ["a", "b"]), ("single", "a")]
)
def test_ids_are_spelled_as_the_action_wants_them(form, spelled):
    assert by_ids(Request("Get", {"X": 1}), Ids("Ids", form), ["a", "b"]).params == {"X": 1, "Ids": spelled}


def test_objects_are_read_by_id_in_as_few_calls_as_can_be():
    lists = Lists({"ListBoxes": BOXES})
    kind = with_details(BOX, ids=Ids("Ids", "json", 2))
    found = read_ids(lists, kind, ["bx-1", "bx-2", "bx-3"])
    assert set(found) == {"bx-1", "bx-2"} and len(lists.asked) == 2
    assert lists.asked[0][1]["MaxResults"] == kind.listing.page_size


def test_a_kind_that_cannot_be_asked_by_id_is_read_whole():
    listing = Listing("ListBoxes", "Boxes.Box", "BoxId", "Name")
    found = read_ids(Lists({"ListBoxes": BOXES}), replace(BOX, listing=listing), ["bx-2"])
    assert set(found) == {"bx-2"}


class TestLooks:
    """Polls: what one read by id tells of each id."""

    LISTED = replace(BOX, listing=Listing("ListBoxes", "Boxes.Box", "BoxId", "Name"))
    BY_ID = with_details(BOX, ids=Ids("Ids", "list", 100))

    def test_a_list_that_moves_tells_of_what_came_and_proves_no_absence(self):
        moved = ShortRead("ListBoxes", "1 of 2 items came", [{"BoxId": "bx-1"}])
        seen = look(Lists({"ListBoxes": moved}), self.LISTED, ["bx-1", "bx-2"])
        assert set(seen.found) == {"bx-1"} and seen.unknown == {"bx-2": moved}

    def test_a_read_that_fails_tells_nothing(self):
        error = ApiError("ListBoxes", "ServiceUnavailable", "no", error_class=ErrorClass.TRANSIENT)
        for kind in (self.LISTED, self.BY_ID):
            seen = look(Lists({"ListBoxes": error}), kind, ["bx-1"])
            assert not seen.found and seen.unknown == {"bx-1": error}

    def lost(self, *gone: str, names: bool):
        """A service that refuses every read of which one id is gone."""

        def answer(request: Request):
            missing = [one for one in request.params["Ids"] if one in gone]
            words = f"The specified BoxId {missing[0]} does not exist." if missing and names else "no"
            if missing:
                return ApiError("ListBoxes", "InvalidBoxId.NotFound", words, error_class=ErrorClass.ABSENT)
            return {"Boxes": {"Box": [{"BoxId": one} for one in request.params["Ids"]]}}

        return Lists({"ListBoxes": answer})

    @pytest.mark.parametrize(("names", "most"), [(True, 3), (False, 30)])
    def test_one_that_is_gone_does_not_hide_the_others(self, names, most):
        ids = [f"bx-{n}" for n in range(100)]
        lists = self.lost("bx-1", "bx-77", names=names)
        seen = look(lists, self.BY_ID, ids)
        assert set(seen.found) == set(ids) - {"bx-1", "bx-77"} and not seen.unknown
        assert len(lists.asked) <= most


def a_refusal(error_class: ErrorClass) -> ApiError:
    return ApiError("ListShelves", "Code", "words", error_class=error_class)


class TestProofOfAbsence:
    @pytest.mark.parametrize(
        ("answer", "proof"),
        [(a_refusal(ErrorClass.DRY_RUN), True), (a_refusal(ErrorClass.FATAL), False), ({"Shelves": {}}, None)],
    )
    def test_a_dry_run_of_the_read_tells(self, answer, proof):
        lists = Lists({"ListShelves": answer})
        assert may_read(lists, SHELF) is proof
        assert lists.asked[0][1]["DryRun"] is True

    def test_a_failure_of_another_sort_is_no_proof_at_all(self):
        with pytest.raises(ApiError):
            may_read(Lists({"ListShelves": a_refusal(ErrorClass.TRANSIENT)}), SHELF)

    def test_a_unique_name_needs_no_proof_and_some_lists_offer_none(self):
        assert may_read(Lists(), replace(SHELF, can=(*SHELF.can, Exclusivity(unique_name=True)))) is True
        assert may_read(Lists(), BOX) is None


def test_chunks_lose_nothing():
    assert [list(chunk) for chunk in chunks("abcde", 2)] == [["a", "b"], ["c", "d"], ["e"]]
