"""Runs the emulator until Ctrl-C: the banner, the lines that point clients to it, and a clean end."""

from __future__ import annotations

import gc
import ipaddress
import signal
import sys
import threading
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType

from ecsplan.emulator.mixed import MixedServer
from ecsplan.emulator.options import Options
from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.service import Service


def serve(
    host: str = "127.0.0.1",
    port: int = 8686,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    data: Path | None = None,
    latency: float | tuple[float, float] = 0.0,
    settle: float = 2.0,
    faults: Path | None = None,
    seed: str | None = None,
    clock: str = "real",
    credentials: Path | None = None,
    authority: Path | None = None,
) -> int:
    """The exit status: 0 after Ctrl-C, 1 when it can't start.

    `authority` is the certificate that clients must trust: then plain HTTP is answered too, on the same port.
    """
    spare_collector()
    try:
        service = Service(Options(latency, settle, clock, data, faults, seed, credentials))
    except (OSError, ValueError) as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 1
    try:
        kind = MixedServer if authority is not None else EmulatorServer
        server = kind(service, host, port, tls_cert, tls_key)
    except OSError as error:
        service.close()
        print(f"emulator: can't listen on {host}:{port}: {error}", file=sys.stderr)
        return 1
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with server:
            announce(server, service, authority)
            while not ended.wait(1.0):
                pass
    finally:
        service.close()
        for number, handler in before.items():
            signal.signal(number, handler)
    print("emulator: stopped", file=sys.stderr)
    return 0


def spare_collector() -> None:
    """An account is many small objects without cycles: full collections over it only make calls slow at random."""
    gc.set_threshold(100_000, 50, 100)


def announce(server: EmulatorServer, service: Service, authority: Path | None = None) -> None:
    try:
        release = version("ecsplan")
    except PackageNotFoundError:
        release = "unknown"
    key = service.credentials.first()
    print(f"ecsplan emulator {release}: ECS, VPC and STS at {server.url}")
    print("Point clients to it:")
    print(f"  export ALIBABA_CLOUD_ACCESS_KEY_ID={key.key_id}")
    print(f"  export ALIBABA_CLOUD_ACCESS_KEY_SECRET={key.secret}")
    if key.token:
        print(f"  export ALIBABA_CLOUD_SECURITY_TOKEN={key.token}")
    print(f"  export ECSPLAN_ENDPOINT={server.url}")
    if authority is not None:
        print("It speaks TLS too, and is an HTTPS proxy to itself; clients trust it with")
        print(f"  export SSL_CERT_FILE={authority.resolve()}")
    print("Ctrl-C ends it.", flush=True)
    if not is_loopback(server.host):
        print(
            f"emulator: warning: {server.host} is not loopback; everyone who reaches this port can use the account",
            file=sys.stderr,
        )


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
