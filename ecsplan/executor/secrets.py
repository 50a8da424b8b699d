"""Reads a secret where it is kept, at the moment it is sent; it is kept nowhere else. Used by the engine."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ecsplan.files.opening import BadFile
from ecsplan.files.reach import Reach
from ecsplan.model.address import Secret
from ecsplan.model.algebra import leaves
from ecsplan.model.call import Late
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.plan import Step

MAXIMUM_BYTES = 1_000_000


class Secrets(Struct, frozen=True):
    """Where secrets may be: the environment, and the files that a stack may name."""

    environ: Mapping[str, str]
    reach: Reach

    def check(self, steps: Iterable[Step]) -> None:
        """Raises Rejected with every source that cannot be read, before anything is written."""
        found = {secret for step in steps for call in step.calls for secret in secrets_in(call.params)}
        problems: list[Diagnostic] = []
        for secret in sorted(found, key=lambda secret: (secret.source, secret.version)):
            try:
                self.read(secret)
            except Rejected as rejected:
                problems += (d for d in rejected.diagnostics if d not in problems)
        if problems:
            raise Rejected(problems)

    def read(self, secret: Secret) -> str:
        """The value behind one source. Raises Rejected that names the source, never a value."""
        if secret.env is not None:
            if secret.env not in self.environ:
                raise _missing(f"the {secret.source} is not set", f"export {secret.env} before you apply")
            text = self.environ[secret.env]
            if not _is_text(text):
                raise _missing(f"the {secret.source} is not UTF-8 text", f"export {secret.env} as UTF-8")
            return text
        try:
            data = self.reach.read(secret.file or "", MAXIMUM_BYTES)
        except BadFile as bad:
            detail = bad.detail or "put the secret there"
            raise _missing(f"the {secret.source} {bad.reason}", detail) from None
        try:
            return data.decode("utf-8").removesuffix("\n")
        except UnicodeDecodeError:
            raise _missing(f"the {secret.source} is not UTF-8 text", "put the secret there") from None


def _is_text(text: str) -> bool:
    """The environment may hold any bytes; those that are no text come as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def secrets_in(value: object) -> Iterator[Secret]:
    """The secrets in parameters or values, each by its own source."""
    if isinstance(value, Secret) and not value.template:
        yield value
    elif isinstance(value, (Late, Secret)):
        yield from secrets_in(value.value if isinstance(value, Late) else value.template)
    else:
        for leaf in leaves(value):
            yield from secrets_in(leaf) if isinstance(leaf, (Late, Secret)) else ()


def _missing(summary: str, detail: str) -> Rejected:
    return Rejected([Diagnostic(summary, detail)])
