"""Keys made on this machine: the private half is on disk, mode 0600, before anything is sent. Used by the engine.

Made by the package `cryptography` (the extra `keys`), loaded only when a key is asked for.
"""

import os
from pathlib import Path

from ecsplan.files.opening import BadFile, read_regular
from ecsplan.files.reach import Reach
from ecsplan.model.diagnostic import Diagnostic, Rejected

MAXIMUM_BYTES = 100_000


def local_key(path: str, reach: Reach) -> str:
    """The OpenSSH public half of the private key at `path`, which is made where it is missing (4096-bit RSA).

    Raises Rejected where the package is missing, the path is none that a stack may name or cannot be written, or the
    file holds no private key that can be read.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa
    except ImportError:
        raise Rejected(
            [Diagnostic("making a key pair needs the package cryptography", "pip install 'ecsplan[keys]'")]
        ) from None
    real = _checked(path, reach)
    if not os.path.lexists(real):
        key = rsa.generate_private_key(public_exponent=65537, key_size=4096)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
        _write_once(path, Path(real), private)
    try:
        loaded = serialization.load_ssh_private_key(_content(path, real), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # no key, one that is encrypted, one of another kind
        summary = f"{path} holds no private key that can be read (OpenSSH, without a passphrase)"
        raise Rejected([Diagnostic(summary, "name another private_key_file")]) from None
    public = loaded.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return public.decode()


def _checked(path: str, reach: Reach) -> str:
    try:
        return reach.with_keys().check(path)
    except BadFile as bad:
        raise Rejected([Diagnostic(f"private_key_file: {path} {bad.reason}", bad.detail)]) from None


def _content(path: str, real: str) -> bytes:
    try:
        return read_regular(real, MAXIMUM_BYTES)
    except BadFile as bad:
        detail = "name another private_key_file"
        raise Rejected([Diagnostic(f"private_key_file: {path} {bad.reason}", detail)]) from None


def _write_once(path: str, place: Path, content: bytes) -> None:
    """Whole or not at all, and never over an existing file."""
    part = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            os.link(part, place)
        finally:
            os.unlink(part)
    except OSError as error:
        detail = "name another private_key_file, in a folder that can be written"
        summary = f"private_key_file: {path} cannot be written: {error.strerror}"
        raise Rejected([Diagnostic(summary, detail)]) from None
