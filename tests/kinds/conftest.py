"""A fresh account for every test."""

from pathlib import Path

import pytest

from tests.kinds.cloud import Cloud


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path)
