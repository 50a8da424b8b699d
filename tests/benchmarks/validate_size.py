"""CPU seconds to validate 10,000 written-out instances in one file, and what PyYAML's C loader takes to read it.

Run: python tests/benchmarks/validate_size.py [SIZE]
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ecsplan.config.stack_reader import read_stack
from ecsplan.kinds import load_kinds

BAR, MOST_MEGABYTES = 2.0, 400
FLOOR = """\
import sys, time, yaml
text = open(sys.argv[1], "rb").read()
started = time.process_time()
yaml.load(text, yaml.CSafeLoader)
print(time.process_time() - started)
"""
HEAD = """\
apiVersion: ecsplan/v1
stack: big
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/8}}
  vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.0.0/16}}
  security_group: {web: {vpc: main}}
  instance:
"""
INSTANCE = """\
    web-{number}:
      instance_type: ecs.g7.large
      image: ubuntu_22_04_x64_20G_alibase_20240101.vhd
      vswitch: app
      security_groups: [web]
      system_disk: {{category: cloud_essd, size: 40}}
      internet: {{charge_type: PayByTraffic, max_bandwidth_out: 10}}
      description: "web server {number}"
      tags: {{role: web, number: "{number}"}}
      state: running
"""


MEASURE = "from tests.benchmarks.validate_size import main; import sys; main(int(sys.argv[1]), as_numbers=True)"


def measured(size: int) -> tuple[float, float, float]:
    """CPU seconds, those of the floor, and megabytes, in a process of its own: memory is the most that it ever had."""
    told = subprocess.check_output((sys.executable, "-c", MEASURE, str(size)), text=True).split()
    return float(told[0]), float(told[1]), float(told[2])


def main(size: int, *, as_numbers: bool = False) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stack.yaml"
        path.write_text(HEAD + "".join(INSTANCE.format(number=number) for number in range(size)))
        started = time.process_time()
        stack = read_stack(str(path), load_kinds())
        seconds = time.process_time() - started
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        floor = float(subprocess.check_output((sys.executable, "-c", FLOOR, str(path))))
    if as_numbers:
        print(seconds, floor, megabytes)
        return 0
    print(f"{len(stack.resources):,} resources validated in {seconds:.2f} s of CPU, {megabytes:.0f} MB")
    print(f"PyYAML's C loader alone: {floor:.2f} s, so {seconds / floor:.1f} times that")
    print(f"bars: {BAR:g} times, {MOST_MEGABYTES} MB")
    return int(seconds > BAR * floor or megabytes > MOST_MEGABYTES)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
