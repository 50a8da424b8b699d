"""Which objects are one block: members of a group as another tool tells them, or numbered and alike. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from ecsplan.export.alike import Key
from ecsplan.export.pieces import Piece, given_name
from ecsplan.model.address import Address
from ecsplan.model.copying import replace
from ecsplan.model.export import Called

_NUMBERED = re.compile(r"^(?P<base>.*[^0-9])(?P<number>[0-9]{1,9})$", re.DOTALL)
OUR_WIDTH = 4  # the members of a `count` are called web-0000, web-0001 …


class ExportedBlock(Struct, frozen=True):
    """One block of the file: a single object, or with `keys` the members of a group in their order.

    `cloud_name` is what its name is made of. `called` is what another tool calls it. `remark` is said above it.
    """

    members: tuple[Piece, ...]
    cloud_name: str
    keys: tuple[Key, ...] | None = None
    name: str = ""
    called: Called | None = None
    remark: str = ""

    @property
    def first(self) -> Piece:
        return self.members[0]

    @property
    def group(self) -> tuple[str, str]:
        """What tells a group from others before blocks have their names."""
        return (self.first.kind.name, self.cloud_name)

    def addresses(self) -> Iterator[tuple[Address, Piece]]:
        keys: Sequence[Key | None] = self.keys or [None] * len(self.members)
        for key, piece in zip(keys, self.members, strict=True):
            yield Address(piece.kind.name, self.name, key), piece


def grouped(
    found: Sequence[Piece], called: Mapping[tuple[str, str], Called], split: Collection[tuple[str, str]]
) -> list[ExportedBlock]:
    """`split` are groups whose members turned out not to be alike: each stands alone."""
    told = [piece for piece in found if piece.key in called]
    others = [piece for piece in found if piece.key not in called]
    return [*_as_told(told, called, split), *_by_numbers(others, split)]


def _as_told(
    found: Iterable[Piece], called: Mapping[tuple[str, str], Called], split: Collection[tuple[str, str]]
) -> Iterator[ExportedBlock]:
    groups: dict[tuple[str, str], list[Piece]] = {}
    for piece in found:
        groups.setdefault((piece.kind.name, called[piece.key].name), []).append(piece)
    for group, members in groups.items():
        keys = [called[piece.key].key for piece in members]
        in_order = sorted(zip(keys, members, strict=True), key=lambda one: (str(type(one[0])), one[0] or 0))
        if group not in split and _is_whole(keys):
            known = tuple(key for key, _ in in_order if key is not None)
            yield ExportedBlock(tuple(p for _, p in in_order), group[1], known, called=called[in_order[0][1].key])
            continue
        for key, piece in in_order:
            own = called[piece.key]
            name = own.name if key is None or len(members) == 1 else f"{own.name}_{key}"
            yield ExportedBlock((piece,), name, called=replace(own, name=name, key=None))


def _is_whole(keys: Sequence[Key | None]) -> bool:
    """Whether the keys are those of one group: numbers from 0 on without a gap, or texts."""
    if len(set(keys)) < len(keys):
        return False
    if all(isinstance(key, str) and key for key in keys):
        return True
    return all(isinstance(key, int) for key in keys) and set(keys) == set(range(len(keys)))


def _by_numbers(found: Sequence[Piece], split: Collection[tuple[str, str]]) -> Iterator[ExportedBlock]:
    """Objects whose names differ in their number only; all others stand alone."""
    numbered: dict[tuple[str, str], list[tuple[str, Piece]]] = {}
    for piece in found:
        match = _NUMBERED.match(piece.obj.name)
        if match and "name" in piece.values:
            numbered.setdefault((piece.kind.name, match["base"]), []).append((match["number"], piece))
    joined: set[tuple[str, str]] = set()
    for (_, base), members in numbered.items():
        for style in _of_one_style(members):
            block = _numbered_block(base, sorted(style, key=lambda one: int(one[0])))
            if block is not None and block.group not in split:
                joined |= {piece.key for piece in block.members}
                yield block
    for piece in found:
        if piece.key not in joined:
            yield ExportedBlock((piece,), given_name(piece.obj, piece.kind))


def _of_one_style(members: Sequence[tuple[str, Piece]]) -> Iterator[list[tuple[str, Piece]]]:
    """Those that are padded to the same width belong together, and those without padding."""
    widths = {len(number) for number, _ in members if len(number) > 1 and number.startswith("0")}
    for width in sorted(widths):
        yield [one for one in members if len(one[0]) == width]
    yield [one for one in members if len(one[0]) not in widths]


def _numbered_block(base: str, members: Sequence[tuple[str, Piece]]) -> ExportedBlock | None:
    numbers = [int(number) for number, _ in members]
    if len(members) < 2 or len(set(numbers)) < len(numbers):
        return None
    pieces = tuple(piece for _, piece in members)
    first, last = numbers[0], numbers[-1]
    missing = sorted(set(range(first, last + 1)) - set(numbers)) if last - first < 2 * len(numbers) else None
    if missing is None:  # more gaps than members: the number means something else (a year, a port)
        return None
    name = base.rstrip("-_. ") or base
    if not missing:
        return ExportedBlock(pieces, name if _is_ours(base, members) else base, tuple(range(len(pieces))))
    width = len(members[0][0])
    gone = [f"{base}{number:0{width}d}" if members[0][0].startswith("0") else f"{base}{number}" for number in missing]
    remark = f"{', '.join(gone[:5])}{' …' if len(gone) > 5 else ''} {'is' if len(gone) == 1 else 'are'} not there"
    return ExportedBlock(pieces, base, tuple(number for number, _ in members), remark=remark)


def _is_ours(base: str, members: Sequence[tuple[str, Piece]]) -> bool:
    return base.endswith("-") and int(members[0][0]) == 0 and all(len(number) == OUR_WIDTH for number, _ in members)
