"""A service under a virtual clock, a client for it, and a network to put things into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from ecsplan.emulator.service import Options, Service, VirtualClock

from .client import Client, World, build_world

if TYPE_CHECKING:
    from .sdk import Network, Sdk


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


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sdk]:
    """The official SDKs on an emulator of their own; they are slow to import, so only who asks for them pays."""
    from .sdk import running_sdk

    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    with running_sdk() as sdk:
        yield sdk


@pytest.fixture
def network(sdk: Sdk) -> Network:
    from .sdk import build_network

    return build_network(sdk)
