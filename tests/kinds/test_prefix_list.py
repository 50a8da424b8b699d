"""Entries of prefix lists: both families, canonical, and what of them the file leaves open."""

import pytest

from ecsplan.kinds.prefix_list import ENTRIES
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.values import Mistake
from tests.kinds.cloud import Cloud, changes, stack_of


def listed(*entries: str, family: str = "IPv4", room: int = 5) -> str:
    body = f"address_family: {family}, max_entries: {room}, entries: [{', '.join(entries)}]"
    return stack_of(f"prefix_list:\n  offices: {{{body}}}\n")


def live(cloud: Cloud) -> dict[str, str]:
    (found,) = cloud.things("prefixlist")
    return {entry["Cidr"]: entry["Description"] for entry in found["Entries"]}


def test_a_bare_address_and_host_bits_are_as_the_service_has_them() -> None:
    parsed = ENTRIES.parse([{"cidr": "10.0.0.1"}, {"cidr": "2001:DB8::/32"}, {"cidr": "10.1.2.3/16"}])
    assert [dict(entry)["cidr"] for entry in parsed] == ["10.0.0.1/32", "10.1.0.0/16", "2001:db8::/32"]


def test_a_range_appears_once_however_it_is_written() -> None:
    with pytest.raises(Mistake, match=r"10.0.0.1/32 appears twice"):
        ENTRIES.parse([{"cidr": "10.0.0.1"}, {"cidr": "10.0.0.1/32", "description": "the same"}])


def test_a_description_that_the_file_does_not_say_is_kept(cloud: Cloud) -> None:
    cloud.settled(listed("{cidr: 10.0.0.0/8, description: office}"))
    cloud.settled(listed("{cidr: 10.0.0.0/8}", "{cidr: 192.168.0.0/16}"))
    assert live(cloud) == {"10.0.0.0/8": "office", "192.168.0.0/16": ""}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (listed("{cidr: 2001:db8::/32}"), "2001:db8::/32 is not an IPv4 range"),
        (listed("{cidr: 10.0.0.0/8}", "{cidr: 11.0.0.0/8}", room=1), "2 entries, and max_entries is 1"),
        (listed("{cidr: office}"), "'office' is not an address range"),
    ],
)
def test_what_the_service_would_refuse_is_told_offline(cloud: Cloud, text: str, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        cloud.load(text)


OFFICES, PARTNERS = (
    f"  {name}: {{address_family: IPv4, max_entries: 2, entries: [{{cidr: {cidr}}}]}}\n"
    for name, cidr in (("offices", "203.0.113.0/24"), ("partners", "198.51.100.0/24"))
)
GROUP = """
vpc:
  main: {cidr_block: 10.0.0.0/16}
security_group:
  web: {vpc: main, ingress: [{protocol: tcp, ports: 443, prefix_list: NAME}]}
"""


def test_a_rule_names_a_list_of_the_stack(cloud: Cloud) -> None:
    """The list is made before the rule, and goes after it; a rule that names another list is another rule."""
    lists = f"prefix_list:\n{OFFICES}{PARTNERS}"
    cloud.settled(stack_of(lists, GROUP.replace("NAME", "offices")))
    other = GROUP.replace("NAME", "partners")
    assert list(changes(cloud.plan(stack_of(lists, other)))) == ["security_group.web"]
    cloud.settled(stack_of(f"prefix_list:\n{PARTNERS}", other))
    assert [thing["PrefixListName"] for thing in cloud.things("prefixlist")] == ["demo-partners"]
    cloud.destroy(stack_of(f"prefix_list:\n{PARTNERS}", other))
