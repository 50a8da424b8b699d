"""A world for each test: a cloud of a few lines, a clock that stands still, a folder for journals."""

from pathlib import Path

import pytest

from tests.executor.world import Cloud, VirtualClock, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def cloud(world: World) -> Cloud:
    return world.cloud


@pytest.fixture
def clock(world: World) -> VirtualClock:
    return world.clock
