"""Reads a secret where it is kept, at the moment it is sent; it is kept nowhere else. Used by the engine."""

from collections.abc import Mapping
from pathlib import Path

from ecsplan.model.address import Secret
from ecsplan.model.diagnostic import Diagnostic, Rejected


def read_secret(secret: Secret, environ: Mapping[str, str]) -> str:
    """The value behind one source. Raises Rejected that names the source, never a value."""
    if secret.env is not None:
        if secret.env not in environ:
            raise _missing(f"the {secret.source} is not set", f"export {secret.env} before you apply")
        return environ[secret.env]
    try:
        text = Path(secret.file or "").expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise _missing(f"the {secret.source} cannot be read: {reason}", "put the secret there") from None
    return text.removesuffix("\n")


def _missing(summary: str, detail: str) -> Rejected:
    return Rejected([Diagnostic(summary, detail)])
