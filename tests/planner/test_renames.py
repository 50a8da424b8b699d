from ecsplan.kinds import load_kinds
from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.record import Applied, lines_of
from ecsplan.model.record_old import digest
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.stack import Stack
from ecsplan.planner.renames import renames

KINDS = load_kinds()
EIP = {"bandwidth": 5, "charge_type": "PayByTraffic"}


def gone(text: str, retired: bool = False, **applied: object) -> Change:
    address = Address.parse(text)
    lines = {name: held[0] for name, held in lines_of(KINDS["eip"], applied).items()}
    obj = LiveObject(address.kind, f"id-{text}", text, "", applied=Applied(lines), retired=retired)
    return Change(address, Action.DELETE, obj)


def proposed(changes: list[Change], *texts: str, **attributes: object) -> list[str]:
    resources = tuple(Resource(Address.parse(text), attributes, text) for text in texts)
    made = [Change(resource.address, Action.CREATE, None, resource) for resource in resources]
    found = renames([*made, *changes], Stack("s", "r", resources), KINDS)
    return [warning.detail.partition("moved: ")[2].partition(" to the")[0] for warning in found]


def test_the_most_alike_are_paired_and_nobody_twice() -> None:
    old = [gone("eip.a", **EIP, isp="BGP"), gone("eip.b", **EIP)]

    assert proposed(old, "eip.new", **EIP, isp="BGP") == ["[{from: eip.a, to: eip.new}]"]


def test_a_group_of_many_is_told_once_and_soon() -> None:
    old = [gone(f"eip.a[{number}]", **EIP) for number in range(3000)]

    assert proposed(old, *(f"eip.b[{n}]" for n in range(3000)), **EIP) == ["[{from: eip.a, to: eip.b}]"]


def test_a_part_of_a_group_is_told_by_its_members() -> None:
    old = [gone("eip.a[0]", **EIP), gone("eip.a[1]", bandwidth=9)]

    assert proposed(old, "eip.b[0]", **EIP) == ["[{from: 'eip.a[0]', to: 'eip.b[0]'}]"]


MANY = {**EIP, "isp": "BGP", "description": "one"}


def test_too_many_to_compare_are_not() -> None:
    old = [gone(f"eip.a{number}", **MANY) for number in range(400)]

    assert proposed(old, *(f"eip.b{n}" for n in range(400)), **{**MANY, "description": "two"}) == []


def test_what_is_the_same_is_found_among_however_many() -> None:
    """Each by itself, and those that nothing tells apart in the order of their names."""
    old = [gone(f"eip.a{number:03}", **EIP) for number in range(400)]

    found = proposed(old, *(f"eip.b{n:03}" for n in range(400)), **EIP)
    assert found == [f"[{{from: eip.a{n:03}, to: eip.b{n:03}}}]" for n in range(400)]


def test_what_is_the_same_goes_before_what_is_alike() -> None:
    old = [gone("eip.a", **{**MANY, "description": "two"}), gone("eip.z", **MANY)]

    assert proposed(old, "eip.new", **MANY) == ["[{from: eip.z, to: eip.new}]"]


def test_what_was_replaced_or_is_of_another_kind_is_no_rename() -> None:
    assert proposed([gone("eip.a", retired=True, **EIP), gone("disk.a", **EIP)], "eip.b", **EIP) == []


def test_what_nothing_is_known_of_is_no_rename() -> None:
    assert proposed([gone("eip.a")], "eip.b", **EIP) == []


def test_records_of_the_old_format_tell_too() -> None:
    change = gone("eip.a")
    assert change.before is not None
    digests = frozenset(digest(name, value) for name, value in EIP.items())
    old = replace(change, before=replace(change.before, applied=Applied(digests=digests)))

    assert proposed([old], "eip.b", **EIP) == ["[{from: eip.a, to: eip.b}]"]
