"""A plan file that anybody could have written: what it shows is what its stack says, and it does nothing else.

Each forgery has a digest that fits: that is anybody's to compute.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.engine import ApplyOptions, PlanOptions
from ecsplan.kinds import load_kinds
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.plan import Plan
from ecsplan.planner.planfile import fingerprint
from ecsplan.planner.planread import loads
from tests.kinds.cloud import INSTANCE, NETWORK, Cloud, stack_of

LARGE, HUGE = "ecs.g7.large", "ecs.g7.16xlarge"
ONE = stack_of(NETWORK, "instance:\n  web:\n    " + INSTANCE.strip("\n").replace("\n", "\n    "))
FIVE = stack_of(NETWORK, "instance:\n  web:\n    count: 5\n    " + INSTANCE.strip("\n").replace("\n", "\n    "))
GROWN = ONE.replace(LARGE, "ecs.g7.xlarge")
NETS = stack_of(NETWORK)
Document = dict[str, Any]


def forged(document: Document) -> str:
    content = {name: value for name, value in document.items() if name != "digest"}
    return json.dumps({**content, "digest": fingerprint(content)})


def saved(cloud: Cloud, before: str, after: str, **asked: Any) -> Document:
    if before:
        cloud.settled(before)
    document: Document = json.loads(engine.save_plan(cloud.plan(after, **asked)))
    cloud.forget()
    return document


def change_of(document: Document, address: str) -> Document:
    return next(change for change in document["changes"] if change["address"] == address)


def resource_of(document: Document, address: str) -> Document:
    return next(one for one in document["definition"]["resources"] if one["address"] == address)


def a_line(name: str, after: Any, before: Any = None) -> Document:
    return {"name": name, "before": before, "after": after, "cause": "pending", "forces_replacement": False,
            "sensitive": False, "note": "", "source": None, "applied": None, "parts": []}  # fmt: skip


def apply(cloud: Cloud, text: str, **options: Any) -> Plan:
    plan = engine.load_plan(text)
    given = ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), approved=True, **options)
    engine.apply(plan, cloud.api, given)
    return plan


def huge(document: Document) -> None:
    resource_of(document, "instance.web")["attributes"]["instance_type"] = HUGE


def huge_shown_as_large(document: Document) -> None:
    huge(document)
    change_of(document, "instance.web")["attributes"] = [a_line("instance_type", LARGE)]


def another_name(document: Document) -> None:
    document["definition"]["name"] = "another"


def another_region(document: Document) -> None:
    document["definition"]["region"] = "cn-beijing"


def another_account(document: Document) -> None:
    document["definition"]["account"] = "6543210987654321"


def one_more(document: Document) -> None:
    extra = json.loads(json.dumps(resource_of(document, "instance.web")))
    document["definition"]["resources"].append({**extra, "address": "instance.miner", "name": "miner"})


def declared_twice(document: Document) -> None:
    document["definition"]["resources"].append(resource_of(document, "instance.web"))


def no_such_kind(document: Document) -> None:
    resource_of(document, "instance.web")["address"] = "nope.web"


def no_such_attribute(document: Document) -> None:
    resource_of(document, "instance.web")["attributes"]["nope"] = 1


def of_another_type(document: Document) -> None:
    resource_of(document, "instance.web")["attributes"]["instance_type"] = 7


def a_guard_too_many(document: Document) -> None:
    document["guards"].append({"name": "loss", "summary": "s", "detail": "", "addresses": []})


def an_output(document: Document) -> None:
    document["definition"]["outputs"]["x"] = "y"


def an_id_for_what_is_made(document: Document) -> None:
    change_of(document, "instance.web")["id"] = "i-1"


FORGERIES = [
    huge_shown_as_large, another_name, another_region, another_account, one_more, declared_twice, no_such_kind,
    no_such_attribute, of_another_type, a_guard_too_many, an_output, an_id_for_what_is_made,
]  # fmt: skip


@pytest.mark.door("plan files")
@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_file_that_shows_what_its_stack_does_not_say_is_refused_offline(cloud: Cloud, forge) -> None:
    document = saved(cloud, "", ONE)
    engine.load_plan(forged(document))
    forge(document)
    with pytest.raises(Refused):
        engine.load_plan(forged(document))


def test_what_a_plan_makes_is_shown_from_its_stack(cloud: Cloud) -> None:
    """The stack in it is what is built: a larger machine is shown as such, and its calls give the forgery away."""
    document = saved(cloud, "", ONE)
    huge(document)
    plan = engine.load_plan(forged(document))
    after = next(change.after for change in plan.changes if str(change.address) == "instance.web")
    assert after is not None and after.attributes["instance_type"] == HUGE
    with pytest.raises(Refused, match="the calls in the plan are not those"):
        apply(cloud, forged(document))
    assert not [name for name in cloud.writes() if "KeyPair" not in name]


def test_a_change_in_place_that_shows_another_value_is_refused_offline(cloud: Cloud) -> None:
    document = saved(cloud, ONE, GROWN)
    huge(document)
    with pytest.raises(Refused, match="instance_type: the plan shows another value than the stack in it"):
        engine.load_plan(forged(document))


def without_the_line(document: Document) -> None:
    change_of(document, "instance.web")["attributes"] = []


def without_the_change(document: Document) -> None:
    document["changes"] = [c for c in document["changes"] if c["address"] != "instance.web"]
    document["asked"]["excludes"] = ["instance.web"]


def as_no_change(document: Document) -> None:
    change_of(document, "instance.web").update(action="noop", attributes=[], impacts=[], loses=[], blocked=[])


def as_harmless(document: Document) -> None:
    change_of(document, "instance.web").update(impacts=[])


def other_steps(document: Document) -> None:
    document["steps"] = []


def other_steps_and_live_values(document: Document) -> None:
    other_steps(document)
    change_of(document, "instance.web")["live"] = {"deletion_protection": True}


@pytest.mark.door("plan files")
@pytest.mark.parametrize(
    "forge",
    [without_the_line, as_no_change, as_harmless, without_the_change, other_steps, other_steps_and_live_values],
)
def test_what_a_file_hides_is_not_done(cloud: Cloud, forge: Callable[[Document], None]) -> None:
    document = saved(cloud, ONE, GROWN)
    forge(document)
    try:
        apply(cloud, forged(document), allow_destroy=99)
    except Refused:
        pass
    else:
        assert forge in (without_the_change, as_no_change)
    assert [thing.data["InstanceType"] for thing in cloud.things("instance")] == [LARGE]


def no_guards(document: Document) -> None:
    document["guards"] = []


def no_losses(document: Document) -> None:
    no_guards(document)
    for change in document["changes"]:
        change.update(blocked=[], loses=[], impacts=[])


def many_more_live(document: Document) -> None:
    """So that the share of what goes is small."""
    no_losses(document)
    like = change_of(document, "vpc.main")
    for number in range(40):
        name = f"fake{number}"
        resource = json.loads(json.dumps(resource_of(document, "vpc.main")))
        document["definition"]["resources"].append({**resource, "address": f"vpc.{name}", "name": name})
        document["changes"].insert(0, {**like, "address": f"vpc.{name}", "id": f"vpc-{number}"})


def a_reason_that_is_exempt(document: Document) -> None:
    no_losses(document)
    for change in document["changes"]:
        if change["action"] == "delete":
            change["reason"] = "replaced by a newer one"


@pytest.mark.door("plan files")
@pytest.mark.parametrize("forge", [no_guards, no_losses, many_more_live, a_reason_that_is_exempt])
def test_the_guards_are_those_of_what_is_done(cloud: Cloud, forge: Callable[[Document], None]) -> None:
    document = saved(cloud, FIVE, NETS)
    forge(document)
    with pytest.raises(Refused):
        apply(cloud, forged(document))
    assert len(cloud.things("instance")) == 5


@pytest.mark.parametrize("account", [None, "", "6543210987654321"])
def test_the_account_is_never_left_open(cloud: Cloud, account: str | None) -> None:
    document = saved(cloud, "", ONE)
    document["account"] = account
    with pytest.raises((Refused, Rejected)):
        apply(cloud, forged(document))
    with pytest.raises(Refused, match="account"):
        engine.apply(replace(cloud.plan(ONE), account=account), cloud.api)
    assert not [name for name in cloud.writes() if "KeyPair" not in name]


@pytest.mark.door("plan and checkout")
def test_a_plan_is_bound_to_the_stack_that_it_was_made_from(cloud: Cloud) -> None:
    plan = engine.load_plan(forged(saved(cloud, "", ONE)))
    assert engine.bound(plan, cloud.load(ONE)).definition is not None
    with pytest.raises(Refused, match=r"instance.web: instance_type in the plan is not that of"):
        engine.bound(plan, cloud.load(GROWN))
    with pytest.raises(Refused, match=r"the plan has it, and .* does not"):
        engine.bound(plan, cloud.load(NETS))
    with pytest.raises(Refused, match="declares it, and the plan does not"):
        engine.bound(engine.load_plan(forged(saved(cloud, "", NETS))), cloud.load(ONE))


def end_of_the_stack(document: Document) -> None:
    document["asked"]["destroy"] = True


def replacing_a_machine(document: Document) -> None:
    document["asked"]["replaces"] = ["instance.web"]


def leaving_a_machine_out(document: Document) -> None:
    document["asked"]["excludes"] = ["instance.web"]


@pytest.mark.door("plan and checkout")
@pytest.mark.parametrize(
    ("forge", "told"),
    [
        (end_of_the_stack, "the plan destroys the stack"),
        (replacing_a_machine, "the plan was made with --replace instance.web"),
        (leaving_a_machine_out, "the plan was made with --exclude instance.web"),
    ],
)
def test_a_bound_plan_was_asked_what_is_asked_here(cloud: Cloud, forge: Callable[[Document], None], told: str) -> None:
    document = saved(cloud, ONE, ONE)
    forge(document)
    content = {name: value for name, value in document.items() if name != "digest"}
    plan = loads(json.dumps({**content, "digest": fingerprint(content)}), load_kinds())
    with pytest.raises(Refused, match=told):
        engine.bound(plan, cloud.load(ONE))


def test_a_bound_plan_of_a_part_is_applied_where_the_same_part_is_asked_for(cloud: Cloud) -> None:
    options = PlanOptions(targets=("vpc.main",), excludes=("vswitch.app",), replaces=())
    plan = engine.load_plan(engine.save_plan(engine.plan(cloud.load(ONE), cloud.api, options)))
    assert engine.bound(plan, cloud.load(ONE), options).definition is not None
    with pytest.raises(Refused, match=r"the plan was made without --target instance\.web"):
        engine.bound(plan, cloud.load(ONE), replace(options, targets=("vpc.main", "instance.web")))


def test_a_bound_plan_may_have_looked_something_up(cloud: Cloud) -> None:
    cloud.settled(NETS)
    text = "resources:\n  security_group:\n    a: {vpc: {lookup: {name: demo-main}}, description: one}\n"
    text = "apiVersion: ecsplan/v1\nstack: other\nregion: cn-hangzhou\n" + text
    plan = engine.load_plan(engine.save_plan(cloud.plan(text)))
    assert engine.bound(plan, cloud.load(text)).definition is not None
    with pytest.raises(Refused, match="description in the plan"):
        engine.bound(plan, cloud.load(text.replace("description: one", "description: two")))


def mutations(value: Any, path: tuple[Any, ...] = ()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from mutations(item, (*path, key))
    elif isinstance(value, list) and value:
        yield from mutations(value[0], (*path, 0))
    yield path


WRONG = [
    None,
    7,
    -1,
    1.5,
    True,
    "x",
    "",
    [],
    {},
    [None],
    {"x": None},
    {"$ref": 7},
    {"$secret": {}},
    [[]],
    "\x1b[2J",
    10**40,
]


def test_a_value_of_a_wrong_type_anywhere_is_refused_in_words(cloud: Cloud) -> None:
    """Whatever is let through can be rendered."""
    from ecsplan.render.json_format import plan_json
    from ecsplan.render.markdown import plan_markdown
    from ecsplan.render.text import plan_text
    from ecsplan.render.view import view

    document = saved(cloud, ONE, GROWN.replace("description", "description"))
    for number, path in enumerate(place for place in mutations(document) if place and place != ("digest",)):
        for wrong in (WRONG[number % len(WRONG)], WRONG[(number * 7 + 3) % len(WRONG)]):
            altered = json.loads(json.dumps(document))
            place = altered
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = wrong
            try:
                plan = engine.load_plan(forged(altered))
            except (Refused, Rejected):
                continue
            seen = view(plan)
            assert plan_text(seen) and plan_json(seen) and plan_markdown(seen), (path, wrong)


@pytest.mark.parametrize(
    "text",
    ['{"format": "ecsplan-plan/v1", "live": ' + "9" * 5000 + "}", '{"format": "ecsplan-plan/v1", "live": 1e999}',
     '{"format": "ecsplan-plan/v1", "live": NaN}', '{"format": "ecsplan-plan/v1", "x": "\\ud800"}', "[" * 100_000,
     '{"format": "ecsplan-plan/v1", "a": ' + "[" * 5000 + "]" * 5000 + "}"],
    ids=["digits", "infinite", "nan", "no text", "deep", "deep values"],
)  # fmt: skip
def test_what_cannot_be_a_plan_is_refused_in_words(text: str) -> None:
    with pytest.raises((Rejected, Refused)):
        engine.load_plan(text)
