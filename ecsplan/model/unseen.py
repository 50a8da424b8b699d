"""Characters that an eye does not see, or that do something other than stand there; and their spelling. Pure.

A name, a description, a key, an error of the service: anybody can have written it. Printed as it is, it could move the
cursor, hide a line, turn the reading direction, or be a command to the CI runner that copies the output. Spelled
`\\u202e`, it is harmless in text, and the same string in JSON and in double quotes of YAML.
"""

import re
from functools import cache

# In a class: controls (tab too), soft hyphen, marks and overrides of direction, zero-width and blank letters, ends
# of lines, surrogates without a partner, private and tag characters: C* of Unicode, Zl and Zp, and fillers.
_UNSEEN = (
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\U000f0000-\U0010ffff]"
)
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0]"
)  # unseen, and letters or marks to Unicode
_PERHAPS_UNSEEN = re.compile(r"[^\n\t -~]+")  # a small class, which is looked for much faster

# What runners take for a command: `::set-output` at the start of a line, `##[group]`, `##vso[…]` and `##teamcity[…]`
# anywhere in one.
_COMMAND = re.compile(r"(\n[^\S\n]*):(?=:)")
_MARK = re.compile(r"#(?=#(?:\[|vso\[|teamcity\[))")

# The colours of our own, and no other sequence: none hides a text, none moves the cursor.
_COLOUR = re.compile("\x1b\\[(?:0|1|2|3[1-6])m")


@cache
def unseen() -> re.Pattern[str]:
    """Finds such a character; compiled only once a text may have one, as that takes a while."""
    return re.compile(_UNSEEN)


def spelled(text: str) -> str:
    """The text with what is unseen spelled out, line breaks too."""
    if text.isprintable() and not _BLANK.search(text):  # by far the most
        return text
    return unseen().sub(_escape, text)


def printable(text: str, *, is_coloured: bool = False) -> str:
    """Lines of output that do nothing but stand there. `is_coloured`: our own colours stay."""
    whole = text
    if _PERHAPS_UNSEEN.search(text):  # of tens of megabytes, no copies are made in vain
        pieces = _COLOUR.split(text) if is_coloured else [text]
        colours = [*(_COLOUR.findall(text) if is_coloured else ()), ""]
        cleaned = (_PERHAPS_UNSEEN.sub(lambda found: spelled(found[0]), piece) for piece in pieces)
        whole = "".join(piece + colour for piece, colour in zip(cleaned, colours, strict=True))
    if "::" in whole:
        whole = _COMMAND.sub(lambda found: found[1] + _escape_of(":"), f"\n{whole}")[1:]
    return _MARK.sub(_escape, whole) if "##" in whole else whole


def is_printable(text: str) -> bool:
    """Whether the text may be printed as it stands."""
    return printable(text) == text


def _escape(found: re.Match[str]) -> str:
    return _escape_of(found[0])


def _escape_of(sign: str) -> str:
    """As JSON has it: beyond 0xffff two halves."""
    code = ord(sign)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    return f"\\u{0xD800 + (code - 0x10000 >> 10):04x}\\u{0xDC00 + (code - 0x10000 & 0x3FF):04x}"
