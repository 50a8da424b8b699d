"""A secret is read where it is kept, and named by that place when it is not there."""

import os

import pytest

from ecsplan.executor.secrets import Secrets
from ecsplan.files.reach import Reach
from ecsplan.model.address import Secret
from ecsplan.model.call import Late
from ecsplan.model.diagnostic import Rejected
from tests.builders import a_step


def read_secret(secret, environ, folder="/"):
    return Secrets(environ, Reach((str(folder),))).read(secret)


def check_secrets(steps, environ):
    Secrets(environ, Reach(("/",))).check(steps)


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


def a_call_with(value):
    return a_step("create box.a", params={"Words": {"Nested": [value]}})


def test_every_missing_source_is_named_before_anything_is_sent(tmp_path):
    steps = (
        a_call_with(Late(Secret(1, env="ONE"), str, is_sensitive=True)),
        a_call_with(Secret(1, template=("a", Secret(1, env="TWO"), Secret(2, env="HERE")))),
        a_call_with((Secret(1, file=str(tmp_path / "no")), Secret(3, env="ONE"))),
    )
    with pytest.raises(Rejected) as caught:
        check_secrets(steps, {"HERE": "x"})
    told = " ".join(sorted(diagnostic.summary for diagnostic in caught.value.diagnostics))
    assert len(caught.value.diagnostics) == 3
    assert "ONE is not set" in told and "TWO is not set" in told and "no cannot be read" in told


def test_sources_that_are_all_there_are_no_problem():
    check_secrets((a_call_with(Secret(1, env="ONE")),), {"ONE": "x"})


def test_a_variable_that_is_no_text_is_named():
    with pytest.raises(Rejected, match="environment variable PW is not UTF-8"):
        read_secret(Secret(1, env="PW"), {"PW": "a\udcff"})


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("folder", "is a folder"),
        ("fifo", "is a FIFO"),
        ("loop", "cannot be read"),
        ("link", r"lies outside .* \(it leads to /etc/hostname"),
    ],
)
def test_a_secret_that_is_no_regular_file_of_ours_is_refused_without_waiting(tmp_path, made, told):
    path = tmp_path / "pw"
    makers = {"folder": path.mkdir, "fifo": lambda: os.mkfifo(path), "loop": lambda: path.symlink_to(path),
              "link": lambda: path.symlink_to("/etc/hostname")}  # fmt: skip
    makers[made]()
    with pytest.raises(Rejected, match=told):
        read_secret(Secret(1, file=str(path)), {}, tmp_path)


@pytest.mark.parametrize("path", ["/etc/shadow", "/proc/self/environ", "a\0b", "~nobodyofthatname/x", "/dev/stdin"])
def test_a_path_that_a_stack_may_not_name_is_refused(tmp_path, path):
    with pytest.raises(Rejected):
        read_secret(Secret(1, file=path), {}, tmp_path)
