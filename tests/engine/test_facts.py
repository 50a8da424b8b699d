"""The classes of change that a policy sees in a plan."""

from ecsplan.engine.facts import facts_of
from tests.kinds.cloud import INSTANCE, KINDS, Cloud, stack_of, with_instance


def classes(cloud: Cloud, text: str, **options: object) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for fact in facts_of(cloud.plan(text, **options), KINDS):
        found.setdefault(fact.address, set()).add(fact.class_)
    return found


def test_what_is_made_and_what_is_as_it_was(cloud: Cloud) -> None:
    text = stack_of("vpc: {main: {cidr_block: 10.0.0.0/16}}")
    assert classes(cloud, text) == {"vpc.main": {"create"}}
    cloud.apply(text)
    assert classes(cloud, text) == {}


def test_a_change_in_place_is_an_update_and_a_stop_is_its_own_class(cloud: Cloud) -> None:
    cloud.apply(with_instance())
    assert classes(cloud, with_instance(body=INSTANCE + "description: web\n")) == {"instance.web": {"update"}}
    found = classes(cloud, with_instance(body=INSTANCE + "state: stopped\n"))
    assert "stop" in found["instance.web"] and "update" not in found["instance.web"]


def test_a_subscription_is_a_purchase(cloud: Cloud) -> None:
    cloud.apply(with_instance())
    found = classes(cloud, with_instance(body=INSTANCE + "charge_type: PrePaid\nperiod: 12\n"))
    assert "purchase" in found["instance.web"]


def test_what_is_destroyed(cloud: Cloud) -> None:
    cloud.apply(with_instance())
    found = classes(cloud, with_instance(), destroy=True)
    assert {"delete", "data_loss"} <= found["instance.web"] and found["vpc.main"] == {"delete"}
