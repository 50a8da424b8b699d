"""Odd values, and documents with one of them somewhere: what an attacker, a bug or bad luck leaves behind."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

ODD_TEXTS = (
    "", " ", "²", "٣", "-5", "1e400", "9" * 400, "1" * 20, "NaN", "null", "a" * 129, "é", "\u202e", "\x00", "\x1b[2J",
    "\ud800", '"', 'x","y', "[", "{", "}", "..", "/", "2:AAAA", "1:AAAA", "=", "a=b", "%", "running", "true",
    "instance.web", "instance.web[0..2]", "instance.web[999999999999999999999]", 'vpc.a["x', "demo/instance.web",
    "demo/", "other/vpc.main",
)  # fmt: skip
ODD_VALUES = (
    None, True, False, 0, 7, -1, 1.5, 10**40, [], {}, [[]], [None], {"x": None}, {"$ref": 7}, {"$secret": {}},
    {"$ref": "vpc.main", "attribute": "id"}, {"$late": {"$late": 1}}, {"$unknown": True},
)  # fmt: skip
texts = st.sampled_from(ODD_TEXTS) | st.text(max_size=30)
values = st.sampled_from(ODD_VALUES) | texts | st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
Place = tuple[Any, ...]


def places(value: Any, before: Place = ()) -> Iterator[Place]:
    """Every place of a document, the whole of it apart."""
    steps = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for step, member in steps:
        yield (*before, step)
        yield from places(member, (*before, step))


def put(document: Any, place: Place, value: Any) -> Any:
    """A copy with another value at one place."""
    copy = json.loads(json.dumps(document))
    inner = copy
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return copy


@st.composite
def damaged(draw: st.DrawFn, text: bytes) -> bytes:
    """Bytes with a few of them cut, doubled or exchanged."""
    found = bytearray(text)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(0, len(found) - 1)))
        end = min(len(found), start + draw(st.integers(0, 40)))
        found[start:end] = draw(st.binary(max_size=20) | st.just(bytes(found[start:end]) * 2))
    return bytes(found)
