"""Reads and checks a file of channels. See `notify`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.nodes import plain
from ecsplan.config.syntax.yaml_reader import document
from ecsplan.files.opening import BadFile, read_regular
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.notify.channels import BadChannel, Channel, channels_of
from ecsplan.notify.schema import notifications_schema

_LARGEST = 1 << 20


def read_channels(path: str, environ: Mapping[str, str]) -> tuple[Channel, ...]:
    """Raises Rejected with every fault. A template that is a path (`NAME.j2`) is read from beside the file."""
    from ecsplan.config.syntax.schema_check import check  # late: jsonschema costs a tenth of a second

    root = document(_text(Path(path)), path)
    faults = Faults()
    check(root, _validator(), faults)
    faults.reject_if_any()
    try:
        found = channels_of(plain(root), environ)
    except BadChannel as bad:
        raise Rejected([Diagnostic(f"{path}: {bad}", "see docs/notifications.md")]) from None
    return tuple(_with_template(channel, Path(path).parent) for channel in found)


def _with_template(channel: Channel, folder: Path) -> Channel:
    if not channel.template.endswith(".j2"):
        return channel
    return replace(channel, template=_text(folder / channel.template))


def _text(path: Path) -> str:
    try:
        return read_regular(path, _LARGEST).decode("utf-8")
    except BadFile as bad:
        raise Rejected([Diagnostic(f"{path} {bad.reason}", bad.detail)]) from None
    except UnicodeDecodeError:
        raise Rejected([Diagnostic(f"{path} is not UTF-8", "save it as UTF-8")]) from None


@cache
def _validator() -> Any:
    from ecsplan.schema.validator import Validator

    return Validator(notifications_schema())
