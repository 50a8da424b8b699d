"""The meaning of a plain YAML scalar: the core schema of YAML 1.2, and nothing of YAML 1.1.

`on`, `yes`, `NO`, `1:30` and dates are texts. A number with a leading zero is one too: whoever writes 0123 means
the digits, whether a reader of YAML would count in eights or in tens.
"""

import math
import re

from ecsplan.model.quoting import shown

_WORDS = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
_OCTAL = re.compile(r"0o[0-7]+$")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+$")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$")
_NUMBER_STARTS = frozenset("0123456789+-.")
_LONGEST_NUMBER = 40

Scalar = str | int | float | bool | None


def core_value(text: str) -> Scalar:
    """The value of an unquoted scalar. Raises ValueError for a number that nothing here can mean."""
    if text[:1] in _NUMBER_STARTS and text:
        return _number(text)
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    return None if text in _WORDS else text


def _number(text: str) -> str | int | float:
    if _INTEGER.match(text):
        return int(_short(text))
    if _FLOAT.match(text):
        return _finite(text)
    if _OCTAL.match(text):
        return int(_short(text)[2:], 8)
    if _HEXADECIMAL.match(text):
        return int(_short(text)[2:], 16)
    if _NOT_FINITE.match(text):
        raise ValueError(f"{text} is not a number that can be used here")
    return text


def _short(text: str) -> str:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text)} digits is too long")
    return text


def _finite(text: str) -> float:
    number = float(_short(text))
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large for a number")
    return number


_TAGGED = "tag:yaml.org,2002:"
_TYPES_OF_TAGS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}


def tagged_value(tag: str, text: str) -> Scalar:
    """The value of a scalar under an explicit core tag (`!!str 1`). Raises ValueError for any other tag."""
    if tag == _TAGGED + "str":
        return text
    expected = _TYPES_OF_TAGS.get(tag.removeprefix(_TAGGED))
    if expected is None or not tag.startswith(_TAGGED):
        raise ValueError(f"the tag {tag_text(tag)} is not allowed")
    value = core_value(text)
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        raise ValueError(f"{shown(text)} does not fit the tag {tag_text(tag)}")
    return float(value) if tag == _TAGGED + "float" and value is not None else value


def tag_text(tag: str) -> str:
    """A tag as people write it."""
    return "!!" + tag.removeprefix(_TAGGED) if tag.startswith(_TAGGED) else tag


MAPPING_TAG, SEQUENCE_TAG = _TAGGED + "map", _TAGGED + "seq"
