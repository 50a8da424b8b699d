"""What came of a scenario, held against what was expected."""

import pytest

from ecsplan.model.scenario import Expected, Seen, is_meant, mismatches


def told(expected: Expected, **seen: object) -> list[str]:
    return list(mismatches(expected, Seen(**seen)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "pattern", "is_so"),
    [
        ("instance.web", "instance.web", True),
        ("instance.web[0]", "instance.web", True),
        ("instance.web[0]", "instance.web[0]", True),
        ("instance.web[1]", "instance.web[0]", False),
        ('instance.web["a"]', "instance.*", True),
        ("instance.website", "instance.web", False),
        ("vpc.main", "*", True),
    ],
)
def test_a_pattern_means_a_resource_its_members_or_all_that_fit(address: str, pattern: str, is_so: bool) -> None:
    assert is_meant(address, pattern) is is_so


def test_nothing_is_told_where_all_came_as_expected() -> None:
    expected = Expected(changes={"create": ("vpc.main",)}, worst="none", outcome="done", settled=True, calls_at_most=9)
    assert told(expected, changes={"create": ["vpc.main"]}, outcome="done", left=[], calls=9) == []


def test_a_change_that_is_missing_is_told_with_what_happens_instead() -> None:
    assert told(Expected(changes={"update": ("disk.a",)}), changes={"replace": ["disk.a"]}) == [
        "the plan does not update disk.a; the plan says replace disk.a",
        "the plan would replace disk.a, which is not expected",
    ]


def test_a_change_that_nobody_expects_fails_an_empty_plan() -> None:
    assert told(Expected(changes={}), changes={"delete": ["vpc.a"]}) == [
        "the plan would delete vpc.a, which is not expected"
    ]


def test_the_reason_of_a_failure_is_told() -> None:
    assert told(Expected(outcome="done"), outcome="failed", trouble="NoStock") == [
        "the outcome is failed, not done: NoStock"
    ]
    assert told(Expected(outcome="done"), outcome="refused", refused="a guard")[0] == "it is refused: a guard"


def test_a_rejection_is_expected_by_its_words() -> None:
    assert told(Expected(rejected="no vpc"), rejected="there is no vpc called x") == []
    assert told(Expected(rejected="no vpc"), rejected="odd") == ["it is not rejected for 'no vpc'; but: odd"]
    assert told(Expected(outcome="done"), rejected="odd") == ["it is rejected: odd"]


def test_a_plan_that_never_settles_is_told() -> None:
    assert told(Expected(settled=True), left=["vpc.a"]) == ["the plan after it changes vpc.a"]
    assert told(Expected(settled=False), left=[]) == ["the plan after it is empty"]


def test_too_many_calls_are_told() -> None:
    assert told(Expected(calls_at_most=3), calls=4) == ["it took 4 API calls, more than 3"]
