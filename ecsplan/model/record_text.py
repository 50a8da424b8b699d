"""The lines of a record as the text of tags, and back. See record.py for what the lines mean.

The text is `2:` and base64url of the sorted lines, as a raw deflate stream (RFC 1951) with the preset dictionary of
record_words.py. It is cut into tag values of 128 characters. Reading is total and bounded: what cannot be read, or
unpacks to more than any record has, is None.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence

from ecsplan.model.record_words import WORDS

FORMAT = "2:"
LENGTH = 128  # characters of a tag value
LONGEST = 16_384  # bytes of lines; three tags hold some 1,500 of a usual record

_WORDS = WORDS.encode()
_ESCAPES = {"%": "%25", "=": "%3D", "\n": "%0A"}


def escaped(name: str) -> str:
    """A name as a line can begin with it: tags may be called anything."""
    for character, escape in _ESCAPES.items():
        name = name.replace(character, escape)
    return name


def _unescaped(name: str) -> str:
    for character, escape in reversed(_ESCAPES.items()):
        name = name.replace(escape, character)
    return name


def pack(lines: Mapping[str, str | None]) -> str:
    """The text of all tags together. A name without a value stands alone on its line."""
    text = "\n".join(f"{escaped(name)}" + ("" if form is None else f"={form}") for name, form in sorted(lines.items()))
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=_WORDS)
    data = squeeze.compress(text.encode("utf-8", "surrogatepass")) + squeeze.flush()
    return FORMAT + urlsafe_b64encode(data).decode().rstrip("=")


def unpack(text: str) -> dict[str, str | None] | None:
    """The lines of a text; None where it is damaged, cut off, too large or of another format."""
    if not text.startswith(FORMAT):
        return None
    code = text.removeprefix(FORMAT)
    try:
        data = urlsafe_b64decode(code + "=" * (-len(code) % 4))
        stretch = zlib.decompressobj(-15, zdict=_WORDS)
        found = stretch.decompress(data, LONGEST)
        if not stretch.eof:
            return None
        lines = found.decode("utf-8", "surrogatepass").split("\n")
    except (ValueError, zlib.error):
        return None
    pairs = (line.partition("=") for line in lines if line)
    return {_unescaped(name): form if equals else None for name, equals, form in pairs}


def unpack_any(texts: Sequence[str]) -> dict[str, str | None] | None:
    """The lines that some tag values hold together.

    What is left of an older, longer record in the last ones does not matter: the stream says where it ends.
    """
    for count in range(len(texts), 0, -1):
        found = unpack("".join(texts[:count]))
        if found is not None:
            return found
    return None


def cut(text: str) -> list[str]:
    return [text[at : at + LENGTH] for at in range(0, len(text), LENGTH)]


def fits(lines: Mapping[str, str | None], tags: int) -> bool:
    return len(pack(lines)) <= tags * LENGTH


def first_that_fits(steps: Iterable[Mapping[str, str | None]], tags: int) -> Mapping[str, str | None]:
    """The first of ever shorter records that so many tags can hold, else the last."""
    found: Mapping[str, str | None] = {}
    for found in steps:
        if fits(found, tags):
            break
    return found
