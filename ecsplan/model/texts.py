"""Types of texts that need not stand in the stack file: what other files hold, and secrets."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecsplan.model.address import Secret
from ecsplan.model.values import Integer, Text, ValueType


@dataclass(frozen=True, slots=True)
class FilePath(Text):
    """The path of a file that apply reads or writes; config/ checks that a stack may name it."""


@dataclass(frozen=True, slots=True)
class FileText(ValueType):
    """A text, or `{file: PATH}` (as it is) or `{template: PATH}` (interpolated); config/ reads the files.

    `base64`: the API wants and answers it so.
    """

    maximum_bytes: int = 32768
    base64: bool = False

    @property
    def says(self) -> str:
        return f"a string of at most {self.maximum_bytes} bytes, {{file: PATH}} or {{template: PATH}}"

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/file"}, {"$ref": "#/$defs/template"}]}

    def parse(self, value: object) -> str:
        if not isinstance(value, str) or len(value.encode()) > self.maximum_bytes:
            raise self.mistake(value)
        return value

    def decode(self, wire: Any) -> str | None:
        if wire is None or wire == "":
            return None
        return b64decode(wire).decode("utf-8", "replace") if self.base64 else str(wire).strip()

    def encode(self, value: Any) -> Any:
        return b64encode(value.encode()).decode() if self.base64 else value


@dataclass(frozen=True, slots=True)
class SecretText(ValueType):
    """A value that is never written in the stack file: `{env: NAME, version: 1}` or `{file: PATH, version: 1}`."""

    @property
    def says(self) -> str:
        return "{env: NAME, version: 1} or {file: PATH, version: 1}"

    def schema(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/secret"}

    def parse(self, value: object) -> Secret:
        if isinstance(value, Mapping) and set(value) in ({"env", "version"}, {"file", "version"}):
            version = Integer(minimum=1).parse(value["version"])
            source = value.get("env", value.get("file"))
            if isinstance(source, str) and source:
                return Secret(version, env=value.get("env"), file=value.get("file"))
        raise self.mistake(value if isinstance(value, Mapping) else "(hidden)", "a secret does not stand in the file")
