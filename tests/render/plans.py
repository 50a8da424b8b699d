"""Plans that the render tests draw: one with every action, and what it takes to build such things."""

from decimal import Decimal
from typing import Any

from ecsplan.kinds import load_kinds
from ecsplan.model.address import Address, Ref, Secret, Template
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Call, ErrorClass, Late, Product
from ecsplan.model.change import UNKNOWN, Action, AttributeChange, Cause, Change
from ecsplan.model.diagnostic import Diagnostic, Severity, SourceRange
from ecsplan.model.plan import Guard, Outcome, Plan, Report, Result, Status, Step, StepId
from ecsplan.model.preflight import Finding, Level, PreflightReport
from ecsplan.model.price import PriceLine, Prices
from ecsplan.model.reach import Reach
from ecsplan.model.resource import LiveObject, Resource

SECRET = "hunter2-never-shown"


SOLD_OUT = "ecs.g7.xlarge is sold out in cn-hangzhou-h (WithoutStock; PostPaid)"


def at(line: int) -> SourceRange:
    return SourceRange("stack.yaml", line, 7)


def address(text: str) -> Address:
    return Address.parse(text)


def resource(text: str, line: int = 1, **attributes: Any) -> Resource:
    return Resource(address(text), attributes, f"web-prod-{address(text).name}", source=at(line))


def live(text: str, id_: str, **attributes: Any) -> LiveObject:
    found = address(text)
    return LiveObject(found.kind, id_, f"web-prod-{found.name}", "Available", attributes=attributes)


def rule(port: str, cidr: str, **more: Any) -> tuple[tuple[str, Any], ...]:
    whole = {"protocol": "tcp", "ports": port, "cidr": cidr, "policy": "accept", "priority": 1, **more}
    return tuple(sorted(whole.items()))


def step(
    text: str, verb: str, *operations: str, needs: tuple[StepId, ...] = (), seconds: float = 5.0, **more: Any
) -> Step:
    calls = tuple(Call(operation, {"RegionId": "cn-hangzhou"}) for operation in operations)
    return Step(StepId(text, verb), (address(text),), calls, needs, seconds=seconds, **more)


def every_action() -> Plan:
    """One change of each sort, and all the traits that a change may have."""
    return Plan(
        kinds=load_kinds(),
        stack="web-prod",
        region="cn-hangzhou",
        account="1234567890123456",
        changes=_changes(),
        steps=_steps(),
        guards=(
            Guard("protected", "is protected", "apply prevent_destroy: false first", (address("instance.db"),)),
            Guard("share", "5 of 9 resources would be destroyed", "give --allow-destroy 5"),
        ),
        warnings=(
            Diagnostic("absence is unproven", "the list of eips came back empty", at(3), severity=Severity.WARNING),
            Diagnostic("two groups are alike", address=address("security_group.web"), severity=Severity.WARNING),
        ),
        outputs={"url": Template(("http://", Ref(address("eip.web"), "ip_address"))), "zone": "cn-hangzhou-h"},
        digest="c0ffee" * 10,
        live=47,
        calls_read=14,
        read_seconds=0.6,
        ecsplan_version="0.1.0",
        reach=(
            Reach(
                tuple(address(f"instance.web[{number}]") for number in range(14)),
                "ingress",
                ("tcp 22 to 0.0.0.0/0 (partly open before)", "udp 53 to prefix list pl-dns"),
                groups=(address("security_group.web"),),
                unknown=("sg-of-others",),
            ),
            Reach(
                (address("instance.db"),),
                "ingress",
                closed=("tcp 22 to 10.0.0.0/8",),
                last_way_in=("ssh",),
                groups=(address("security_group.db"),),
            ),
            Reach((address("security_group.old"),), "egress", ("all to ::/0",), unknown=("sg-2",), is_unsure=True),
        ),
        preflight=_preflight(),
        prices=_prices(),
    )


def _prices() -> Prices:
    """Alike lines, one that is due at once, and one of which a part is not known."""
    web = [PriceLine(address(f"instance.web[{n}]"), Decimal("120.45"), Decimal("241.2")) for n in range(2)]
    db = PriceLine(address("instance.db"), Decimal(), Decimal("283.333333"), Decimal(3400), notes=("a note",))
    eip = PriceLine(address("eip.web"), Decimal(), None, unpriced=("its price: Forbidden.RAM: no",))
    return Prices(True, "CNY", (*web, db, eip), 3)


def _preflight() -> PreflightReport:
    """One finding of each level; the failure is a guard of the plan too."""
    web = (address("instance.web[0]"), address("instance.web[1]"))
    return PreflightReport(
        "fast",
        3,
        (
            Finding(Level.FAIL, "stock", SOLD_OUT, "OperationDenied.NoStock", "in stock in cn-hangzhou-i", web, at(12)),
            Finding(Level.WARN, "quota", "12 of 14 vCPUs of spot machines will be used", "QuotaExceed.ElasticQuota"),
            Finding(Level.UNCHECKED, "image", "whether there is image m-1: Forbidden.RAM: no", addresses=web[:1]),
        ),
        4,
    )


def _changes() -> tuple[Change, ...]:
    return (
        Change(
            address("disk.data"),
            Action.CREATE,
            after=resource("disk.data", 70, size=200, category="cloud_essd", instance=Ref(address("instance.db"))),
        ),
        Change(
            address("vswitch.new"),
            Action.CREATE,
            after=resource("vswitch.new", 12),
            attributes=(AttributeChange("cidr_block", None, "10.0.9.0/24", source=at(13)),),
        ),
        *(_upgrade(number) for number in range(3)),
        _database(),
        _drifted_group(),
        _settings(),
        Change(
            address("eip.old"),
            Action.DELETE,
            live("eip.old", "eip-1"),
            impacts=frozenset({Impact.NEW_ADDRESS}),
            reason="removed from stack.yaml",
            loses=("the address 47.98.1.2",),
        ),
        Change(
            address("vpc.main"),
            Action.ADOPT,
            live("vpc.main", "vpc-1"),
            resource("vpc.main", 9),
            notes=("adopted from vpc-1",),
        ),
        Change(
            address("key_pair.ops"),
            Action.MOVE,
            live("key_pair.ops", "ops"),
            resource("key_pair.ops", 21),
            moved_from=address("key_pair.admin"),
        ),
        Change(address("disk.scratch"), Action.RELEASE, live("disk.scratch", "d-9"), reason="released"),
        Change(address("vswitch.app"), Action.NOOP, live("vswitch.app", "vsw-1"), resource("vswitch.app", 11)),
        Change(
            address("instance.bastion"),
            Action.NOOP,
            live("instance.bastion", "i-8"),
            resource("instance.bastion", 60),
            notes=("a newer image of the family is there",),
        ),
    )


def _upgrade(number: int) -> Change:
    text = f"instance.web[{number}]"
    return Change(
        address(text),
        Action.UPDATE,
        live(text, f"i-{number}"),
        resource(text, 25),
        (
            AttributeChange("instance_type", "ecs.g7.large", "ecs.g7.xlarge", source=at(28)),
            AttributeChange("tags", (("team", "web"),), (("owner", "ops"), ("team", "core")), source=at(29)),
        ),
        impacts=frozenset({Impact.STOP_START}),
    )


def _database() -> Change:
    return Change(
        address("instance.db"),
        Action.REPLACE,
        live("instance.db", "i-db"),
        resource("instance.db", 40),
        (
            AttributeChange(
                "image", "ubuntu_22_04", "ubuntu_24_04", forces_replacement=True,
                note="on_image_change: replace", source=at(41),
            ),
            AttributeChange("password", UNKNOWN, Secret(2, env="DB_PASSWORD"), sensitive=True, source=at(44)),
            AttributeChange("user_data", "#!/bin/sh\necho one\nexit\n", "#!/bin/sh\necho two\nexit\n", source=at(45)),
            AttributeChange("vswitch", "vsw-1", Ref(address("vswitch.new")), cause=Cause.BOTH, source=at(43)),
        ),
        impacts=frozenset({Impact.DATA_LOSS, Impact.NEW_IDENTITY}),
        loses=("the data on its system disk d-1",),
        blocked=("prevent_destroy",),
    )  # fmt: skip


def _drifted_group() -> Change:
    return Change(
        address("security_group.web"),
        Action.UPDATE,
        live("security_group.web", "sg-1"),
        resource("security_group.web", 15),
        (
            AttributeChange(
                "ingress",
                (rule("22", "0.0.0.0/0"), rule("443", "0.0.0.0/0")),
                (rule("443", "0.0.0.0/0"), rule("8080-8090", "10.0.0.0/8", policy="drop", priority=5)),
                cause=Cause.DRIFT,
                source=at(17),
            ),
        ),
    )


def _settings() -> Change:
    return Change(
        address("instance.cron"),
        Action.UPDATE,
        live("instance.cron", "i-7"),
        resource("instance.cron", 50),
        (
            AttributeChange("description", "old | `new` <b>", None, source=at(51)),
            AttributeChange("security_groups", ("sg-1", "sg-2"), (Ref(address("security_group.web")), "sg-2")),
            AttributeChange("hostile", None, "red \x1b[31m @somebody #1"),
            AttributeChange("api_key", "plain-" + SECRET, "other-" + SECRET, sensitive=True),
        ),
        impacts=frozenset({Impact.REBOOT}),
        create_first=True,
    )


def _steps() -> tuple[Step, ...]:
    made = step("vswitch.new", "create", "CreateVSwitch", lane="vpc-1")
    waves = tuple(
        step(
            f"instance.web[{number}]", "update", "StopInstances", "ModifyInstanceSpec", "StartInstances",
            seconds=40.0, wave=number + 1, impacts=frozenset({Impact.STOP_START}),
            needs=(StepId(f"instance.web[{number - 1}]", "update"),) if number else (),
        )
        for number in range(3)
    )  # fmt: skip
    run = Step(
        StepId("instance.db", "create"),
        (address("instance.db"),),
        (
            Call(
                "RunInstances",
                {
                    "VSwitchId": Ref(address("vswitch.new")),
                    "Password": Secret(2, env="DB_PASSWORD"),
                    "UserData": Late(SECRET, str, is_sensitive=True),
                    "Tag": [{"Key": "team", "Value": "web"}],
                },
                creates=(address("instance.db"),),
                note="Amount 1",
            ),
        ),
        (made.id,),
        seconds=10.0,
    )
    eip = Step(
        StepId("eip.old", "delete"),
        (address("eip.old"),),
        (Call("ReleaseEipAddress", {"AllocationId": "eip-1"}, Product.VPC, targets=("eip-1",)),) * 2,
    )
    return (*waves, run, made, eip)


def a_report() -> Report:
    made, failed = StepId("vswitch.new", "create"), StepId("instance.db", "create")
    return Report(
        outcomes=(
            Outcome(made, (address("vswitch.new"),), Status.DONE),
            Outcome(
                failed,
                (address("instance.db"),),
                Status.FAILED,
                code="OperationDenied.NoStock",
                message="The requested resource is sold out | in <zone>.",
                request_id="4F1A",
                advice="choose another zone or instance type",
                error=ErrorClass.CAPACITY,
                request_ids=("4F19", "4F1A"),
            ),
            *(
                Outcome(
                    StepId(f"disk.data[{n}]", "finish"), (address(f"disk.data[{n}]"),), Status.SKIPPED, because=failed
                )
                for n in range(3)
            ),
        ),
        ids={address("vswitch.new"): "vsw-2"},
        outputs={"zone": "cn-hangzhou-h", "key": Secret(1, file="key.txt")},
        calls=4,
        seconds=63.2,
        results={
            address("vswitch.new"): Result.CREATED,
            address("instance.db"): Result.FAILED,
            **{address(f"disk.data[{n}]"): Result.NOT_STARTED for n in range(3)},
        },
        has_effect=True,
    )


def _skipped(text: str, because: StepId) -> Outcome:
    return Outcome(StepId(text, "finish"), (address(text),), Status.SKIPPED, because=because)
