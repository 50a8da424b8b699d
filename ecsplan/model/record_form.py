"""One value as the record holds it, and whether another value is that one. Used by record.py.

A form is canonical JSON where that is short; else `#` and a digest. A set has a digest for each of its items after `*`,
so that one item more or fewer can be told; of an item that may be described, `+` and a digest of the whole follow.
`?` is a digest of what the service never tells again (an image family), `v2` the version of a secret.

References stand in it by address (`@vpc.main`), known before the id is. A live value has ids instead: Naming says
which is which.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address, ForeignRef, Lookup, Ref, Secret, Template
from ecsplan.model.algebra import PLAIN, ValueOrUnknown, leaves, special
from ecsplan.model.composites import ListOf, MapOf, Record, SetOf
from ecsplan.model.texts import FileText
from ecsplan.model.values import ValueType

SHORT = 40  # characters of JSON that are kept as they are
MOST_ITEMS = 24  # of a set, whose digests are kept one by one
DIGEST = 4  # characters of a digest
_GOES_BY = ("address", "former", "id")


@dataclass(frozen=True)
class Naming:
    """What one thing is called: `refs` by the id of a live object, `former` by the address that it has now."""

    refs: Mapping[str, Ref] = field(default_factory=dict)
    former: Mapping[Address, Address] = field(default_factory=dict)

    @cached_property
    def ids(self) -> Mapping[Ref, str]:
        return {ref: object_id for object_id, ref in self.refs.items()}

    def token(self, value: Any, way: str) -> str:
        """How a Ref or a text stands in a record. `way`: by its address, by that of before, or by its id."""
        ref = value if isinstance(value, Ref) else self.refs.get(value)
        if ref is None:
            return f"@{value}" if value.startswith("@") else str(value)
        if way == "id":
            return value if isinstance(value, str) else self.ids.get(ref, f"@{ref}")
        if way == "former" and ref.address in self.former:
            return f"@{Ref(self.former[ref.address], ref.attribute)}"
        return f"@{ref}"


NO_NAMES = Naming()
Token = Callable[[object], str]


def document(of: ValueType | None, value: object, token: Token) -> object:
    """A canonical value as JSON has it: records as objects, sets in the order of their texts."""
    if isinstance(value, (str, Ref)):
        return token(value)
    if type(value) in PLAIN:
        return value
    if isinstance(value, Template):
        return {"template": [document(None, part, token) for part in value.parts]}
    if isinstance(value, (ForeignRef, Lookup)):
        return {"lookup": str(value)}
    if not isinstance(value, (tuple, list)):
        return str(value)
    if isinstance(of, Record):
        return {name: document(of.by_name[name].type if name in of.by_name else None, v, token) for name, v in value}
    if isinstance(of, MapOf):
        return {key: document(of.item, item, token) for key, item in value}
    items = [document(of.item if isinstance(of, ListOf) else None, item, token) for item in value]
    return sorted(items, key=dumped) if isinstance(of, SetOf) else items


def dumped(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def texts(of: ValueType | None, value: Any, naming: Naming) -> list[str]:
    """A value in JSON, by each of the names that what it refers to may have; the first is how it is written."""
    ways = _GOES_BY if mentions_others(value, naming) else _GOES_BY[:1]
    return list(dict.fromkeys(dumped(document(of, value, partial(naming.token, way=way))) for way in ways))


def mentions_others(value: ValueOrUnknown, naming: Naming) -> bool:
    return any(isinstance(leaf, Ref) or (isinstance(leaf, str) and leaf in naming.refs) for leaf in leaves(value))


def digest(name: str, text: str) -> str:
    found = hashlib.sha256(f"{name}\n{text}".encode("utf-8", "surrogatepass")).digest()
    return urlsafe_b64encode(found)[:DIGEST].decode()


def has_secret(value: object) -> bool:
    return any(isinstance(leaf, Secret) for leaf in special(value))


def forms(name: str, of: ValueType | None, value: Any) -> tuple[str, ...]:
    """How a declared value can be held, the most telling first and the shortest last; nothing of a secret."""
    if isinstance(value, Secret):
        return (f"v{value.version}",)
    if has_secret(value):
        return ()
    text = texts(of, value, NO_NAMES)[0]
    is_short = len(text) <= SHORT and not isinstance(of, FileText)
    if of is not None and not of.is_comparable(value):
        return ((text,) if is_short else ()) + (f"?{digest(name, text)}",)
    found = [text] if is_short and not _has_records(value) else []
    if isinstance(of, SetOf) and isinstance(value, tuple) and len(value) <= MOST_ITEMS:
        found.append("*" + "".join(sorted(_item_form(name, of, item) for item in value)))
    return (*found, f"#{digest(name, text)}")


def _has_records(value: object) -> bool:
    return isinstance(value, tuple) and any(isinstance(item, tuple) for item in value)


def _item_form(name: str, of: SetOf, item: Any) -> str:
    """An item that has more than what makes it that item is followed by a digest of all of it."""
    what, whole = of.identity(item), texts(of.item, item, NO_NAMES)[0]
    found = digest(name, texts(of.item, what, NO_NAMES)[0])
    return found if what == item else f"{found}+{digest(name, whole)}"


class Items(Struct, frozen=True):
    """The items of a recorded set: the digest of the whole item, "" where it is no more than itself, by its own."""

    by_digest: Mapping[str, str]

    def holds(self, name: str, of: SetOf, item: Any, naming: Naming, *, loosely: bool = False) -> bool:
        """Whether an item is there; `loosely`: however it is described, if the record does not say."""
        for own in texts(of.item, of.identity(item), naming):
            whole = self.by_digest.get(digest(name, own))
            if whole is None:
                continue
            if whole == "":
                return loosely or of.identity(item) == item
            return whole in [digest(name, text) for text in texts(of.item, item, naming)]
        return False

    def is_described(self, name: str, of: SetOf, item: Any) -> bool:
        """Whether more was applied of an item than what makes it that item."""
        return any(self.by_digest.get(digest(name, own)) for own in texts(of.item, of.identity(item), NO_NAMES))

    def knows(self, name: str, of: SetOf, item: Any, naming: Naming) -> bool:
        """Whether it is there under whatever description."""
        return any(digest(name, own) in self.by_digest for own in texts(of.item, of.identity(item), naming))


def items_of(name: str, form: str) -> Items | None:
    """The items of a form; None where it keeps only a digest of them all, or is damaged."""
    if form.startswith("*"):
        return _spelled(form[1:])
    value = plain(form)
    if not isinstance(value, list):
        return None
    return Items({digest(name, dumped(item)): "" for item in value})


def _spelled(code: str) -> Items | None:
    found: dict[str, str] = {}
    while code:
        own, code = code[:DIGEST], code[DIGEST:]
        whole = ""
        if code.startswith("+"):
            whole, code = code[1 : DIGEST + 1], code[DIGEST + 1 :]
        if len(own) < DIGEST:
            return None
        found[own] = whole
    return Items(found)


def plain(form: str) -> object:
    """The JSON of a form; None where it is none, and for null."""
    try:
        return json.loads(form)
    except (ValueError, RecursionError):
        return None


def is_plain(form: str) -> bool:
    return form == "null" or plain(form) is not None


def holds(name: str, of: ValueType | None, form: str, value: Any, naming: Naming, *, is_live: bool = False) -> bool:
    """Whether a form is that of a value. A live value passes for what the service never tells again."""
    if form[:1] == "v":
        return isinstance(value, Secret) and form == f"v{value.version}"
    if isinstance(value, Secret):
        return False
    if is_live and not can_be_compared(of, form):
        return True
    found = items_of(name, form) if isinstance(of, SetOf) and isinstance(value, tuple) else None
    if found is not None and isinstance(of, SetOf):
        every = all(found.holds(name, of, item, naming, loosely=is_live) for item in value)
        return every and len(value) == len(found.by_digest)
    known = texts(of, value, naming)
    if form[:1] in ("#", "?"):
        return form[1:] in [digest(name, text) for text in known]
    return form in known


def can_be_compared(of: ValueType | None, form: str) -> bool:
    """Whether a live value can be held against a form at all."""
    if form.startswith("?"):
        return False
    value = plain(form)
    return of is None or not isinstance(value, str) or of.is_comparable(value)


def shown(form: str) -> tuple[bool, object]:
    """Whether the value is kept, and if so the canonical value, its references by address."""
    if not is_plain(form):
        return False, None
    return True, _canonical(plain(form))


def _canonical(found: object) -> object:
    if isinstance(found, list):
        return tuple(_canonical(item) for item in found)
    if isinstance(found, dict):
        return tuple(sorted((key, _canonical(item)) for key, item in found.items()))
    if isinstance(found, str) and found.startswith("@"):
        return found[1:] if found.startswith("@@") else _ref(found[1:])
    return found


def _ref(text: str) -> object:
    try:
        return Ref(Address.parse(text))
    except ValueError:
        return text


def all_hold(name: str, of: SetOf, found: Items, values: Iterable[object], naming: Naming) -> bool:
    return all(found.knows(name, of, item, naming) for item in values)
