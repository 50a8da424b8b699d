"""A service under a virtual clock, a client for it, and a network to put things into."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ecsplan.emulator.service import Options, Service, VirtualClock

from .client import Client, World, build_world


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service(Options(seed="tests"), VirtualClock())
    yield service
    service.close()


@pytest.fixture
def client(service: Service) -> Client:
    return Client(service)


@pytest.fixture
def world(client: Client) -> World:
    return build_world(client)
