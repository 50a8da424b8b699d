"""Regular expressions whose matching takes time by the length of the text alone, whatever a stack file asks for.

The usual signs without those that need backtracking: characters, `.`, `\\d \\w \\s` (ASCII) and their opposites,
`[a-z]`, `[^…]`, groups, `|`, `*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}`. A pattern fits a whole text; `^` before it and `$`
after it say the same. It becomes a list of steps, and all ways through them are followed at once.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct

from ecsplan.model.quoting import shown

LONGEST = 200
_MOST_STEPS = 2_000
_MOST_TIMES = 200
_CLASSES: dict[str, Callable[[str], bool]] = {
    "d": lambda char: char.isascii() and char.isdigit(),
    "w": lambda char: char.isascii() and (char.isalnum() or char == "_"),
    "s": lambda char: char in " \t\n\r\f\v",
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}

Test = Callable[[str], bool]
Step = Test | tuple[int, ...] | None
"""A test of one character; or where to go on, at each of several places; or the end."""


class Pattern(Struct, frozen=True):
    """A compiled pattern."""

    text: str
    steps: tuple[Step, ...]

    def fits(self, text: str) -> bool:
        places = self._reached({0})
        for char in text:
            next_places = {place + 1 for place in places if callable(step := self.steps[place]) and step(char)}
            if not next_places:
                return False
            places = self._reached(next_places)
        return len(self.steps) - 1 in places

    def _reached(self, places: set[int]) -> set[int]:
        """The places and all that can be reached from them without a character."""
        found, todo = set(places), list(places)
        while todo:
            step = self.steps[todo.pop()]
            for place in step if isinstance(step, tuple) else ():
                if place not in found:
                    found.add(place)
                    todo.append(place)
        return found


def pattern(text: str) -> Pattern:
    """Raises ValueError with what is wrong."""
    if len(text) > LONGEST:
        raise ValueError(f"a pattern has at most {LONGEST} characters")
    parser = _Parser(text.removeprefix("^"))
    steps = parser.alternatives()
    if parser.rest() == "$":
        parser.at += 1
    if parser.rest():
        raise ValueError(f"{shown(parser.rest()[0])} is not understood at character {text.index(parser.rest()) + 1}")
    return Pattern(text, (*steps, None))


class _Parser:
    """Reads one pattern; every method returns steps whose places count from the first of them."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def rest(self) -> str:
        return self.text[self.at :]

    def take(self, *signs: str) -> str:
        """The sign that comes next, if it is one of these; then it is behind us."""
        found = next((sign for sign in signs if self.text.startswith(sign, self.at)), "")
        self.at += len(found)
        return found

    def alternatives(self) -> list[Step]:
        ways = [self.sequence()]
        while self.take("|"):
            ways.append(self.sequence())
        steps = ways[-1]
        for way in reversed(ways[:-1]):
            steps = _bounded(
                [(1, len(way) + 2), *_moved(way, 1), (len(way) + 2 + len(steps),), *_moved(steps, len(way) + 2)]
            )
        return steps

    def sequence(self) -> list[Step]:
        steps: list[Step] = []
        while self.rest() and self.rest()[0] not in "|)" and self.rest() != "$":
            steps = _bounded([*steps, *_moved(self.repeated(), len(steps))])
        return steps

    def repeated(self) -> list[Step]:
        steps = self.one()
        while sign := self.take("*", "+", "?", "{"):
            low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign) or self.times()
            steps = _repeated(steps, low, high)
        return steps

    def times(self) -> tuple[int, int | None]:
        """What stands in `{2,5}`."""
        inside, closed, _ = self.rest().partition("}")
        low, comma, high = inside.partition(",")
        numbers = [text for text in (low, high) if text]
        if not closed or not low or any(not (text.isascii() and text.isdigit()) for text in numbers):
            raise ValueError("a repetition is written {3}, {3,} or {3,5}")
        if any(len(text) > 3 or int(text) > _MOST_TIMES for text in numbers):
            raise ValueError(f"a repetition goes up to {_MOST_TIMES}")
        self.at += len(inside) + 1
        return int(low), (int(high) if high else None) if comma else int(low)

    def one(self) -> list[Step]:
        if self.take("(?:", "("):
            if self.take("?"):
                raise ValueError("of groups only ( ) and (?: ) are understood")
            steps = self.alternatives()
            if not self.take(")"):
                raise ValueError("a ( is not closed")
            return steps
        if self.take("["):
            return [self.choice()]
        if sign := self.take("*", "+", "?", "{", "^", "$"):
            raise ValueError(f"{sign} has nothing before it; write \\{sign} for the sign itself")
        return [self.character()]

    def character(self) -> Test:
        char = self.text[self.at]
        self.at += 1
        if char == ".":
            return lambda found: found != "\n"
        return self.escaped() if char == "\\" else lambda found: found == char

    def escaped(self) -> Test:
        if not self.rest():
            raise ValueError("nothing comes after the last \\")
        char = self.rest()[0]
        self.at += 1
        if char.lower() in _CLASSES:
            test = _CLASSES[char.lower()]
            return test if char.islower() else lambda found: not test(found)
        if char.isalnum() and char not in _ESCAPES:
            raise ValueError(f"\\{char} is not understood")
        return lambda found: found == _ESCAPES.get(char, char)

    def choice(self) -> Test:
        """The inside of `[…]`."""
        is_opposite, tests = bool(self.take("^")), list[Test]()
        while self.rest() and (self.rest()[0] != "]" or not tests):
            low = self.text[self.at]
            if self.rest()[1:2] == "-" and self.rest()[2:3] not in ("", "]") and low != "\\":
                high = self.text[self.at + 2]
                if high < low or high == "\\":
                    raise ValueError(f"{low}-{high} is not a range of characters")
                tests.append(lambda found, low=low, high=high: low <= found <= high)  # type: ignore[misc]
                self.at += 3
            else:
                self.at += 1
                tests.append(self.escaped() if low == "\\" else lambda found, low=low: found == low)  # type: ignore[misc]
        if not self.take("]"):
            raise ValueError("a [ is not closed")
        return lambda found: any(test(found) for test in tests) != is_opposite


def _moved(steps: list[Step], by: int) -> Iterator[Step]:
    return (tuple(place + by for place in step) if isinstance(step, tuple) else step for step in steps)


def _repeated(steps: list[Step], low: int, high: int | None) -> list[Step]:
    if high is not None and high < low:
        raise ValueError(f"a repetition from {low} to {high} is upside down")
    found: list[Step] = []
    for _ in range(low):
        found = _bounded([*found, *_moved(steps, len(found))])
    if high is None:
        again = [(1, len(steps) + 2), *_moved(steps, 1), (0,)]
        return _bounded([*found, *_moved(again, len(found))])
    for _ in range(high - low):
        may = [(1, len(steps) + 1), *_moved(steps, 1)]
        found = _bounded([*found, *_moved(may, len(found))])
    return found


def _bounded(steps: list[Step]) -> list[Step]:
    if len(steps) > _MOST_STEPS:
        raise ValueError("the pattern is too large: fewer repetitions in each other")
    return steps
