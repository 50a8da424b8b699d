"""Seconds and memory of `import terraform` for a large state: read, mapped and proven, without the time of the calls.

CPU seconds of the engine alone: what the emulator in the same process takes for its answers is subtracted. The memory
is that of the command line in a process of its own, which reads the same account from a file.

Usage: python -m tests.benchmarks.migration [RESOURCES]   (default: 5000)
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ecsplan.emulator.service import HttpRequest
from ecsplan.emulator.testing import running_emulator
from ecsplan.engine.importing import bring_over, read_source
from tests.engine.accounts import disown
from tests.kinds.cloud import Cloud
from tests.support.tfstate import block, one, state

MACHINES_OF_A_GROUP = 40
# Of each machine: itself, two disks and their attachments.
RESOURCES_OF_A_MACHINE = 5


def account(cloud: Cloud, machines: int) -> None:
    groups = range(-(-machines // MACHINES_OF_A_GROUP))
    sizes = [min(MACHINES_OF_A_GROUP, machines - group * MACHINES_OF_A_GROUP) for group in groups]
    text = "".join(
        f"    g{n}: {{count: {size}, name: 'g{n}-${{index}}', instance_type: ecs.g7.large, vswitch: app,"
        f" image: ubuntu_22_04_x64_20G_alibase_20260522.vhd, security_groups: [web],"
        f" system_disk: {{category: cloud_essd, size: 40}}}}\n"
        for n, size in enumerate(sizes)
    )
    disks = "".join(
        f"    {letter}{n}: {{count: {size}, zone: cn-hangzhou-h, category: cloud_essd, size: 40,"
        f" instance: 'g{n}[${{index}}]'}}\n"
        for letter in "dl"
        for n, size in enumerate(sizes)
    )
    cloud.apply(
        "resources:\n  vpc: {main: {cidr_block: 10.0.0.0/8}}\n"
        "  vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.0.0/16}}\n"
        "  security_group: {web: {vpc: main, ingress: [{protocol: tcp, ports: [80, 443], cidr: 0.0.0.0/0}]}}\n"
        f"  instance:\n{text}  disk:\n{disks}"
    )
    cloud.clock.advance(120)
    disown(cloud)


def written(cloud: Cloud) -> dict[str, Any]:
    """The state: groups by the names of machines, attributes as many as the provider keeps."""
    filler = {f"computed_{n}": "x" * 12 for n in range(60)}
    groups: dict[str, list[Any]] = {}
    by_id = {}
    for thing in cloud.things("instance"):
        group, _, number = str(thing["InstanceName"]).partition("-")
        by_id[thing.id] = (group, int(number))
        groups.setdefault(group, []).append((int(number), thing))
    blocks = [block("alicloud_vpc", "main", one(cloud.things("vpc")[0].id))]
    blocks += [block("alicloud_vswitch", "app", one(cloud.things("vswitch")[0].id))]
    blocks += [block("alicloud_security_group", "web", one(cloud.things("securitygroup")[0].id))]
    for name, members in groups.items():
        ordered = sorted(members, key=lambda member: member[0])
        blocks.append(block("alicloud_instance", name, *(
            one(thing.id, n, instance_name=thing["InstanceName"], instance_type="ecs.g7.large", **filler)
            for n, thing in ordered)))  # fmt: skip
    parts: dict[str, list[Any]] = {}
    for thing in cloud.things("disk"):
        if thing.get("Type") != "system":
            parts.setdefault(str(thing["DiskName"]).split("-")[1], []).append((by_id[thing["InstanceId"]][1], thing))
    for name, members in parts.items():
        ordered = sorted(members, key=lambda member: member[0])
        blocks.append(block("alicloud_ecs_disk", name, *(one(thing.id, n, **filler) for n, thing in ordered)))
        attached = (one(f"{thing.id}:{thing['InstanceId']}", n, disk_id=thing.id) for n, thing in ordered)
        blocks.append(block("alicloud_ecs_disk_attachment", name, *attached))
    return state(*blocks)


def seconds(cloud: Cloud, text: str) -> tuple[float, int, int]:
    """CPU seconds beside the answers, calls, and the number of objects that are brought over or folded."""
    spent, calls, handle = 0.0, 0, cloud.service.handle

    def timed(request: HttpRequest) -> Any:
        nonlocal spent, calls
        begun = time.thread_time()
        try:
            return handle(request)
        finally:
            spent += time.thread_time() - begun
            calls += 1

    cloud.service.handle = timed  # type: ignore[method-assign]
    begun = time.process_time()
    made = bring_over(read_source("terraform", text), cloud.api, "moved")
    total = time.process_time() - begun
    cloud.service.handle = handle  # type: ignore[method-assign]
    assert made.is_complete, [one for one in made.outcomes if one.why][:3]
    return total - spent, calls, len(made.outcomes)


def memory(cloud: Cloud, folder: Path, text: str) -> int:
    """MiB at most of the command line."""
    (folder / "x.tfstate").write_text(text)
    headers = {"host": "127.0.0.1", "x-ecsplan-emulator": "1"}
    world = cloud.service.handle(HttpRequest("GET", "/_emulator/state", headers, b"")).body
    with running_emulator(clock="fast") as server:
        import requests

        requests.put(f"{server.url}/_emulator/state", world, headers={"x-ecsplan-emulator": "1"}).raise_for_status()
        environ = os.environ | {"ECSPLAN_ENDPOINT": server.url, "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator",
                                "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret"}  # fmt: skip
        command = [sys.executable, "-m", "ecsplan", "import", "terraform", "x.tfstate", "--stack", "moved", "-o", "out",
                   "--region", "cn-hangzhou"]  # fmt: skip
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        subprocess.run(command, cwd=folder, env=environ, check=True, stdout=subprocess.DEVNULL)
        return max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024


def main(arguments: list[str]) -> None:
    size = int(arguments[0]) if arguments else 5000
    with tempfile.TemporaryDirectory() as name:
        cloud = Cloud(Path(name))
        account(cloud, size // RESOURCES_OF_A_MACHINE)
        text = json.dumps(written(cloud), indent=2)
        took, calls, objects = seconds(cloud, text)
        peak = memory(cloud, Path(name), text)
    print(f"{objects:,} resources, {len(text) >> 20} MiB: {took:.1f} s beside {calls} calls, {peak} MiB at most")


if __name__ == "__main__":
    main(sys.argv[1:])
