"""A secret is read where it is kept, and named by that place when it is not there."""

import pytest

from ecsplan.apply.secrets import read_secret
from ecsplan.model.address import Secret
from ecsplan.model.diagnostic import Rejected


def test_an_environment_variable_is_read():
    assert read_secret(Secret(1, env="PW"), {"PW": "canary"}) == "canary"


def test_a_file_is_read_without_its_last_line_break(tmp_path):
    (tmp_path / "pw").write_text("canary\n")
    assert read_secret(Secret(1, file=str(tmp_path / "pw")), {}) == "canary"


def test_a_missing_variable_is_named():
    with pytest.raises(Rejected, match="environment variable PW is not set"):
        read_secret(Secret(1, env="PW"), {})


@pytest.mark.parametrize(("content", "problem"), [(None, "No such file"), (b"\xff\xfe", "not UTF-8")])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, problem):
    path = tmp_path / "pw"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Rejected, match=problem):
        read_secret(Secret(1, file=str(path)), {})
