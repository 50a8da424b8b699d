"""Fault schedules for the emulator, held against their published schema."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.yaml_reader import document
from ecsplan.files.opening import BadFile, read_regular
from ecsplan.model.diagnostic import Diagnostic, Rejected

_LARGEST = 1 << 20


def check_schedule(path: Path, schema: Mapping[str, Any]) -> None:
    """Raises Rejected with every fault of the file, each with its place."""
    from ecsplan.config.syntax.schema_check import check  # late: jsonschema costs a tenth of a second
    from ecsplan.schema.validator import Validator

    try:
        text = read_regular(path, _LARGEST).decode("utf-8")
    except BadFile as bad:
        raise Rejected([Diagnostic(f"{path} {bad.reason}", bad.detail)]) from None
    except UnicodeDecodeError:
        raise Rejected([Diagnostic(f"{path} is not UTF-8", "save it as UTF-8")]) from None
    faults = Faults()
    check(document(text, str(path)), Validator(schema), faults)
    faults.reject_if_any()
