"""The file: every answered write is there after SIGKILL, and one process has it alone."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ecsplan.emulator.service import Options, Service, VirtualClock
from ecsplan.emulator.storage import FileInUse

from .client import Client, Failed, build_world

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from pathlib import Path
from ecsplan.emulator.service import Options, Service
from emulator.client import Client
client = Client(Service(Options(data=Path(sys.argv[1]), clock="fast", seed="x")))
n = 0
while True:
    disk = client.ecs("CreateDisk", ZoneId="cn-hangzhou-h", Size=40, ClientToken=f"t{n}",
                      Tag=[{"Key": "n", "Value": str(n)}])["DiskId"]
    if n % 3 == 2:
        client.ecs("TagResources", ResourceType="disk", ResourceId=[disk], Tag=[{"Key": "third", "Value": disk}])
    print(n, disk, flush=True)
    n += 1
"""


def opened(path: Path, **options: str) -> Client:
    return Client(Service(Options(data=path, **options), VirtualClock()))


@pytest.mark.parametrize("after", [1, 7, 40])
def test_nothing_answered_is_lost_to_sigkill(tmp_path: Path, after: int) -> None:
    path = tmp_path / "account.db"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, env=environment
    ) as writer:
        assert writer.stdout is not None
        answered = dict(writer.stdout.readline().split() for _ in range(after))
        writer.send_signal(signal.SIGKILL)
        answered |= dict(line.split() for line in writer.stdout if line.endswith("\n"))
    client = opened(path, seed="x")
    rows = []
    page = client.ecs("DescribeDisks", MaxResults=500)
    rows += page["Disks"]["Disk"]
    found = {row["DiskId"]: {t["TagKey"]: t["TagValue"] for t in row["Tags"]["Tag"]} for row in rows}
    for n, disk in answered.items():
        assert found[disk]["n"] == n
        if int(n) % 3 == 2:
            assert found[disk]["third"] == disk
    assert len(found) - len(answered) in (0, 1)
    again = client.ecs(
        "CreateDisk", ZoneId="cn-hangzhou-h", Size=40, ClientToken="t0", Tag=[{"Key": "n", "Value": "0"}]
    )
    assert again["DiskId"] == answered["0"]
    client.service.close()


def test_two_on_one_file_are_refused(tmp_path: Path) -> None:
    first = opened(tmp_path / "a.db")
    with pytest.raises(FileInUse, match=r"a\.db is in use by another emulator"):
        opened(tmp_path / "a.db")
    first.service.close()
    opened(tmp_path / "a.db").service.close()


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_bytes(b"these are no tables" * 100)
    with pytest.raises(FileInUse, match="is not an emulator file"):
        opened(path)


def test_transitions_go_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.db"
    service = Service(Options(data=path), VirtualClock())
    world = build_world(Client(service))
    (id_,) = world.run(DataDisk=[{"Size": 40, "Category": "cloud_essd"}])
    now = service.clock.now()
    service.close()
    client = Client(Service(Options(data=path), VirtualClock(now + 3)))
    (row,) = client.ecs("DescribeInstances", InstanceIds=json.dumps([id_]))["Instances"]["Instance"]
    assert row["Status"] == "Running"
    with pytest.raises(Failed, match="DependencyViolation"):
        client.vpc("DeleteVSwitch", VSwitchId=world.vswitch)
    client.service.close()


def test_a_seed_does_not_give_an_old_id_again(tmp_path: Path) -> None:
    """A deleted thing's id must not come back in the next process."""
    ids = set()
    for _ in range(3):
        client = opened(tmp_path / "a.db", seed="same")
        disk = client.ecs("CreateDisk", ZoneId="cn-hangzhou-h", Size=40)["DiskId"]
        client.settle()
        client.ecs("DeleteDisk", DiskId=disk)
        client.service.close()
        ids.add(disk)
    assert len(ids) == 3


def test_a_refused_call_leaves_nothing_in_the_file(tmp_path: Path) -> None:
    client = opened(tmp_path / "a.db")
    world = build_world(client)
    with pytest.raises(Failed):
        world.run(Amount=3, DataDisk=[{"Size": 1, "Category": "cloud_efficiency"}])
    with pytest.raises(Failed, match="DryRunOperation"):
        world.run(DryRun=True)
    client.service.close()
    again = opened(tmp_path / "a.db")
    kinds = {thing["kind"] for thing in again.control("GET", "state")["things"]}
    assert kinds == {"vpc", "vswitch", "routetable", "securitygroup"}
    again.service.close()


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.touch(0o644)
    client = opened(path)
    client.vpc("CreateVpc")
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    client.service.close()
    assert set(modes.values()) == {0o600}, modes


def test_a_file_with_damaged_rows_is_said(tmp_path: Path) -> None:
    client = opened(tmp_path / "a.db")
    client.vpc("CreateVpc")
    client.service.close()
    with sqlite3.connect(tmp_path / "a.db") as db:
        db.execute("UPDATE things SET body = NULL")
    db.close()
    with pytest.raises(FileInUse, match=r"a\.db is damaged"):
        opened(tmp_path / "a.db")
