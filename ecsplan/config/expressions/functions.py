"""The functions of expressions: a short list of filters and functions, each bounded by what it would make."""

import ipaddress
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import Undefined

from ecsplan.config.expressions.value_bounds import MAXIMUM_ITEMS, MAXIMUM_TEXT, bounded_integer, too_long
from ecsplan.config.syntax.faults import ExpressionError

_WHAT = {str: "a string", int: "a number", float: "a number", bool: "a boolean", list: "a list", tuple: "a list"}
_CONVERSION = re.compile(r"%(?:%|[-+ 0#]{0,5}\d{0,3}(?:\.\d{1,2})?[sdixXoeEfgG])")
_PERCENT = re.compile(r"%[^%a-zA-Z]*[%a-zA-Z]?")

TESTS = (
    "defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence",
    "even", "odd", "divisibleby", "in", "eq", "ne", "lt", "le", "gt", "ge", "true", "false",
)  # fmt: skip


def as_text(value: object) -> str:
    """A value as a text; lists and mappings are not guessed at."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    if value is None or isinstance(value, (Mapping, list, tuple, range)):
        _refuse(value, "a string")
    return str(value)  # an undefined or held value refuses by itself


def _refuse(value: object, wanted: str) -> Any:
    if not isinstance(value, (str, int, float, list, tuple, Mapping, range, type(None))):
        str(value)  # an undefined or held value says better words itself
    what = "nothing" if value is None else _WHAT.get(type(value), "a mapping")
    raise ExpressionError(f"{what} is not {wanted}", f"give {wanted}")


def as_text_only(value: object) -> str:
    return value if isinstance(value, str) else str(_refuse(value, "a string"))


def as_items(value: object) -> list[object]:
    if isinstance(value, (list, tuple, range)):
        return list(value)
    if isinstance(value, Mapping):
        return list(value)
    return list(_refuse(value, "a list"))


def formatted(pattern: object, values: object) -> str:
    """`'%04d' % index`, with widths that stay small."""
    pattern = as_text_only(pattern)
    for found in _PERCENT.finditer(pattern):
        if not _CONVERSION.fullmatch(found[0]):
            detail = "write %s, %d, %x or %f, with a width below 1,000"
            raise ExpressionError(f"{found[0][:20]} is not a format that is allowed", detail)
    arguments = tuple(values) if isinstance(values, (list, tuple)) else (values,)
    if sum(len(item) for item in arguments if isinstance(item, str)) > MAXIMUM_TEXT:
        raise too_long()
    return str(pattern % tuple(item if isinstance(item, (int, float)) else as_text(item) for item in arguments))


def _format(pattern: object, *values: object) -> str:
    return formatted(pattern, values)


def _replace(value: object, old: object, new: object) -> str:
    text, old, new = as_text_only(value), as_text_only(old), as_text_only(new)
    if len(text) + text.count(old) * max(0, len(new) - len(old)) > MAXIMUM_TEXT:
        raise too_long()
    return text.replace(old, new)


def or_default(value: object, other: object = "", even_if_empty: object = False) -> object:
    return other if isinstance(value, Undefined) or value is None or (even_if_empty and not value) else value


def _length(value: object) -> int:
    return len(value) if isinstance(value, str) else len(as_items(value))


def _integer(value: object) -> int:
    if isinstance(value, str) and not re.fullmatch(r" *[-+]?[0-9]{1,20} *", value):
        _refuse(value, "a whole number")
    if isinstance(value, (str, int, float)):
        return bounded_integer(int(value))
    return int(_refuse(value, "a whole number"))


def _number(value: object) -> float:
    if isinstance(value, str) and len(value) > 40:
        _refuse(value, "a number")
    number = float(value) if isinstance(value, (str, int, float)) else float(_refuse(value, "a number"))
    return number if math.isfinite(number) else float(_refuse(value, "a number"))


def _round(value: Any, places: Any = 0) -> float | int:
    if not isinstance(value, (int, float)) or not isinstance(places, int) or not 0 <= places <= 12:
        _refuse(value, "a number to be rounded")
    found: float | int = round(value, places) if places else round(value)
    return found


def _list(value: object) -> list[object]:
    return _bounded(list(value)) if isinstance(value, str) else as_items(value)


def _split(value: object, separator: object = None) -> list[str]:
    return _bounded(as_text_only(value).split(as_text_only(separator) if separator is not None else None))


def _bounded(items: list[Any]) -> list[Any]:
    if len(items) > MAXIMUM_ITEMS:
        raise ExpressionError("the list is too long", f"it may have at most {MAXIMUM_ITEMS:,} members")
    return items


def _first(value: object) -> object:
    items = _list(value)
    return items[0] if items else _refuse(None, "a list with members")


def _last(value: object) -> object:
    items = _list(value)
    return items[-1] if items else _refuse(None, "a list with members")


def _extreme(choose: Callable[[Iterable[object]], Any]) -> Callable[..., object]:
    def extreme(value: object, *others: object) -> object:
        items = [value, *others] if others else as_items(value)
        return choose(ordered(items)) if items else _refuse(None, "a list with members")

    return extreme


def ordered(items: list[object]) -> list[Any]:
    """The items, if all are texts or all are numbers: nothing else has an order."""
    is_text = bool(items) and isinstance(items[0], str)
    for item in items:
        if not isinstance(item, str if is_text else int | float) or isinstance(item, bool):
            _refuse(item, "a string, as the others are" if is_text else "a number, as the others are")
    return items


def _unique(value: object) -> list[object]:
    """Each once, in the order of the first; mappings and lists are alike if what they hold is."""
    found: dict[object, object] = {}
    for item in as_items(value):
        found.setdefault(_content(item), item)
    return list(found.values())


def _content(item: object) -> object:
    if isinstance(item, Mapping):
        return (dict, frozenset((name, _content(inner)) for name, inner in item.items()))
    if isinstance(item, (list, tuple)):
        return (list, tuple(map(_content, item)))
    return (type(item), item)


def _mapping(value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    raise ExpressionError("this is not a mapping", "give a mapping")


def _range(*bounds: Any) -> list[int]:
    if not 1 <= len(bounds) <= 3 or not all(isinstance(bound, int) for bound in bounds):
        raise ExpressionError("range takes one to three whole numbers", "write range(3) or range(1, 4)")
    found = range(*bounds)
    # The length alone may be more than a machine word: asking for it would fail.
    if (abs(found.stop - found.start) // abs(found.step)) > MAXIMUM_ITEMS:
        raise ExpressionError("the range is too long", f"it may have at most {MAXIMUM_ITEMS:,} members")
    return list(found)


def _cidr_subnet(block: object, new_bits: Any, number: Any) -> str:
    """`cidr_subnet('10.0.0.0/16', 8, 2)` is `10.0.2.0/24`: the block cut into 2**new_bits parts, the one at number."""
    network = ipaddress.ip_network(as_text_only(block))
    if not isinstance(new_bits, int) or not isinstance(number, int):
        _refuse(number, "whole numbers after the block")
    length = network.prefixlen + new_bits
    if new_bits < 0 or length > network.max_prefixlen or not 0 <= number < 2**new_bits:
        summary = f"{network} has no part {number} with {new_bits} more bits"
        raise ExpressionError(summary, "count parts from 0; there are 2**bits of them")
    first = int(network.network_address) + (number << (network.max_prefixlen - length))
    return f"{type(network.network_address)(first)}/{length}"


FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "range": _range,
    "min": _extreme(min),
    "max": _extreme(max),
    "cidr_subnet": _cidr_subnet,
}

FILTERS: Mapping[str, Callable[..., object]] = {
    "abs": lambda value: abs(value),
    "default": or_default,
    "first": _first,
    "float": _number,
    "format": _format,
    "int": _integer,
    "keys": lambda value: sorted(_mapping(value)),
    "last": _last,
    "length": _length,
    "list": _list,
    "lower": lambda value: as_text_only(value).lower(),
    "max": _extreme(max),
    "min": _extreme(min),
    "replace": _replace,
    "round": _round,
    "split": _split,
    "string": as_text,
    "trim": lambda value: as_text_only(value).strip(),
    "unique": _unique,
    "upper": lambda value: as_text_only(value).upper(),
    "values": lambda value: [item for _, item in sorted(_mapping(value).items())],
}
