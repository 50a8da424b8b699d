"""The same input is the same plan, byte for byte: whatever the order of lists, of files, and of Python's hashes."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from ecsplan import engine
from ecsplan.provider.alibaba import Alibaba
from tests.engine.test_saved_plans import BASE, SCENARIOS

ROOT = Path(__file__).parent.parent.parent
SCRIPT = """
import sys
from pathlib import Path
from tests.engine.test_saved_plans import SCENARIOS
from tests.kinds.cloud import Cloud
from ecsplan import engine
cloud = Cloud(Path(sys.argv[1]))
before, after, asked = SCENARIOS[sys.argv[2]]
if before:
    cloud.apply(before, parallelism=1)
sys.stdout.write(engine.save_plan(cloud.plan(after, **asked)))
"""


def told_by_another_process(folder: Path, scenario: str, hash_seed: str) -> str:
    folder.mkdir(exist_ok=True)
    environ = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT, str(folder), scenario]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("scenario", ["change in place", "replace, create first"])
def test_no_hash_seed_shows_in_a_plan(tmp_path, scenario):
    seen = {told_by_another_process(tmp_path / "same", scenario, seed) for seed in ("0", "4711")}
    assert len(seen) == 1


@pytest.mark.parametrize("scenario", ["change in place", "fewer blocks", "scale down", "replace", "destroy"])
def test_no_order_of_the_lists_shows_in_a_plan(cloud, monkeypatch, scenario):
    _, after, asked = SCENARIOS[scenario]
    cloud.settled(BASE)
    first = engine.save_plan(cloud.plan(after, **asked))
    read = Alibaba.pages
    for seed in range(5):
        monkeypatch.setattr(Alibaba, "pages", lambda self, *args, seed=seed: shuffled(read(self, *args), seed))
        assert engine.save_plan(cloud.plan(after, **asked)) == first


def shuffled(items, seed: int):
    found = list(items)
    Random(seed).shuffle(found)
    return found


def test_no_order_of_the_files_shows_in_a_plan(cloud):
    parts = {
        "network": "vpc:\n    main: {cidr_block: 10.0.0.0/8}\n    other: {cidr_block: 172.16.0.0/12}\n",
        "subnets": "vswitch:\n    a: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}\n",
        "groups": "security_group:\n    web: {vpc: main}\n    db: {vpc: other}\n",
    }
    head = "apiVersion: ecsplan/v1\nstack: demo\nregion: cn-hangzhou\n"
    seen = set()
    for order in (("network", "subnets", "groups"), ("groups", "subnets", "network")):
        folder = cloud.folder / "stack"
        for old in folder.glob("*"):
            old.unlink()
        folder.mkdir(exist_ok=True)
        for place, name in enumerate(order):
            (folder / f"{place}.yaml").write_text((head if place == 0 else "") + "resources:\n  " + parts[name])
        stack = engine.load(str(folder), environ={})
        steps = engine.plan(stack, cloud.api).steps
        seen.add(tuple((step.id, step.needs, str(step.calls)) for step in steps))
    assert len(seen) == 1
