"""Plain names to addresses: whom a reference means among the blocks of the stack, or why nobody."""

from collections.abc import Callable, Iterator

from ecsplan.config.resources.expansion import Blocks
from ecsplan.config.syntax.faults import ExpressionError
from ecsplan.model.address import Address, Ref
from ecsplan.model.composites import ListOf, MapOf, NamedRef, Record, SetOf, first_repeated, sort_key
from ecsplan.model.diagnostic import Hint, Words
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import near, with_article
from ecsplan.model.values import Mistake, ValueType


class UnknownName(ExpressionError):
    """A plain name that means nobody; `name` is how the YAML spells it."""

    def __init__(self, name: str, summary: str, detail: Words, is_said: bool = False) -> None:
        super().__init__(summary, detail, is_said=is_said, rule=Rule.REFERENCE)
        self.name = name


def find_named(named: NamedRef, blocks: Blocks) -> Ref | str:
    """The resource that a plain name means; with its kind in front where several are possible.

    Raises ExpressionError with what would be right.
    """
    found = [address for address in _addresses(named) if address.group in blocks]
    if len(found) > 1:
        detail = f"write {' or '.join(map(str, found))}"
        raise UnknownName(named.text, f"{named.text} could be {' or '.join(map(_said, found))}", detail)
    if found:
        return Ref(_member(named, found[0], blocks), named.attribute)
    if named.or_literal:
        return named.text
    raise UnknownName(named.text, *_unknown(named, blocks))


def _addresses(named: NamedRef) -> Iterator[Address]:
    """What the text may spell: `web` of each kind; `instance.web` where there is more than one kind."""
    with_kind = len(named.kinds) > 1 and named.text.startswith(tuple(f"{kind}." for kind in named.kinds))
    for text in [named.text] if with_kind else [f"{kind}.{named.text}" for kind in named.kinds]:
        try:
            yield Address.parse(text)
        except ValueError:
            continue


def _said(address: Address) -> str:
    return f"{with_article(address.kind)} ({address.kind}.{address.name})"


def _member(named: NamedRef, address: Address, blocks: Blocks) -> Address:
    try:
        return checked_member(address, blocks)
    except ExpressionError as error:
        raise UnknownName(named.text, error.summary, error.words, error.is_said) from None


def _unknown(named: NamedRef, blocks: Blocks) -> tuple[str, Words]:
    kinds = " or ".join(named.kinds)
    name = named.text.partition("[")[0]
    detail = near(name, blocks.names_of(*named.kinds), f"every {kinds} of this stack")
    if len(named.kinds) == 1 and named.text.startswith(f"{kinds}."):
        plain = named.text.partition(".")[2]
        return f"there is no {kinds} called {named.text}", Hint(f"write the plain name: {plain}", named.text, [plain])
    elsewhere = blocks.kinds_called.get(name)
    if elsewhere:
        return f"{named.text} is {with_article(elsewhere[0])}, not {with_article(kinds)}", detail
    return f"there is no {kinds} called {named.text}", detail


def checked_member(address: Address, blocks: Blocks) -> Address:
    """`address`, if it names one resource: a member of a group, or a single one. Raises ExpressionError."""
    block = blocks[address.group]
    if block.is_broken:
        raise ExpressionError(f"the members of {address.group} are not known", is_said=True)
    if block.keys is None:
        if address.key is None:
            return address
        raise ExpressionError(f"{address.group} is a single resource", f"write {address.name} without an index")
    if address.key is not None and block.has(address.key):
        return address
    keys = [_shown_key(key) for key in block.keys[:20]]
    if address.key is None:
        way = "count" if not keys or isinstance(block.keys[0], int) else "for_each"
        detail = f"say which member, like {address.name}{keys[0]}" if keys else "the group has no members"
        raise ExpressionError(f"{address} is a group ({way}) and needs an index", detail)
    detail = f"members: {', '.join(keys)}" if keys else "the group has no members"
    raise ExpressionError(f"{address.group} has no member {_shown_key(address.key)}", detail)


def _shown_key(key: int | str) -> str:
    return str(Address("a", "a", key)).removeprefix("a.a")


def resolved(value: object, kind: ValueType, find: Callable[[NamedRef], object]) -> object:
    """A canonical value with its plain names found; sets are sorted again by what they now hold."""
    if isinstance(value, NamedRef):
        return find(value)
    if not isinstance(value, tuple) or not value:
        return value
    if isinstance(kind, ListOf):
        found = tuple(resolved(item, kind.item, find) for item in value)
        return _as_set(found) if isinstance(kind, SetOf) and found != value else found
    if isinstance(kind, MapOf):
        return tuple((name, resolved(item, kind.item, find)) for name, item in value)
    if isinstance(kind, Record):
        return tuple((name, resolved(item, kind.by_name[name].type, find)) for name, item in value)
    return tuple(resolved(item, kind, find) for item in value)


def _as_set(items: tuple[object, ...]) -> tuple[object, ...]:
    twice = first_repeated(items)
    if twice is not None:
        raise Mistake(f"{items[twice]} appears twice in the list", "remove one of the two", (twice,))
    return tuple(sorted(items, key=sort_key))
