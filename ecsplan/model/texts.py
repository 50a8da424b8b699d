"""Types of texts that need not stand in the stack file: what other files hold, and secrets."""

import gzip
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecsplan.model.address import Secret
from ecsplan.model.values import Integer, Mistake, Text, ValueType


@dataclass(frozen=True, slots=True)
class FilePath(Text):
    """The path of a file that apply reads or writes; config/ checks that a stack may name it."""


PACKED, BINARY = "\0gzip:", "\0base64:"  # begin the canonical form of what is no plain text: no text has a NUL
_GZIP, _MOST_UNPACKED = b"\x1f\x8b", 4 * 2**20  # its first bytes, and how large a text is read out of it


@dataclass(frozen=True, slots=True)
class FileText(ValueType):
    """A text, or `{file: PATH}` (as it is) or `{template: PATH}` (interpolated); config/ reads the files.

    `base64`: the API wants and answers it so. Then it may be more than text: `gzip: true` beside the path packs it, and
    a file that is no UTF-8 is sent as it is. Canonical: what is packed by its text, so that another compressor makes no
    difference; bytes in base64.
    """

    maximum_bytes: int = 32768
    base64: bool = False

    @property
    def says(self) -> str:
        return f"a string of at most {self.maximum_bytes} bytes, {{file: PATH}} or {{template: PATH}}"

    def schema(self) -> dict[str, object]:
        ways = ("file", "template") if not self.base64 else ("file", "template", "packed_file", "packed_template")
        return {"anyOf": [{"type": "string"}, *({"$ref": f"#/$defs/{way}"} for way in ways)]}

    def parse(self, value: object) -> str:
        if not isinstance(value, str) or ("\0" in value and not (self.base64 and value.startswith((PACKED, BINARY)))):
            raise self.mistake(value)
        size = len(_bytes_of(value))
        if size > self.maximum_bytes:
            if value.startswith((PACKED, BINARY)):
                raise Mistake(f"{size:,} bytes are sent, and {self.maximum_bytes:,} are allowed", "make it smaller")
            raise self.mistake(value)
        return value

    def decode(self, wire: Any) -> str | None:
        if wire is None or wire == "":
            return None
        return canonical_text(b64decode(wire)) if self.base64 else str(wire).strip()

    def encode(self, value: Any) -> Any:
        return b64encode(_bytes_of(value)).decode() if self.base64 else value


def _bytes_of(value: str) -> bytes:
    """What is sent for a canonical value."""
    if value.startswith(PACKED):
        return gzip.compress(value.removeprefix(PACKED).encode(), mtime=0)
    if value.startswith(BINARY):
        return b64decode(value.removeprefix(BINARY))
    return value.encode()


def canonical_text(data: bytes) -> str:
    """Text as it is, packed text by what is in it, and everything else in base64."""
    if data.startswith(_GZIP):
        unpacked = _unpacked(data)
        return f"{BINARY}{b64encode(data).decode()}" if unpacked is None else PACKED + unpacked
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return f"{BINARY}{b64encode(data).decode()}"
    return text if "\0" not in text else f"{BINARY}{b64encode(data).decode()}"


def _unpacked(data: bytes) -> str | None:
    """The text in a gzip file; None where it is damaged, no text, or far too large."""
    stretch = zlib.decompressobj(31)
    try:
        text = stretch.decompress(data, _MOST_UNPACKED)
        return text.decode("utf-8") if stretch.eof and not stretch.unused_data and b"\0" not in text else None
    except (zlib.error, UnicodeDecodeError):
        return None


@dataclass(frozen=True, slots=True)
class SecretText(ValueType):
    """A value that is never written in the stack file: `{env: NAME, version: 1}` or `{file: PATH, version: 1}`."""

    @property
    def says(self) -> str:
        return "{env: NAME, version: 1} or {file: PATH, version: 1}"

    def schema(self) -> dict[str, object]:
        return {"$ref": "#/$defs/secret"}

    def parse(self, value: object) -> Secret:
        if isinstance(value, Mapping) and set(value) in ({"env", "version"}, {"file", "version"}):
            version = Integer(minimum=1).parse(value["version"])
            source = value.get("env", value.get("file"))
            if isinstance(source, str) and source:
                return Secret(version, env=value.get("env"), file=value.get("file"))
        raise self.mistake(value if isinstance(value, Mapping) else "(hidden)", "a secret does not stand in the file")
