"""Every kind and every attribute, from the tables alone: nothing here names a kind, but for the reasons below.

Each attribute goes from its first sample to its second: created, seen to be settled, changed as the table says (in
place, by replacement, or refused), settled again, destroyed. Then the same change is made behind the tool's back.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from ecsplan.executor.fill import Filler
from ecsplan.model.address import Ref
from ecsplan.model.algebra import texts as texts_in
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Request
from ecsplan.model.capabilities.plugging import plugged_into
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import UNKNOWN, Action, AttributeChange, Cause
from ecsplan.model.composites import NamedRef
from ecsplan.model.kind import Kind, Update
from ecsplan.model.plan import Plan
from tests.kinds.cloud import HEAD, KINDS, Cloud, changes, shown
from tests.support.effects import differences

# Attributes that no two values can be tried of here, and why.
UNSAMPLED = {
    "eip.convert_public_ip": "counts only when it is made; test_eip_conversion.py converts",
    "image.copy_from.encrypted": "goes with a copy; test_image.py copies",
    "image.copy_from.image": "an image of another region; test_image.py copies",
    "image.copy_from.kms_key": "goes with a copy; test_image.py copies",
    "image.copy_from.region": "goes with a copy; test_image.py copies",
    "network_interface.queue_number": "changes on no running machine; test_documented.py stops one",
    "vpc.secondary_cidr_blocks": "a list of their own calls; test_documented.py gives and takes them",
    "image.disks": "an image has one source; test_image.py has this one",
    "image.platform": "only for an image from snapshots; test_image.py makes some",
    "image.snapshot": "an image has one source; test_image.py has this one",
    "instance.ipv6_addresses": "needs a vSwitch with IPv6; test_network_interface.py has one",
    "instance.zone": "follows the vSwitch: it changes only together with it",
    "network_interface.ipv6_addresses": "needs a vSwitch with IPv6; test_network_interface.py has one",
    "network_interface.ipv6_count": "needs a vSwitch with IPv6; test_network_interface.py has one",
    "key_pair.private_key_file": "a file of this machine; test_key_pair.py makes keys",
}

# What examples and samples may refer to.
BASE: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("vpc", "main"): {"cidr_block": "10.0.0.0/16"},
    ("vpc", "second"): {"cidr_block": "10.0.0.0/16"},
    ("vpc", "dual"): {"cidr_block": "10.0.0.0/16", "enable_ipv6": True},
    ("vpc", "double"): {"cidr_block": "10.0.0.0/16", "enable_ipv6": True},
    ("vswitch", "app"): {"vpc": "main", "zone": "cn-hangzhou-h", "cidr_block": "10.0.100.0/24"},
    ("vswitch", "beside"): {"vpc": "main", "zone": "cn-hangzhou-h", "cidr_block": "10.0.101.0/24"},
    ("common_bandwidth_package", "shared"): {"bandwidth": 20},
    ("common_bandwidth_package", "wide"): {"bandwidth": 30},
    ("route_table", "one"): {"vpc": "main"},
    ("route_table", "two"): {"vpc": "main"},
    ("network_acl", "one"): {"vpc": "main"},
    ("network_acl", "two"): {"vpc": "main"},
    ("command", "setup"): {"type": "RunShellScript", "content": "date\n"},
    ("command", "more"): {"type": "RunShellScript", "content": "uptime\n"},
    ("security_group", "web"): {"vpc": "main"},
    ("security_group", "extra"): {"vpc": "main"},
    ("key_pair", "one"): {
        "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHaSw601QLuAPAILOu5mzYiHEjI06gxucUPArdc/9DHt one"
    },
    ("key_pair", "two"): {
        "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID/EzP50WHDiwNmfcfMP8GVsje3UHMHX09N2sNvmheLz two"
    },
    ("auto_snapshot_policy", "daily"): {"hours": [2], "weekdays": [1, 2, 3, 4, 5, 6, 7], "retention_days": 7},
    ("auto_snapshot_policy", "weekly"): {"hours": [3], "weekdays": [7], "retention_days": 30},
    ("snapshot", "first"): {"disk": "data"},
    ("snapshot", "later"): {"disk": "data", "description": "the later one"},
    **{
        ("disk", name): {"zone": "cn-hangzhou-h", "category": "cloud_essd", "size": 40, "instance": "web"}
        for name in ("data", "spare")
    },
    **{
        ("instance", name): {
            "instance_type": "ecs.g7.large",
            "image": "ubuntu_22_04_x64_20G_alibase_20260522.vhd",
            "vswitch": "app",
            "security_groups": ["web"],
            "system_disk": {"category": "cloud_essd", "size": 40},
        }
        for name in ("web", "other")
    },
}
LONG = 100.0  # seconds, enough for anything to settle

SAMPLED = [
    pytest.param(kind, attribute, id=f"{kind.name}.{attribute.name}")
    for kind in KINDS.values()
    for attribute in kind.attributes
    if attribute.samples
]


# What somebody else could change in place: an Update takes it, and no option of the file decides otherwise.
CHANGEABLE = [
    param
    for param in SAMPLED
    for kind, attribute in [param.values]
    if (kind.updates_for(attribute.name) or attribute.name in {name for one in kind.can for name in one.sets()})
    and not attribute.decided_by
]


def test_every_attribute_is_sampled_or_says_why_not() -> None:
    open_ends = {
        f"{kind.name}.{attribute.name}"
        for kind in KINDS.values()
        for attribute in kind.attributes
        if not attribute.computed and not attribute.unsampled and len(attribute.samples) < 2
    }
    assert open_ends == set(UNSAMPLED)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_example_settles_and_leaves_nothing(cloud: Cloud, kind: Kind) -> None:
    text = stack(kind, nested(kind.example))
    cloud.settled(text)
    plan = cloud.plan(text, destroy=True)
    cloud.mark()
    cloud.apply(plan)
    assert_as_declared(cloud, plan)
    assert cloud.left() == []


@pytest.mark.parametrize(("kind", "attribute"), SAMPLED)
def test_a_change_is_made_as_the_table_says(cloud: Cloud, kind: Kind, attribute: Attribute) -> None:
    first, second = texts(cloud, kind, attribute)
    cloud.settled(first)
    plan = cloud.plan(second)

    line = the_only_line(plan, kind, attribute)
    assert line.cause is Cause.PENDING
    assert_planned_way(plan, kind, attribute, line)
    if plan.guards and any(guard.name == "blocked" for guard in plan.guards):
        return
    cloud.mark()
    cloud.apply(plan)
    assert_as_declared(cloud, plan)
    cloud.assert_settled(second)
    assert_destroyed(cloud, kind, second)


@pytest.mark.parametrize(("kind", "attribute"), CHANGEABLE)
def test_a_change_behind_its_back_is_drift(cloud: Cloud, kind: Kind, attribute: Attribute) -> None:
    first, second = texts(cloud, kind, attribute)
    cloud.settled(first)
    away = cloud.plan(second)
    if changes(away)[f"{kind.name}.subject"].action is not Action.UPDATE or way(kind, attribute, away) is None:
        pytest.skip("nobody can change it in place")
    behind_its_back(cloud, away)
    if attribute.read_as is False and attribute.name != "tags":
        cloud.assert_settled(first)  # what cannot be read cannot be missed, nor what is shown and need not be so
        return
    if attribute.compare_by_digest:
        cloud.assert_settled(first)

    plan = cloud.plan(first, refresh_full=attribute.compare_by_digest)
    line = the_only_line(plan, kind, attribute)
    assert line.cause is Cause.DRIFT
    assert_planned_way(plan, kind, attribute, line)
    if any(guard.name == "blocked" for guard in plan.guards):
        return
    cloud.mark()
    cloud.apply(plan)
    assert_as_declared(cloud, plan)
    assert cloud.plan(first, refresh_full=True).is_empty


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_all_changes_in_place_at_once(cloud: Cloud, kind: Kind) -> None:
    """What each attribute can do alone they can do together: one change, and nothing is left to do after it."""
    alone = [a for k, a in (p.values for p in CHANGEABLE) if k is kind and not a.samples_with and a.fixed != "replace"]
    bodies = []
    for number in (0, 1):
        body = nested(kind.example)
        for attribute in alone:
            put(body, attribute.name, attribute.samples[number])
            if isinstance(attribute.samples[number], Mapping) and "env" in attribute.samples[number]:
                cloud.environ[str(attribute.samples[number]["env"])] = "Correct-Horse-7"
        bodies.append(body)
    first, second = (stack(kind, body) for body in bodies)
    cloud.settled(first)
    plan = cloud.plan(second)
    change = changes(plan)[f"{kind.name}.subject"]
    assert change.action is Action.UPDATE and not plan_is_blocked(plan), shown(plan)
    assert {line.name for line in change.attributes} == {attribute.name for attribute in alone}
    cloud.mark()
    cloud.apply(plan)
    assert_as_declared(cloud, plan)
    cloud.assert_settled(second)
    assert_destroyed(cloud, kind, second)


# What is expected, by the table


def way(kind: Kind, attribute: Attribute, plan: Plan) -> Update | None:
    """The Update that takes the line of a plan; None where none does."""
    line = changes(plan)[f"{kind.name}.subject"].attributes_by_name[attribute.name]
    before = None if line.before is UNKNOWN else line.before
    fits = [u for u in kind.updates_for(attribute.name) if u.only_if is None or u.only_if(before, line.after)]
    power = kind.capability(Power)
    if power and power.attribute == attribute.name:
        return power.stop if line.after == "stopped" else power.start
    return fits[0] if fits else None


def the_only_line(plan: Plan, kind: Kind, attribute: Attribute) -> AttributeChange:
    found = changes(plan)
    assert list(found) == [f"{kind.name}.subject"], shown(plan)
    (line,) = found[f"{kind.name}.subject"].attributes
    assert line.name == attribute.name
    return line


def assert_planned_way(plan: Plan, kind: Kind, attribute: Attribute, line: AttributeChange) -> None:
    """In place by the Update's call, by replacement, or refused: with the impact that the table declares."""
    change = changes(plan)[f"{kind.name}.subject"]
    update = None if line.forces_replacement else way(kind, attribute, plan)
    operations = [call.operation for step in plan.steps for call in step.calls]
    if update is not None:
        assert change.action is Action.UPDATE and not plan_is_blocked(plan), shown(plan)
        told = update.impacts(change) if callable(update.impacts) else update.impacts
        impacts = {*told, *([Impact.STOP_START] if update.needs_status else [])}
        if change.moving is not None and change.moving.restarts:
            impacts.add(Impact.REBOOT)
        power = kind.capability(Power)
        if power and update is power.stop:
            impacts = {Impact.STOP}
        if attribute.name in plugged_into(kind) and set(texts_in(line.before)) - set(texts_in(line.after)):
            impacts = {Impact.UNPLUG}
        assert change.impacts == impacts
        assert update.operation is None or update.operation in operations
        assert ("StopInstances" in operations) == (bool(update.needs_status) or line.after == "stopped")
    elif attribute.fixed == "replace":
        assert change.action is Action.REPLACE and not plan_is_blocked(plan), shown(plan)
        assert change.impacts == {Impact.NEW_IDENTITY, *kind.delete.impacts}
        assert {kind.create.operation, kind.delete.operation} <= set(operations)
    else:
        assert plan_is_blocked(plan)
        assert [guard.summary for guard in plan.guards if attribute.name in guard.summary]


def assert_as_declared(cloud: Cloud, plan: Plan) -> None:
    """What the emulator saw happen is what the plan said, no more and no less."""
    assert differences(changes(plan).values(), cloud.seen()) == [], shown(plan)


def plan_is_blocked(plan: Plan) -> bool:
    return any(guard.name == "blocked" for guard in plan.guards)


def assert_destroyed(cloud: Cloud, kind: Kind, text: str) -> None:
    """Nothing is left, unless the table says that such an object cannot be deleted: then the plan says why."""
    plan = cloud.plan(text, destroy=True)
    before = next(change.before for change in plan.changes if str(change.address) == f"{kind.name}.subject")
    assert before is not None
    refusal = kind.delete.refused(before) if kind.delete.refused else None
    if refusal:
        assert refusal in "".join(guard.summary for guard in plan.guards)
        return
    cloud.destroy(text)


def behind_its_back(cloud: Cloud, plan: Plan) -> None:
    """The plan's calls that change what is declared, made by somebody else: none that writes ownership or puts back."""
    filler = Filler(lambda secret: cloud.environ[secret.env or ""], lambda path: "")
    for step in plan.steps:
        for call in step.calls if step.question is None and step.id.verb != "restore" else ():
            params = filler.params(call)
            if "Tag" in params and step.id.verb in ("tag", "record", "mark"):
                params["Tag"] = [tag for tag in params["Tag"] if not tag["Key"].startswith("ecsplan:")]
                if not params["Tag"]:
                    continue
            answer = cloud.api.send(Request(call.operation, params, call.product, write=True))
            for born in call.creates:
                filler.ids[Ref(born, call.part or "id")] = answer[call.id_path]
            cloud.clock.advance(LONG)


# The stack, by the table


def texts(cloud: Cloud, kind: Kind, attribute: Attribute) -> tuple[str, str]:
    """Two stacks that differ in one attribute."""
    plain = nested(kind.example)
    for name, value in attribute.samples_with.items():
        put(plain, name, value)
    if attribute.decided_by:
        plain["lifecycle"] = {attribute.decided_by: "replace"}
    made = []
    for sample in attribute.samples[:2]:
        body = nested(plain)
        put(body, attribute.name, sample)
        if isinstance(sample, Mapping) and "env" in sample:
            cloud.environ[str(sample["env"])] = "Correct-Horse-7"
        made.append(stack(kind, body))
    return made[0], made[1]


def nested(value: Any) -> Any:
    """A copy that may be changed."""
    if isinstance(value, Mapping):
        return {key: nested(item) for key, item in value.items()}
    return [nested(item) for item in value] if isinstance(value, list | tuple) else value


def put(body: dict[str, Any], name: str, value: Any) -> None:
    *outer, last = name.split(".")
    for key in outer:
        body = body.setdefault(key, {})
    if value is None:
        body.pop(last, None)
    else:
        body[last] = value


def stack(kind: Kind, body: Mapping[str, Any]) -> str:
    resources: dict[str, dict[str, Any]] = {kind.name: {"subject": body}}
    for named in needed(kind, body):
        resources.setdefault(named[0], {})[named[1]] = nested(BASE[named])
    # Both stacks of a pair hold the same neighbours, so that nothing else differs between them.
    declared = flat(kind, body)
    for attribute in kind.attributes:
        for sample in attribute.samples if attribute.name in declared else ():
            other = nested(body)
            put(other, attribute.name, sample)
            for named in needed(kind, other):
                resources.setdefault(named[0], {})[named[1]] = nested(BASE[named])
    return HEAD + yaml.safe_dump({"resources": resources})


def flat(kind: Kind, body: Mapping[str, Any]) -> dict[str, Any]:
    """The declared attributes by their dotted names."""
    found: dict[str, Any] = {}
    for attribute in kind.attributes:
        value: Any = body
        for key in attribute.name.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None:
            found[attribute.name] = value
    return found


def needed(kind: Kind, body: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The base resources that a body names, and those that they name."""
    found: set[tuple[str, str]] = set()
    todo = [(kind, body)]
    while todo:
        one, declared = todo.pop()
        for name, value in flat(one, declared).items():
            for ref in names_in(one.attribute(name).parse(nested(value))):
                meant = ((kind, ref.text.removeprefix(f"{kind}.")) for kind in ref.kinds)
                named = next((one for one in meant if one in BASE), None)
                if named is not None and named not in found:
                    found.add(named)
                    todo.append((KINDS[named[0]], BASE[named]))
    return found


def names_in(value: Any) -> Iterator[NamedRef]:
    if isinstance(value, NamedRef):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from names_in(item)
