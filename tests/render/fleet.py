"""A plan of many changes that are all different, so that nothing of it folds."""

from ecsplan.model.address import Address, Ref
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Call
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.plan import Plan, Step, StepId
from tests.render.plans import at, live, resource


def fleet(count: int) -> Plan:
    """Machines in vSwitches of ten, every third one updated, every tenth one deleted."""
    changes = tuple(_change(number) for number in range(count))
    steps = tuple(_step(change, number) for number, change in enumerate(changes))
    return Plan("fleet", "cn-hangzhou", "1234567890123456", changes, steps, digest="sha256:" + "f1ee7" * 12)


def _change(number: int) -> Change:
    if number % 10 == 0:
        return _vswitch(number)
    if number % 10 == 9:
        return _deleted(number)
    return _updated(number) if number % 3 == 0 else _created(number)


def _vswitch(number: int) -> Change:
    block = AttributeChange("cidr_block", None, f"10.{number // 250}.{number % 250}.0/24", source=at(number))
    after = resource(f"vswitch.s{number}", number)
    return Change(after.address, Action.CREATE, after=after, attributes=(block,))


def _deleted(number: int) -> Change:
    return Change(
        Address("instance", f"m{number}"),
        Action.DELETE,
        live(f"instance.m{number}", f"i-{number}"),
        impacts=frozenset({Impact.DATA_LOSS}),
        reason="removed from stack.yaml",
        loses=(f"the data on its system disk d-{number}",),
    )


def _updated(number: int) -> Change:
    after = resource(f"instance.m{number}", number)
    lines = (
        AttributeChange("instance_type", "ecs.g7.large", f"ecs.g7.{1 + number % 16}xlarge", source=at(number)),
        AttributeChange("description", f"machine {number}, old", f"machine {number}, new", source=at(number)),
    )
    before = live(f"instance.m{number}", f"i-{number}")
    return Change(after.address, Action.UPDATE, before, after, lines, impacts=frozenset({Impact.STOP_START}))


def _created(number: int) -> Change:
    after = resource(
        f"instance.m{number}",
        number,
        name=f"machine-{number}",
        instance_type="ecs.g7.large",
        image="ubuntu_22_04_x64",
        private_ip=f"10.0.{number // 250}.{number % 250}",
        vswitch=Ref(_home(number)),
        security_groups=("sg-1", "sg-2"),
        key_pair="ops",
        tags=(("number", str(number)), ("team", "web")),
    )
    return Change(after.address, Action.CREATE, after=after)


def _home(number: int) -> Address:
    return Address("vswitch", f"s{number - number % 10}")


def _step(change: Change, number: int) -> Step:
    verb = change.action.name.lower()
    is_alone = number % 10 == 0 or verb == "delete"
    return Step(
        StepId(str(change.address), verb),
        (change.address,),
        (Call("RunInstances", {"RegionId": "cn-hangzhou", "Number": number}),),
        () if is_alone else (StepId(str(_home(number)), "create"),),
        seconds=10.0 + number % 7,
        wave=number % 4 if verb == "update" else 0,
    )
