"""A key made on this machine: whole on disk, the owner's alone, before anybody hears of it."""

import builtins
import stat

import pytest

from ecsplan.apply.keys import local_key
from ecsplan.model.diagnostic import Rejected


def test_a_missing_key_is_made_once(tmp_path):
    pytest.importorskip("cryptography")
    path = tmp_path / "deep" / "web.pem"
    public = local_key(path)
    assert public.startswith("ssh-rsa ") and local_key(path) == public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["web.pem"]


def test_a_file_that_is_no_key_is_left_alone(tmp_path):
    pytest.importorskip("cryptography")
    path = tmp_path / "web.pem"
    path.write_text("my diary")
    with pytest.raises(Rejected, match="holds no private key"):
        local_key(path)
    assert path.read_text() == "my diary"


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Rejected, match="needs the package cryptography"):
        local_key(tmp_path / "web.pem")
