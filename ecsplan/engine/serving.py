"""Reads and checks the file of the loop. See `serve`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.nodes import plain
from ecsplan.config.syntax.yaml_reader import document
from ecsplan.files.opening import BadFile, read_regular
from ecsplan.model.diagnostic import Diagnostic, Rejected

_LARGEST = 1 << 20


def checked(path: str, schema: Mapping[str, object]) -> Mapping[str, object]:
    """The document of a file that fits a schema. Raises Rejected with every fault."""
    from ecsplan.config.syntax.schema_check import check
    from ecsplan.schema.validator import Validator

    try:
        text = read_regular(Path(path), _LARGEST).decode("utf-8")
    except (BadFile, UnicodeDecodeError) as bad:
        raise Rejected([Diagnostic(f"{path} {getattr(bad, 'reason', bad)}")]) from None
    root = document(text, path)
    faults = Faults()
    check(root, Validator(schema), faults)
    faults.reject_if_any()
    found: Mapping[str, Any] = plain(root)
    return found
