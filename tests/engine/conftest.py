"""An account in this process, with the engine over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kinds.cloud import Cloud


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    cloud = Cloud(tmp_path)
    yield cloud
    cloud.service.close()
