import pytest

from ecsplan.model.address import Address
from ecsplan.render.words import duration, members, plural, short_account


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.61, "0.6 s"), (12.4, "12 s"), (59.7, "1 min"), (130, "2 min 10 s"), (3600, "1 h"), (3900, "1 h 5 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("addresses", "text"),
    [
        (["eip.a"], "eip.a"),
        (["instance.web[10]", "instance.web[2]", "instance.web[1]"], "instance.web[1..2, 10]"),
        (['disk.d["b"]', 'disk.d["a"]'], 'disk.d["a", "b"]'),
        ([f'disk.d["{key}"]' for key in "abcd"], "disk.d (4 members)"),
        (["eip.a", "vpc.b"], "eip.a, vpc.b"),
        (["vswitch.a", "vswitch.b", "vswitch.c[0]", "vswitch.d"], "4 vswitches (vswitch.a, vswitch.b, …)"),
        (["eip.a", "eip.b", "vpc.c", "vpc.d"], "4 resources (eip.a, eip.b, …)"),
    ],
)
def test_addresses_fold(addresses: list[str], text: str) -> None:
    assert members(Address.parse(address) for address in addresses) == text


def test_many_gaps_in_a_group_are_cut_but_counted() -> None:
    gaps = [Address("instance", "web", number) for number in range(0, 40, 2)]

    assert members(gaps) == "instance.web[0, 2, 4, 6, 8, 10, 12, 14, … 20 in all]"


def test_counts_and_accounts() -> None:
    assert plural(1, "step") == "1 step"
    assert plural(1200, "step") == "1,200 steps"
    assert plural(2, "child", "children") == "2 children"
    assert short_account("1234567890123456") == "1234…3456"
    assert short_account("12345") == "12345"
    assert short_account(None) == ""
