"""The line that stands below a problem comes from a stack file, whatever the place of the problem says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ecsplan.cli.excerpts import forget, show_lines_of, source_line
from tests.cli.conftest import Ran

Run = Callable[..., Ran]


@pytest.mark.door("excerpts")
def test_no_line_of_another_file_is_shown(run: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("run") / "token"
    secret.write_text("hush: [1\nmore\n", encoding="utf-8")
    (tmp_path / "stack.yaml").symlink_to(secret)
    ran = run("validate")
    assert ran.status == 1
    assert "hush" not in ran.out + ran.err
    forget()
    assert source_line(str(secret), 1) is None
    show_lines_of([str(secret)])
    assert source_line(str(secret), 1) == "hush: [1"
    forget()
    assert source_line(str(secret), 1) is None
