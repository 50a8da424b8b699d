"""SSH signatures, made and checked by OpenSSH's own ssh-keygen: agents, security keys and certificates work with it.

Source: ssh-keygen(1), `-Y sign`, `-Y verify`, `-Y find-principals`, and ALLOWED SIGNERS. `find-principals` does not
check the namespace and is used to find names only; `verify` decides.
"""

import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from ecsplan.approval.statement import NAMESPACE

PROGRAM = "ssh-keygen"
_SECONDS = 30.0
_TO_SIGN = 120.0  # a person may have to touch a key


class SigningFailed(Exception):
    """The program is missing or refused; the message says what to do."""


class Signers(Struct, frozen=True):
    """Who may sign: the text of an allowed_signers file, and of a key revocation list where there is one."""

    allowed: bytes
    revoked: bytes = b""


def sign(text: str, key: str | Path) -> str:
    """The armoured signature of a text by a private key, or by the agent's key for a public one.

    Raises SigningFailed.
    """
    with TemporaryDirectory(prefix="ecsplan-") as folder:
        path = Path(folder) / "statement"
        path.write_text(text, encoding="utf-8")
        done = _run(["-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(path)], b"", _TO_SIGN, interactive=True)
        signature = path.with_name("statement.sig")
        if done.returncode or not signature.exists():
            raise SigningFailed(f"{PROGRAM} did not sign with {key}: {_said(done)}")
        return signature.read_text(encoding="ascii")


def signer_of(text: bytes, signature: str, signers: Signers, at: float) -> tuple[str, str]:
    """The principal whose key made a signature that holds for a text at a time, and why there is none.

    One of the two is empty. Raises SigningFailed where the program is missing.
    """
    with TemporaryDirectory(prefix="ecsplan-") as folder:
        files = _files(Path(folder), signature, signers)
        when = f"-Overify-time={datetime.fromtimestamp(at, UTC):%Y%m%d%H%M%S}Z"
        found = _run(["-Y", "find-principals", "-f", files.allowed, "-s", files.signature, when], b"", _SECONDS)
        principals = found.stdout.decode("utf-8", "replace").splitlines()
        if found.returncode or not principals:
            return "", "no allowed signer has this key"
        why = ""
        for principal in principals:
            asked = ["-Y", "verify", "-f", files.allowed, "-I", principal, "-n", NAMESPACE, "-s", files.signature, when]
            done = _run([*asked, *files.revocation], text, _SECONDS)
            if done.returncode == 0:
                return principal, ""
            why = _said(done)
        return "", f"the signature does not hold: {why}"


class _Files(Struct, frozen=True):
    allowed: str
    signature: str
    revocation: tuple[str, ...]


def _files(folder: Path, signature: str, signers: Signers) -> _Files:
    allowed, signed, revoked = folder / "allowed_signers", folder / "signature", folder / "revoked_keys"
    allowed.write_bytes(signers.allowed)
    signed.write_text(signature, encoding="utf-8")
    if not signers.revoked:
        return _Files(str(allowed), str(signed), ())
    revoked.write_bytes(signers.revoked)
    return _Files(str(allowed), str(signed), ("-r", str(revoked)))


def _run(
    arguments: Sequence[str], given: bytes, timeout: float, interactive: bool = False
) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which(PROGRAM)
    if program is None:
        raise SigningFailed(f"{PROGRAM} was not found; install OpenSSH's client (Debian: openssh-client)")
    stdin = {} if interactive else {"input": given}
    try:
        return subprocess.run([program, *arguments], capture_output=True, check=False, timeout=timeout, **stdin)  # type: ignore[call-overload,no-any-return]
    except subprocess.TimeoutExpired:
        raise SigningFailed(f"{PROGRAM} did not answer within {timeout:.0f} s") from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"exit status {done.returncode}"
