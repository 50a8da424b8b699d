from pathlib import Path

import pytest

from .workshop import Workshop


@pytest.fixture
def work(tmp_path: Path) -> Workshop:
    """A folder for the stack files of one test."""
    return Workshop(tmp_path)
