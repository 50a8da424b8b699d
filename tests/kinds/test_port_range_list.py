"""Port lists: their entries, and the rules that name them in place of ports."""

import pytest

from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import Cloud, changes, stack_of

WEB, ADMIN = (
    f"  {name}: {{max_entries: 2, entries: [{{ports: {ports}}}]}}\n"
    for name, ports in (("web", "8000-8080"), ("admin", "22"))
)
GROUP = """
vpc:
  main: {cidr_block: 10.0.0.0/16}
security_group:
  web: {vpc: main, ingress: [{protocol: tcp, RULE, cidr: 10.0.0.0/8}]}
"""


def listed(*entries: str, room: int = 5) -> str:
    return stack_of(f"port_range_list:\n  web: {{max_entries: {room}, entries: [{', '.join(entries)}]}}\n")


def live(cloud: Cloud) -> dict[str, str]:
    (found,) = cloud.things("portrangelist")
    return dict(found["Entries"])


def test_a_description_that_the_file_does_not_say_is_kept(cloud: Cloud) -> None:
    cloud.settled(listed("{ports: 443, description: https}", "{ports: 22}"))
    cloud.settled(listed("{ports: 443}", "{ports: 8000-8080}"))
    assert live(cloud) == {"443/443": "https", "8000/8080": ""}


def test_more_entries_than_one_call_takes_away_go_in_several(cloud: Cloud) -> None:
    cloud.settled(listed("{ports: 1}", room=500))
    (found,) = cloud.things("portrangelist")
    for start in (1000, 2000):
        more = [{"PortRange": f"{start + n}/{start + n}"} for n in range(150)]
        cloud.call("ModifyPortRangeList", PortRangeListId=found.id, AddEntry=more)
    cloud.settled(listed("{ports: 2}", room=500))
    assert live(cloud) == {"2/2": ""}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (listed("{ports: 443}", "{ports: 22}", room=1), "2 entries, and max_entries is 1"),
        (listed("{ports: 443}", "{ports: 443-443, description: again}"), "443 appears twice"),
        (listed("{ports: [443, 22]}"), "a port like 443, or a range like 8000-8080"),
        (stack_of(GROUP.replace("RULE", "ports: 22, port_range_list: prl-1")), "names ports and port_range_list"),
        (stack_of(GROUP.replace("tcp, RULE", "icmp, port_range_list: prl-1")), "a rule for icmp has no ports"),
    ],
)
def test_what_the_service_would_refuse_or_ignore_is_told_offline(cloud: Cloud, text: str, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        cloud.load(text)


def test_a_rule_names_a_list_of_the_stack(cloud: Cloud) -> None:
    """The list is made before the rule, and goes after it; a rule that names another list, or ports, is another."""
    lists = f"port_range_list:\n{WEB}{ADMIN}"
    cloud.settled(stack_of(lists, GROUP.replace("RULE", "port_range_list: web")))
    other = GROUP.replace("RULE", "port_range_list: admin")
    plan = cloud.plan(stack_of(lists, other))
    assert list(changes(plan)) == ["security_group.web"]
    cloud.settled(stack_of(f"port_range_list:\n{ADMIN}", other))
    assert [thing["PortRangeListName"] for thing in cloud.things("portrangelist")] == ["demo-admin"]
    cloud.settled(stack_of(GROUP.replace("RULE", "ports: 22")))
    assert cloud.things("portrangelist") == []
