"""The stacks that the sweeps apply, and how they are read: as text, once."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ecsplan import engine
from ecsplan.executor.lock import PUBLIC_KEY
from ecsplan.model.stack import Stack

HEAD = """\
apiVersion: ecsplan/v1
stack: {name}
region: cn-hangzhou
resources:
"""

NETWORK = """\
  vpc:
    main: {cidr_block: 10.0.0.0/16}
  vswitch:
    app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}
"""

ONE_GROUP = """\
  security_group:
    web:
      vpc: main
      ingress:
        - {protocol: tcp, ports: 443, cidr: 0.0.0.0/0}
"""

MACHINE = (
    "instance_type: {type}, image: {image}, vswitch: app, security_groups: [web], "
    "system_disk: {{category: cloud_essd, size: 40}}"
)
FAMILY = '{family: "acs:ubuntu_22_04_x64"}'
KEY = PUBLIC_KEY


@cache
def stack_of(text: str, name: str = "shop", more: str = "") -> Stack:
    """A stack from its resources, as YAML; `more` is what else stands at the top level."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stack.yaml"
        path.write_text(HEAD.format(name=name) + text + more)
        return engine.load(str(path))


def machine(kind: str = "ecs.g7.large", image: str = FAMILY, more: str = "") -> str:
    return "{" + MACHINE.format(type=kind, image=image) + (f", {more}" if more else "") + "}"


FIRST = NETWORK + ONE_GROUP + f"  instance:\n    web: {machine()}\n"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What stands there before, and what is applied then.

    `keeps`: names of disks that must come through it all. `leaves`: what a next plan has to show all the same.
    `abroad`: an image of somebody else's stands in another region, to be copied from there.
    """

    name: str
    before: str
    after: str
    destroy: bool = False
    stack: str = "shop"
    head: str = ""
    keeps: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    abroad: bool = False

    @property
    def first(self) -> Stack | None:
        return stack_of(self.before, self.stack) if self.before else None

    @property
    def then(self) -> Stack:
        return stack_of(self.after, self.stack, self.head)

    def __str__(self) -> str:
        return self.name


def group(count: int, kind: str = "ecs.g7.large", more: str = "") -> str:
    return NETWORK + ONE_GROUP + f"  instance:\n    web: {machine(kind, more=f'count: {count}' + more)}\n"


DATA = ", data_disks: {data: {category: cloud_essd, size: 100, keep: true}, logs: {category: cloud_auto, size: 40}}"


def shop(
    count: int = 3,
    kind: str = "ecs.g7.large",
    image: str = FAMILY,
    db: str = "",
    disk: int = 200,
    bandwidth: int = 5,
    ports: str = "443",
    tags: str = "{team: web}",
    words: str = "the shop",
    order: str = "",
) -> str:
    """All seven kinds: two groups that name each other, a group of machines, one with a disk and an address."""
    lifecycle = "lifecycle: {on_image_change: replace" + order + "}"
    return f"""\
  vpc:
    main: {{cidr_block: 10.0.0.0/16, description: {words}, tags: {tags}}}
  vswitch:
    app: {{vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24, tags: {tags}}}
    db: {{vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.2.0/24}}
  key_pair:
    ops: {{public_key: {KEY}}}
  security_group:
    web:
      vpc: main
      tags: {tags}
      ingress:
        - {{protocol: tcp, ports: {ports}, cidr: 0.0.0.0/0}}
        - {{protocol: tcp, ports: 9000, security_group: db}}
    db:
      vpc: main
      ingress:
        - {{protocol: tcp, ports: 5432, security_group: web}}
      egress:
        - {{protocol: udp, ports: 53, cidr: 100.64.0.0/10}}
  instance:
    web: {machine(kind, more=f"count: {count}, key_pair: ops, {lifecycle}")}
    db:
      instance_type: ecs.r7.large
      image: {image}
      vswitch: db
      security_groups: [db]
      key_pair: ops
      system_disk: {{category: cloud_essd, size: 40}}
      {lifecycle}
      data_disks:
        data: {{category: cloud_essd, size: 100, keep: true}}
        {db or "logs: {category: cloud_auto, size: 40}"}
  disk:
    store: {{zone: cn-hangzhou-h, category: cloud_essd, size: {disk}, performance_level: PL1, instance: db}}
  eip:
    db: {{bandwidth: {bandwidth}, charge_type: PayByTraffic, instance: db}}
"""


IMAGE = "ubuntu_22_04_x64_20G_alibase_20260522.vhd"
OTHER_IMAGE = "aliyun_3_x64_20G_alibase_20260828.vhd"

BIG = shop(image=IMAGE)
CHANGED = shop(
    image=IMAGE, kind="ecs.g7.xlarge", disk=300, bandwidth=10, ports="[80, 443]", tags="{team: shop, cost: '7'}",
    words="the other shop", db="logs: {category: cloud_auto, size: 60}",
)  # fmt: skip
REPLACED = shop(image=OTHER_IMAGE)
FIRST_NEW = shop(image=OTHER_IMAGE, order=", create_before_destroy: true")
SLOTS = shop(image=IMAGE, db="more: {category: cloud_essd, size: 60}")
RENAMED = BIG.replace("    app: {vpc", "    front: {vpc").replace("vswitch: app", "vswitch: front")
MOVED = "moved:\n  - {from: vswitch.app, to: vswitch.front}\n"
OTHER_RANGE = BIG.replace("10.0.2.0/24", "10.0.3.0/24")
LESS = (
    NETWORK
    + ONE_GROUP
    + f"  key_pair:\n    ops: {{public_key: {KEY}}}\n  instance:\n    web: {machine(more='count: 2')}\n"
)

ABROAD, REGION_ABROAD = "m-2zeabroad00000000001", "cn-beijing"
BACKED = FIRST + "  disk:\n    store: {zone: cn-hangzhou-h, category: cloud_essd, size: 60, instance: web}\n"
BACKUPS = (
    BACKED.replace("size: 60", "size: 60, snapshot_policy: nightly")
    + f"""\
  auto_snapshot_policy:
    nightly: {{hours: [3], weekdays: [1, 5], retention_days: 7}}
    weekly: {{hours: [4], weekdays: [7], retention_days: -1}}
  snapshot:
    system: {{disk: {{instance: web}}}}
    store: {{disk: store}}
  image:
    golden: {{instance: web, family: shop, version: "1", delete_snapshots: true}}
    imported: {{import_from: [{{bucket: images, object: web.qcow2, size: 20}}], family: shop}}
    copied: {{copy_from: {{image: {ABROAD}, region: {REGION_ABROAD}}}, family: shop}}
  network_interface:
    second: {{vswitch: app, security_groups: [web], instance: web}}
"""
)
"""What is taken of machines and disks, when, and what is plugged in: the kinds that a shop leaves out."""

IN_APP = "vswitch: app, security_groups: [web]"
PLUGGED = group(
    2,
    "ecs.g7.xlarge",
    f", network_interfaces: {{control: {{{IN_APP}, description: first}}, spare: {{{IN_APP}}}, old: {{{IN_APP}}}}}",
)
REPLUGGED = group(
    2,
    "ecs.g7.xlarge",
    f", network_interfaces: {{control: {{{IN_APP}, description: second}}, new: {{{IN_APP}}},"
    f' spare: {{{IN_APP}, primary_ip: "10.0.1.${{index + 70}}"}}}}',
)
"""Of each machine, one interface changes, one is made anew, one goes and one comes."""

PUBLIC = NETWORK + ONE_GROUP + f"  instance:\n    web: {machine(more='internet: {max_bandwidth_out: 5}')}\n"
CONVERTED = FIRST + "  eip:\n    web: {instance: web, convert_public_ip: true, bandwidth: 10, tags: {team: web}}\n"

ROLLED = group(3, more=DATA + ", lifecycle: {on_image_change: replace}").replace(FAMILY, IMAGE)
ROLLED_ON = ROLLED.replace(IMAGE, OTHER_IMAGE)
ALONE = ROLLED.replace("count: 3, ", "")
STAYS = ("data", "shop-store")

TOLD = group(2, more=", commands: [setup]") + "  command: {setup: {type: RunShellScript, content: echo one}}\n"

SOME = "{zone: cn-hangzhou-h, category: cloud_essd, size: 40"
SHARED = group(3, more=", charge_type: PrePaid, period: 1") + (
    f"  disk:\n    files: {SOME}, multi_attach: true, instances: ['web[0]', 'web[1]']}}\n"
    f"    store: {SOME}, instance: 'web[0]'}}\n"
)
SHIFTED = SHARED.replace("['web[0]', 'web[1]']", "['web[1]', 'web[2]']").replace(
    "instance: 'web[0]'", "instance: 'web[0]', subscription: true"
)
"""A disk leaves one machine for another while a third goes on using it; another one is paid for ahead."""

FRONT = (
    NETWORK + ONE_GROUP + "  network_interface:\n    front: {vswitch: app, security_groups: [web], "
    "primary_ip: 10.0.1.20, private_ips: [10.0.1.21, 10.0.1.22]}\n  eip:\n"
)
BOUND = FRONT + (
    "    one: {bandwidth: 5, instance: front, private_ip: 10.0.1.21}\n"
    "    two: {bandwidth: 5, vpc: main, private_ip: 10.0.1.99}\n"
    "    three: {bandwidth: 5, instance: front, private_ip: 10.0.1.20, mode: NAT}\n"
)
BOUND_ELSEWHERE = FRONT + (
    "    one: {bandwidth: 5, instance: front, private_ip: 10.0.1.22}\n"
    "    two: {bandwidth: 5, instance: front, private_ip: 10.0.1.21}\n"
    "    three: {bandwidth: 5, vpc: main, private_ip: 10.0.1.99}\n"
)
"""Addresses that take each other's places on an interface and in a VPC."""

EXAMPLES = Path(__file__).parents[2] / "examples" / "kinds"


def example(kind: str) -> str:
    """The resources of the example of a kind."""
    return (EXAMPLES / f"{kind}.yaml").read_text(encoding="utf-8").partition("resources:\n")[2]


SWEPT = (
    Scenario("create one", "", FIRST),
    Scenario("create shop", "", BIG),
    Scenario("create group", "", group(6, more=DATA)),
    Scenario("change", BIG, CHANGED, keeps=("data", "logs", "shop-store")),
    Scenario("replace, delete first", ALONE, ALONE.replace(IMAGE, OTHER_IMAGE), keeps=("data",)),
    Scenario("replace group", ROLLED, ROLLED_ON, keeps=("data",)),
    Scenario("replace, create first", BIG, FIRST_NEW, keeps=STAYS),
    Scenario("replace, others move", BIG, REPLACED, keeps=STAYS),
    Scenario("data disks", BIG, SLOTS, keeps=STAYS),
    Scenario("move", BIG, RENAMED, head=MOVED, keeps=STAYS),
    Scenario("other subnet", BIG, OTHER_RANGE, keeps=STAYS),
    Scenario("destroy", BIG, BIG, destroy=True),
    Scenario("destroy group", group(6, more=DATA), group(6, more=DATA), destroy=True),
    Scenario("scale up", group(3), group(7)),
    Scenario("scale down", group(7), group(3)),
    Scenario("fewer blocks", BIG, LESS, leaves=("DELETE disk.db[",)),
    Scenario("shared disks", SHARED, SHIFTED, keeps=("shop-files", "shop-store")),
    Scenario("network interfaces", PLUGGED, REPLUGGED),
    Scenario("destroy with interfaces", REPLUGGED, REPLUGGED, destroy=True),
    Scenario("private addresses", BOUND, BOUND_ELSEWHERE),
    Scenario("convert", PUBLIC, CONVERTED),
    Scenario("commands", TOLD, TOLD.replace("echo one", "echo two").replace("count: 2", "count: 3")),
    Scenario("backups", BACKED, BACKUPS, abroad=True),
)
ALONE_IN_AN_EXAMPLE = tuple(
    kind for kind in engine.kinds() if not any(f"  {kind}:\n" in one.before + one.after for one in SWEPT)
)
"""Kinds that no scenario has: their examples are made and destroyed."""
SCENARIOS = (
    *SWEPT,
    *(Scenario(f"create {kind}", "", example(kind)) for kind in ALONE_IN_AN_EXAMPLE),
    *(Scenario(f"destroy {kind}", example(kind), example(kind), destroy=True) for kind in ALONE_IN_AN_EXAMPLE),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
