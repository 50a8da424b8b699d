"""A change that waits for a snapshot, killed before and after every call: never a second snapshot, never a disk that is
changed, put back or deleted without one.

`ECSPLAN_SWEEP` (sizes.py) sets how many of the points are tried.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.engine import ApplyOptions
from tests.engine.test_safety_snapshots import DISK, LOGS, OTHER
from tests.kinds.cloud import Cloud, with_instance
from tests.survival.sizes import chosen
from tests.survival.test_rollouts import Killed

POINTS = 2  # of each change, of every test run
RISKY = {"ResizeDisk": "DiskId", "DeleteDisk": "DiskId", "ReInitDisk": "DiskId", "ReplaceSystemDisk": "InstanceId",
         "DeleteInstances": "InstanceId.1"}  # fmt: skip
ALL = "snapshot_before: [data_loss, resize, reinstall], on_image_change"
BODY = with_instance(LOGS, f"lifecycle: {{{ALL}: reinstall}}", more=DISK)
REPLACED = with_instance(LOGS, f"lifecycle: {{create_before_destroy: true, {ALL}: replace}}", more=DISK)
IMAGE = "ubuntu_22_04_x64_20G_alibase_20260522.vhd"


def apply(text: str) -> Callable[[Cloud], bool]:
    return lambda cloud: cloud.try_apply(text).is_complete


def reinit(cloud: Cloud) -> bool:
    options = ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), approved=True)
    named = ("instance.web.data_disks.logs", "instance.web.system_disk")
    report = engine.reinit(cloud.load(BODY), cloud.api, named, options, approve=lambda plan: True)
    return report is not None and not report.has_failed


CHANGES: dict[str, tuple[str, Callable[[Cloud], bool]]] = {
    "resize": (BODY, apply(BODY.replace("{category: cloud_essd, size: 40}", "{category: cloud_essd, size: 60}"))),
    "reinstall": (BODY, apply(BODY.replace(IMAGE, OTHER))),
    "replace": (REPLACED, apply(REPLACED.replace(IMAGE, OTHER))),
    "delete": (BODY, apply(with_instance(LOGS, f"lifecycle: {{{ALL}: reinstall}}"))),
    "reinit": (BODY, reinit),
}


def watched(cloud: Cloud, run: Callable[[Cloud], bool], kill_at: int, is_answered: bool, wrong: list[str]) -> int:
    """Runs until the kill; notes what is put at risk without a snapshot that is finished."""
    real, counted = cloud.service.handle, [0]

    def handle(request: Any) -> Any:
        counted[0] += 1
        if counted[0] == kill_at and not is_answered:
            raise Killed
        before = {d.id: d for d in cloud.things("disk")}
        hanging = {id_: disk.get("InstanceId") for id_, disk in before.items()}
        types = {id_: (disk["Type"], disk["DeleteWithInstance"]) for id_, disk in before.items()}
        kept = {s["SourceDiskId"] for s in cloud.things("snapshot") if s.status == "accomplished"}
        answer = real(request)
        last = cloud.service.log.calls()[-1]
        if last["action"] in RISKY and last["params"].get("DryRun") != "true" and answer.status == 200:
            wrong.extend(_unkept(last, hanging, types, kept))
        if counted[0] == kill_at:
            raise Killed
        return answer

    cloud.service.handle = handle  # type: ignore[method-assign]
    try:
        if not run(cloud) and not kill_at:
            wrong.append("it does not go on")
    except Killed:  # not by a look in a thread that nothing waits for
        pass
    finally:
        cloud.service.handle = real  # type: ignore[method-assign]
    return counted[0]


def _unkept(call: Any, hanging: Any, types: Any, kept: set[str]) -> list[str]:
    action, params = call["action"], call["params"]
    named = params[RISKY[action]]
    if action in ("ResizeDisk", "DeleteDisk", "ReInitDisk"):
        disks = [named]
    else:
        whole = action == "DeleteInstances"
        on_it = [one for one, machine in hanging.items() if machine == named]
        disks = [one for one in on_it if types[one][0] == "system" or (whole and types[one][1])]
    return [f"{action} of {one}, which is not kept" for one in disks if one not in kept]


def too_many(cloud: Cloud) -> list[str]:
    """A second one of a disk, but where a reinit that was done is done once more, which is another one."""
    times = [call["params"]["DiskId"] for call in cloud.written("ReInitDisk")]
    taken = [thing["SourceDiskId"] for thing in cloud.things("snapshot")]
    return [
        f"{taken.count(one)} snapshots of {one}" for one in set(taken) if taken.count(one) > max(1, times.count(one))
    ]


@pytest.mark.parametrize("name", CHANGES)
def test_killed_anywhere_each_disk_at_risk_is_kept_once(name: str, tmp_path: Path) -> None:
    body, run = CHANGES[name]

    def started(folder: str) -> Cloud:
        (tmp_path / folder).mkdir()
        cloud = Cloud(tmp_path / folder)
        cloud.apply(body)
        cloud.clock.advance(120)
        return cloud

    wrong: list[str] = []
    cloud = started("whole")
    count = watched(cloud, run, 0, False, wrong)
    taken = len(cloud.things("snapshot"))
    assert taken and not wrong, wrong
    cloud.service.close()
    points = [(number, is_answered) for number in range(1, count) for is_answered in (False, True)]
    for number, is_answered in chosen(points, POINTS, seed=len(name)):
        cloud, found = started(f"{number}-{is_answered}"), list[str]()
        watched(cloud, run, number, is_answered, found)
        cloud.clock.advance(300)
        watched(cloud, run, 0, False, found)
        found += too_many(cloud)
        wrong += [f"killed at {number}, {'answered' if is_answered else 'unsent'}: {one}" for one in found]
        cloud.service.close()
    assert not wrong, "\n".join(wrong)
