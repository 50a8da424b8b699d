"""Reads a secret where it is kept, at the moment it is sent; it is kept nowhere else. Used by the engine."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ecsplan.model.address import Secret
from ecsplan.model.call import Late
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.plan import Step


def check_secrets(steps: Iterable[Step], environ: Mapping[str, str]) -> None:
    """Raises Rejected with every source that cannot be read, before anything is written."""
    found = {secret for step in steps for call in step.calls for secret in _sources(call.params)}
    problems: list[Diagnostic] = []
    for secret in sorted(found, key=lambda secret: (secret.source, secret.version)):
        try:
            read_secret(secret, environ)
        except Rejected as rejected:
            problems += (d for d in rejected.diagnostics if d not in problems)
    if problems:
        raise Rejected(problems)


def _sources(value: Any) -> Iterator[Secret]:
    """The secrets in parameters, each by its own source."""
    if isinstance(value, Secret) and not value.template:
        yield value
    elif isinstance(value, Late | Secret):
        yield from _sources(value.value if isinstance(value, Late) else value.template)
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _sources(item)


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
