"""Characters that look like YAML's own and are not: what a Chinese keyboard types, and spaces from other programs.

In text they are what they are: only where they stand in the place of YAML's signs are they a slip.
"""

import re
import unicodedata

_SIGNS = {"：": ":", "，": ",", "｛": "{", "｝": "}", "［": "[", "］": "]", "＃": "#", "－": "-", "＄": "$"}
_QUOTES = {"“": "”", "”": "”", "„": "”", "‘": "’", "’": "’", "「": "」", "＂": "＂", "＇": "＇"}
_NO_WIDTH = frozenset("\u200b\u2060\ufeff")
_OUTSIDE = re.compile(r"\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|(?:^|\s)#.*")  # of a line: quoted texts, and a comment

Slip = tuple[int, str, str]
"""Where in a text it is, what is wrong, and what to write."""


def slip_in_value(text: str) -> Slip | None:
    """A sign that cannot be meant in a value without quotes."""
    return _odd_space(text) or _quoted(text) or _between_words(text)


def slip_in_key(text: str) -> Slip | None:
    """A key is a word: `业务：支付` is one with its value."""
    sign = next((place for place, char in enumerate(text) if char in _SIGNS), None)
    return _odd_space(text) or _quoted(text) or (None if sign is None else _named(sign, text[sign]))


def slip_in_line(line: str) -> Slip | None:
    """The first sign in a line that YAML could not read, outside its quotes."""
    for place, char in enumerate(_OUTSIDE.sub(lambda found: " " * len(found[0]), line)):
        if char in _SIGNS or char in _QUOTES or _is_odd_space(char):
            return _named(place, char)
    return None


def _is_odd_space(char: str) -> bool:
    return char in _NO_WIDTH or (char != " " and unicodedata.category(char) == "Zs")


def _odd_space(text: str) -> Slip | None:
    place = next((place for place, char in enumerate(text) if _is_odd_space(char)), None)
    return None if place is None else _named(place, text[place])


def _quoted(text: str) -> Slip | None:
    """A whole value in quotes that are not YAML's would keep them as part of it."""
    is_quoted = len(text) >= 2 and text[0] in _QUOTES and text[-1] in (_QUOTES[text[0]], text[0])
    return _named(0, text[0]) if is_quoted else None


def _between_words(text: str) -> Slip | None:
    """A sign between ASCII on both sides; next to Chinese it is punctuation."""
    for place, char in enumerate(text):
        before, after = text[:place].rstrip()[-1:], text[place + 1 :].lstrip()[:1]
        if char in _SIGNS and before.isascii() and after.isascii() and before and after:
            return _named(place, char)
    return None


def _named(place: int, char: str) -> Slip:
    if char in _SIGNS:
        name = unicodedata.name(char).lower().replace("fullwidth ", "full-width ")
        return place, f"'{char}' is a {name}", f"write '{_SIGNS[char]}', or quote the string"
    if char in _QUOTES:
        return place, f"{char} is not a quotation mark of YAML", "write \" or ', or quote the whole string with them"
    name = unicodedata.name(char, "a control character").lower()
    return place, f"U+{ord(char):04X} ({name}) looks like a space", "write an ordinary space, or quote the string"
