"""For tests, of this project and of others: a running emulator in this process, on a free loopback port.

from ecsplan.emulator.testing import running_emulator

@pytest.fixture
def emulator():
    with running_emulator(clock="fast") as server:
        yield server            # server.url, server.service
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ecsplan.emulator.clock import Clock
from ecsplan.emulator.options import Options
from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.service import Service


@contextmanager
def running_emulator(*, virtual: Clock | None = None, port: int = 0, **options: Any) -> Iterator[EmulatorServer]:
    """The options are those of `Options`; `virtual` is a clock that the test moves itself."""
    service = Service(Options(**options), virtual)
    try:
        with EmulatorServer(service, port=port) as server:
            yield server
    finally:
        service.close()
