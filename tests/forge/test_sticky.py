"""Which comment is ours, and what is new since it was written."""

import pytest

from ecsplan.forge.site import Comment, Issue
from ecsplan.forge.sticky import Whose, issue_mark, issue_of, mark, ours, since

WEB, DB = Whose("web", "cn-hangzhou"), Whose("db", "cn-hangzhou")
SHOWN = {"vpc.main": "create", "instance.web[0..3]": "update type"}


def test_the_comment_of_a_stack_is_found_by_its_mark_and_author() -> None:
    comments = [
        Comment("1", f"forged\n{mark(WEB, {})}", is_ours=False),
        Comment("2", f"of another stack\n{mark(DB, {})}", is_ours=True),
        Comment("3", f"ours\n{mark(WEB, SHOWN)}", is_ours=True),
        Comment("4", "chat", is_ours=True),
    ]
    found = ours(comments, WEB)
    assert found is not None and found.id == "3"
    assert ours(comments[:2], WEB) is None


def test_of_several_the_newest_counts() -> None:
    found = ours([Comment(str(n), mark(WEB, {}), is_ours=True) for n in (9, 10, 2)], WEB)
    assert found is not None and found.id == "10"


def test_a_name_in_a_mark_cannot_end_it() -> None:
    line = mark(Whose("a --> <script>", "b\nc"), {"x --> y": "z"})
    assert line.count("-->") == 1 and "\n" not in line and "<script" not in line


def test_a_mark_that_is_quoted_in_the_text_does_not_count_the_last_one_does() -> None:
    body = f"{mark(DB, {})}\n{mark(WEB, {})}"
    assert ours([Comment("1", body, is_ours=True)], WEB) is not None
    assert ours([Comment("1", body, is_ours=True)], DB) is None


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (SHOWN, ""),
        ({**SHOWN, "eip.a": "create"}, "1 new (eip.a)"),
        ({"vpc.main": "create"}, "1 gone"),
        ({**SHOWN, "vpc.main": "replace"}, "1 changed (vpc.main)"),
        ({f"disk.d{n}": "create" for n in range(5)}, "5 new (disk.d0, disk.d1, disk.d2, …), 2 gone"),
    ],
)
def test_what_is_new_since_the_last_push_is_told(now: dict[str, str], told: str) -> None:
    assert since(mark(WEB, SHOWN), now) == told


@pytest.mark.parametrize("shown", ["", "AAAA", "=" * 40, "eJz" + "A" * 100])
def test_a_mark_that_was_edited_tells_nothing(shown: str) -> None:
    assert since(f"<!-- ecsplan:comment stack=web region=cn-hangzhou shown={shown} -->", SHOWN) == ""


def test_too_many_changes_are_left_out_of_the_mark() -> None:
    assert len(mark(WEB, {f"instance.web-{n}": "x" for n in range(5_000)})) < 200


def test_the_issue_of_a_stack_is_found_by_its_mark_and_author() -> None:
    issues = [
        Issue("1", "Drift", f"forged\n{issue_mark(WEB)}", is_ours=False),
        Issue("2", "Drift", f"of another stack\n{issue_mark(DB)}\n", is_ours=True),
        Issue("3", "Drift", f"ours\n{issue_mark(WEB)}\n", is_ours=True),
        Issue("4", "Drift", f"{issue_mark(WEB)} quoted in the middle\n", is_ours=True),
    ]
    found = issue_of(issues, WEB)
    assert found is not None and found.id == "3"
    assert issue_of(issues[:2], WEB) is None
