"""A key made on this machine: whole on disk, the owner's alone, before anybody hears of it."""

import builtins
import os
import stat
import struct
from base64 import b64decode, b64encode

import pytest

from ecsplan.executor.keys import local_key
from ecsplan.files.reach import Reach
from ecsplan.model.diagnostic import Rejected


def key(path):
    return local_key(str(path), Reach((str(path.parent.parent),)))


def test_a_missing_key_is_made_once(tmp_path):
    pytest.importorskip("cryptography")
    path = tmp_path / "deep" / "web.pem"
    public = key(path)
    assert public.startswith("ssh-rsa ") and key(path) == public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["web.pem"]


def test_a_file_that_is_no_key_is_left_alone(tmp_path):
    pytest.importorskip("cryptography")
    path = tmp_path / "web.pem"
    path.write_text("my diary")
    with pytest.raises(Rejected, match="holds no private key"):
        key(path)
    assert path.read_text() == "my diary"


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Rejected, match="needs the package cryptography"):
        key(tmp_path / "web.pem")


def test_a_key_that_is_encrypted_is_refused_in_words(tmp_path):
    pytest.importorskip("cryptography")
    path = tmp_path / "web.pem"
    assert key(path)
    blob = b64decode("".join(path.read_text().splitlines()[1:-1]))
    plain = b"".join(map(_counted, (b"none", b"none", b"")))
    locked = b"".join(map(_counted, (b"aes256-ctr", b"bcrypt", _counted(b"s" * 16) + struct.pack(">I", 16))))
    text = b64encode(blob.replace(plain, locked, 1)).decode()
    path.write_text(f"-----BEGIN OPENSSH PRIVATE KEY-----\n{text}\n-----END OPENSSH PRIVATE KEY-----\n")
    with pytest.raises(Rejected, match="without a passphrase"):
        key(path)


def _counted(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


@pytest.mark.parametrize(
    ("made", "told"), [("folder", "is a folder"), ("fifo", "is a FIFO"), ("loop", "cannot be read")]
)
def test_what_is_no_file_is_refused_in_words(tmp_path, made, told):
    pytest.importorskip("cryptography")
    path = tmp_path / "web.pem"
    {"folder": path.mkdir, "fifo": lambda: os.mkfifo(path), "loop": lambda: path.symlink_to(path)}[made]()
    with pytest.raises(Rejected, match=told):
        key(path)


@pytest.mark.parametrize(("path", "told"), [("/etc/web.pem", "lies outside"), ("a\0b", "no file can have that name"),
                                            ("/proc/self/web.pem", "belongs to the system")])  # fmt: skip
def test_a_path_that_a_stack_may_not_name_is_refused_in_words(tmp_path, path, told):
    pytest.importorskip("cryptography")
    with pytest.raises(Rejected, match=told):
        local_key(path, Reach((str(tmp_path),)))


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    pytest.importorskip("cryptography")
    (tmp_path / "keys").write_text("")
    with pytest.raises(Rejected, match=r"cannot be written: (File exists|Not a directory)"):
        local_key(str(tmp_path / "keys" / "web.pem"), Reach((str(tmp_path),)))
