"""Work that is done once for each object."""

from ecsplan.model.once import once


def test_an_object_is_worked_on_once_and_an_equal_one_again():
    seen = []
    made = once(lambda given: seen.append(given) or len(seen))
    first, other = ["a"], ["a"]
    assert [made(first), made(other), made(first)] == [1, 2, 1]


def test_what_was_given_is_kept_so_that_nothing_else_gets_its_identity():
    made = once(lambda given: given[0])
    assert [made([number]) for number in range(1000)] == list(range(1000))
