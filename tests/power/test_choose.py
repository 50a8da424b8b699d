import pytest

from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.power import Order, Verb
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.stack import Stack
from ecsplan.power.choose import chosen, laid_out


def machine(text: str, status: str = "Running") -> tuple[Address, LiveObject]:
    return Address.parse(text), LiveObject("instance", f"i-{text}", text, status)


OWNED = dict(
    [
        machine("instance.web[0]"),
        machine("instance.web[1]"),
        machine("instance.web[10]", "Stopped"),
        machine('instance.by["a"]'),
        machine("instance.db", "Stopping"),
    ]
)


def names(*patterns: str) -> list[str]:
    return [str(address) for address in chosen(patterns, OWNED)]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("instance.db", ["instance.db"]),
        ("instance.web[1]", ["instance.web[1]"]),
        ("instance.web", ["instance.web[0]", "instance.web[1]", "instance.web[10]"]),
        ("instance.web[*]", ["instance.web[0]", "instance.web[1]", "instance.web[10]"]),
        ("instance.web[1*]", ["instance.web[1]", "instance.web[10]"]),
        ('instance.by["a"]', ['instance.by["a"]']),
        ("instance.*b", ["instance.db", "instance.web[0]", "instance.web[1]", "instance.web[10]"]),
    ],
)
def test_a_pattern_means(pattern: str, found: list[str]) -> None:
    assert names(pattern) == found


def test_everything_is_meant_once() -> None:
    assert len(names("instance.*", "instance.db")) == len(OWNED)


def test_all_that_mean_nothing_are_said_at_once() -> None:
    with pytest.raises(Rejected) as caught:
        chosen(["instance.nobody", "instance.web[7]", "vpc.main"], OWNED)

    assert [d.summary.split()[0] for d in caught.value.diagnostics] == [
        "instance.nobody",
        "instance.web[7]",
        "vpc.main",
    ]
    assert "instance.db" in caught.value.diagnostics[0].detail


def test_a_dot_is_no_wildcard() -> None:
    with pytest.raises(Rejected):
        chosen(["instanceXdb"], OWNED)


def stack(**states: str) -> Stack:
    resources = tuple(
        Resource(address, {"state": states[address.name]} if address.name in states else {}, str(address))
        for address in OWNED
    )
    return Stack("shop", "cn-hangzhou", resources)


def test_what_is_there_already_is_left_alone() -> None:
    plan = laid_out(Order(Verb.STOP), stack(), OWNED, "Stopped", {})

    assert [str(address) for address in plan.settled] == ["instance.web[10]"]


def test_a_reboot_is_always_asked_for() -> None:
    assert not laid_out(Order(Verb.REBOOT), stack(), OWNED, "Running", {}).settled


def test_where_the_file_says_otherwise_it_is_said() -> None:
    warned = laid_out(Order(Verb.STOP), stack(db="running", web="stopped"), OWNED, "Stopped", {}).warnings

    assert [str(warning.address) for warning in warned] == ["instance.db"]
    assert "state: running" in warned[0].summary


def test_what_is_no_longer_declared_is_said() -> None:
    warned = laid_out(Order(Verb.START), Stack("shop", "cn-hangzhou", ()), OWNED, "Running", {}).warnings

    assert len(warned) == len(OWNED)
