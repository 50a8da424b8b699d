"""The emulator's speed beside its bars, the emulator in a process of its own, load from pre-signed requests.

python tests/benchmarks/emulator_speed.py
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import socket
import sys
import tempfile
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "emulator")]

from client import HttpRequest, flatten, v1_request  # noqa: E402

from ecsplan.emulator.main import spare_collector  # noqa: E402
from ecsplan.emulator.options import Options  # noqa: E402
from ecsplan.emulator.server import EmulatorServer  # noqa: E402
from ecsplan.emulator.service import Service  # noqa: E402

REGION = "cn-hangzhou"
CONNECTIONS = 8
QUOTAS = {"private_ips_per_basic_security_group": 20000}


def emulate(pipe: Connection, data: str | None) -> None:
    """The emulator's process: says its port, then answers questions about itself."""
    begun = time.perf_counter()
    spare_collector()
    service = Service(Options(clock="fast", data=Path(data) if data else None, quotas=QUOTAS))
    with EmulatorServer(service) as server:
        pipe.send((server.port, time.perf_counter() - begun))
        while pipe.recv() != "stop":
            pipe.send((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.process_time()))
    service.close()
    pipe.send("stopped")


class Emulator:
    def __init__(self, data: str | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=emulate, args=(theirs, data))
        self.process.start()
        self.port, self.start_seconds = self.pipe.recv()

    def used(self) -> tuple[float, float]:
        """Megabytes at the most, and seconds of CPU: the one figure that other work on the machine leaves alone."""
        self.pipe.send("used")
        megabytes, seconds = self.pipe.recv()
        return float(megabytes), float(seconds)

    def stop(self) -> None:
        self.pipe.send("stop")
        self.pipe.recv()
        self.process.join()


class Line:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, raw: bytes) -> bytes:
        self.socket.sendall(raw)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self.socket.recv(262144)
        head = data[:end].lower()
        start = head.index(b"content-length:") + 15
        length = int(head[start : head.find(b"\r\n", start)])
        body = data[end + 4 :]
        while len(body) < length:
            body += self.socket.recv(262144)
        if not data.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(body.decode())
        return body


def raw(product: str, action: str, **params: Any) -> bytes:
    flat = flatten({"Action": action, "RegionId": REGION, **params})
    return on_the_wire(v1_request(flat, product, time.time()))


def on_the_wire(request: HttpRequest) -> bytes:
    return f"{request.method} {request.target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def call(line: Line, product: str, action: str, **params: Any) -> Any:
    return json.loads(line.ask(raw(product, action, **params)))


def network(line: Line) -> dict[str, Any]:
    vpc = call(line, "vpc", "CreateVpc", CidrBlock="10.0.0.0/8")["VpcId"]
    time.sleep(0.05)
    vswitch = call(line, "vpc", "CreateVSwitch", VpcId=vpc, CidrBlock="10.0.0.0/16", ZoneId="cn-hangzhou-h")
    time.sleep(0.05)
    group = call(line, "ecs", "CreateSecurityGroup", VpcId=vpc)["SecurityGroupId"]
    return {
        "VSwitchId": vswitch["VSwitchId"],
        "SecurityGroupId": group,
        "InstanceType": "ecs.g7.large",
        "ImageFamily": "acs:ubuntu_22_04_x64",
        "Amount": 100,
        "InstanceName": "web-[0,4]",
        "Tag": [{"Key": "stack", "Value": "bench"}, {"Key": "address", "Value": "instance.web"}],
        "DataDisk": [{"Size": 100, "Category": "cloud_essd"}],
    }


def throughput(port: int, ids: list[str], per_line: int = 800) -> float:
    lines = [Line(port) for _ in range(CONNECTIONS)]
    loads = [
        [
            raw("ecs", "DescribeInstances", InstanceIds=json.dumps([ids[(n * 13 + k) % len(ids)]]))
            for n in range(per_line)
        ]
        for k in range(CONNECTIONS)
    ]
    threads = [
        threading.Thread(target=lambda line=line, load=load: [line.ask(one) for one in load])
        for line, load in zip(lines, loads, strict=True)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return CONNECTIONS * per_line / (time.perf_counter() - begun)


def fill(line: Line, order: dict[str, Any], total: int) -> tuple[list[str], list[float]]:
    ids: list[str] = []
    times = []
    for _ in range(total // order["Amount"]):
        request = raw("ecs", "RunInstances", **order)
        begun = time.perf_counter()
        answer = json.loads(line.ask(request))
        times.append(time.perf_counter() - begun)
        ids += answer["InstanceIdSets"]["InstanceIdSet"]
    return ids, times


def pages(line: Line, count: int = 30) -> list[float]:
    times, token = [], None
    for _ in range(count):
        more = {"NextToken": token} if token else {}
        request = raw("ecs", "DescribeInstances", MaxResults=100, **more)
        begun = time.perf_counter()
        answer = line.ask(request)
        times.append(time.perf_counter() - begun)
        token = json.loads(answer).get("NextToken")
    return times


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def report(what: str, value: float, unit: str, bar: float, at_least: bool = False) -> bool:
    good = value >= bar if at_least else value <= bar
    print(f"{'ok  ' if good else 'MISS'} {what:<52} {value:10.1f} {unit:<5} bar {'>=' if at_least else '<='} {bar}")
    return good


def tell(what: str, value: float, unit: str) -> None:
    """A single worst case says more about the machine's other work than about the emulator."""
    print(f"     {what:<52} {value:10.1f} {unit}")


def main() -> int:
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for data in (None, f"{folder}/account.db"):
            print("in memory" if data is None else "with --data")
            emulator = Emulator(data)
            line = Line(emulator.port)
            order = network(line)
            before = emulator.used()[1]
            ids, runs = fill(line, order, 10_000)
            tell("  of CPU each", (emulator.used()[1] - before) * 1000 / len(runs), "ms")
            good &= report("RunInstances of 100, median", median(runs) * 1000, "ms", 60)
            tell("RunInstances of 100, slowest", max(runs) * 1000, "ms")
            before = emulator.used()[1]
            listed = pages(line)
            tell("  of CPU each page", (emulator.used()[1] - before) * 1000 / len(listed), "ms")
            good &= report("page of 100 of 10,000, median", median(listed) * 1000, "ms", 15)
            tell("page of 100 of 10,000, slowest", max(listed) * 1000, "ms")
            rate = throughput(emulator.port, ids)
            good &= report("DescribeInstances by id, 8 connections", rate, "/s", 1500, at_least=True)
            good &= report("memory, 10,000 instances and 20,000 disks", emulator.used()[0], "MB", 400)
            emulator.stop()
        again = Emulator(f"{folder}/account.db")
        good &= report("start with a file of 10,000 instances", again.start_seconds, "s", 3)
        again.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
