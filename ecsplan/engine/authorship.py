"""Where values come from. Used by `ecsplan why`."""

from collections.abc import Iterable, Mapping

from ecsplan.config.stack_reader import Options
from ecsplan.config.tracing import trace
from ecsplan.model.kind import Kinds
from ecsplan.model.origin import Trace


def trace_of(
    subject: str,
    path: str,
    kinds: Kinds,
    *,
    overlays: Iterable[str] = (),
    variables: Iterable[str] = (),
    var_files: Iterable[str] = (),
    region: str | None = None,
    environ: Mapping[str, str] | None = None,
    allow_paths: Iterable[str] = (),
    environment: str | None = None,
) -> Trace:
    """See `engine.why`."""
    given = (tuple(overlays), tuple(variables), tuple(var_files))
    return trace(path, kinds, Options(*given, region, environ or {}, tuple(allow_paths), environment), subject)
