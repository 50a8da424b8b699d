"""What a fleet costs in API calls, counted by the emulator: the bars hold at a hundred instances too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.cli.main import main
from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.testing import running_emulator
from ecsplan.kinds import load_kinds
from tests.benchmarks.fleet import ask

pytestmark = pytest.mark.usefixtures("first_look")
FLEET = str(Path(__file__).parent.parent / "examples" / "fleet")
# A list of each kind and the account; beside them 32 writes, a lock of three calls, the rules of ten groups, what is
# asked ahead, and polls: one or two for each kind of the fleet.
LISTS = len(load_kinds()) + 1
BARS = {"apply": LISTS + 51, "plan": LISTS + 10, "destroy": LISTS + 24}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmulatorServer]:
    with running_emulator(clock="fast") as running:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("ECSPLAN_ENDPOINT", running.url)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "emulator")
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "emulator-secret")
        yield running


def calls_of(server: EmulatorServer, *arguments: str) -> int:
    ask(server.url, "reset", {"what": "stats"})
    assert main([*arguments, FLEET, "--var", "size=100"]) == 0
    return int(str(ask(server.url, "stats")["total"]))


def test_a_hundred_instances_cost_tens_of_calls(server: EmulatorServer) -> None:
    assert calls_of(server, "apply", "--auto-approve") <= BARS["apply"]
    assert calls_of(server, "plan") <= BARS["plan"]
    assert calls_of(server, "destroy", "--auto-approve") <= BARS["destroy"]


def test_a_plan_reads_each_list_once(server: EmulatorServer) -> None:
    assert main(["apply", "--auto-approve", FLEET, "--var", "size=250"]) == 0
    ask(server.url, "reset", {"what": "stats"})
    assert main(["plan", FLEET, "--var", "size=250"]) == 0
    actions = ask(server.url, "stats")["actions"]
    assert isinstance(actions, dict)
    counts = {name: found["calls"] for name, found in actions.items()}
    # Three pages of 100; the first and the last twice, where nothing tells the order of what came in one minute.
    assert counts.pop("DescribeInstances") in (3, 5)
    assert counts.pop("DescribeSecurityGroupAttribute") == 10  # of one group
    lists = {kind.listing.operation for kind in engine.kinds().values()} - {"DescribeInstances"}
    assert counts == dict.fromkeys((*lists, "GetCallerIdentity"), 1)  # DescribeDisks of 500
