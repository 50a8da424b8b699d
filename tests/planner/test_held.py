"""Who still holds what is to go: objects that neither go themselves nor let go in the same plan."""

from collections.abc import Iterator

from ecsplan.kinds import load_kinds
from ecsplan.model.address import Address
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.copying import replace
from ecsplan.model.resource import LiveObject
from ecsplan.planner.held import _Held, refuse_held

KINDS = load_kinds()
PAIR = LiveObject("key_pair", "ops", "ops", "")
HOLDER = LiveObject("instance", "i-1", "web", "Running", attributes={"key_pair": "ops"})
GOES = Change(Address("key_pair", "ops"), Action.DELETE, PAIR)


def refused(*changes: Change, objects: tuple[LiveObject, ...] = (PAIR, HOLDER)) -> tuple[str, ...]:
    found = refuse_held((GOES, *changes), objects, KINDS, lambda obj, name: obj.attributes.get(name))
    return found[0].blocked


def test_what_an_object_that_stays_names_is_not_deleted() -> None:
    assert refused() == (
        "still used by instance i-1 (web), which this plan leaves as it is: remove or move that first",
    )


def test_who_goes_too_holds_nothing() -> None:
    assert refused(Change(Address("instance", "web"), Action.DELETE, HOLDER)) == ()


def test_who_lets_go_in_the_same_plan_holds_nothing() -> None:
    line = AttributeChange("key_pair", "ops", "other")
    assert refused(Change(Address("instance", "web"), Action.UPDATE, HOLDER, attributes=(line,))) == ()


def test_who_changes_something_else_still_holds_it() -> None:
    line = AttributeChange("name", "a", "b")
    assert refused(Change(Address("instance", "web"), Action.UPDATE, HOLDER, attributes=(line,)))


def test_many_holders_are_counted() -> None:
    many = tuple(replace(HOLDER, id=f"i-{number}") for number in range(5))
    assert refused(objects=many) == (
        "still used by instance i-0 (web), instance i-1 (web), instance i-2 (web) and 2 more, which this plan leaves "
        "as it is: remove or move that first",
    )


def test_the_same_text_as_the_id_of_another_kind_holds_nothing() -> None:
    assert refused(objects=(replace(HOLDER, kind="disk"),)) == ()


class Walked(dict[object, object]):
    """Counts how often it is walked."""

    times = 0

    def __iter__(self) -> Iterator[object]:
        self.times += 1
        return super().__iter__()


def test_what_goes_is_not_walked_again_for_each_thing_that_goes() -> None:
    """Of ten thousand machines that took a quarter of a minute."""
    machines = [replace(HOLDER, id=f"i-{number}") for number in range(20)]
    gone = [Change(Address("instance", "web", n), Action.DELETE, one) for n, one in enumerate(machines)]
    held = _Held.of(gone, KINDS)
    held.going = walked = Walked(held.going)  # type: ignore[assignment]
    assert all(held.of_change(change) == [] for change in gone)
    assert walked.times == 0
