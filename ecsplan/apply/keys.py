"""Keys made on this machine: the private half is on disk, mode 0600, before anything is sent. Used by the engine.

Made by the package `cryptography` (the extra `keys`), loaded only when a key is asked for.
"""

import os
from pathlib import Path

from ecsplan.model.diagnostic import Diagnostic, Rejected


def local_key(path: Path) -> str:
    """The OpenSSH public half of the private key at `path`, which is made where it is missing (4096-bit RSA).

    Raises Rejected where the package is missing or the file holds no private key.
    """
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa
    except ImportError:
        raise Rejected(
            [Diagnostic("making a key pair needs the package cryptography", "pip install 'ecsplan[keys]'")]
        ) from None
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=4096)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
        _write_once(path, private)
    try:
        loaded = serialization.load_ssh_private_key(path.read_bytes(), None)
    except ValueError:
        raise Rejected([Diagnostic(f"{path} holds no private key", "name another private_key_file")]) from None
    public = loaded.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return public.decode()


def _write_once(path: Path, content: bytes) -> None:
    """Whole or not at all, and never over an existing file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.link(part, path)
    os.unlink(part)
