"""JSON of strangers, read step by step: whatever stands there, a mistake names its place. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from msgspec import Struct

from ecsplan.model.diagnostic import Diagnostic, Rejected, SourceRange
from ecsplan.model.quoting import shown

_WORDS = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
LONGEST_TEXT = 4096  # of a name, a type, an id
MOST_DIGITS = 4000


def read_json(text: str, file: str) -> "At":
    """The value of a JSON text. Raises Rejected with line and column."""
    try:
        return At(json.loads(text, parse_constant=_no_constant), "", file)
    except json.JSONDecodeError as error:
        place = SourceRange(file, error.lineno, error.colno)
        raise Rejected([Diagnostic(f"not JSON: {error.msg}", "give the whole output of the tool", place)]) from None
    except RecursionError:
        raise Rejected([Diagnostic(f"{file}: nested too deeply", "such a state was not written by the tool")]) from None
    except ValueError as error:
        raise Rejected([Diagnostic(f"{file}: {error}", "such a state was not written by the tool")]) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class At(Struct, frozen=True):
    """A value and its place (`resources[3].instances[0]`)."""

    value: Any
    place: str
    file: str

    def wrong(self, what: str, right: str) -> Rejected:
        place = f"{self.place}: " if self.place else ""
        return Rejected([Diagnostic(f"{self.file}: {place}{what}", right)])

    def _want(self, kind: type, right: str) -> Any:
        if type(self.value) is not kind:
            raise self.wrong(f"{right} is needed, and this is {self.what}", "give the file as the tool wrote it")
        return self.value

    @property
    def what(self) -> str:
        return _WORDS.get(type(self.value), "a number")

    def object(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._want(dict, "an object")
        return found

    def __getitem__(self, name: str) -> "At":
        """A member of an object, null where it is missing."""
        return At(self.object().get(name), f"{self.place}.{name}".lstrip("."), self.file)

    def each(self) -> Iterator["At"]:
        """The items of a list; none of what is missing."""
        if self.value is None:
            return
        for place, item in enumerate(self._want(list, "a list")):
            yield At(item, f"{self.place}[{place}]", self.file)

    def text(self) -> str:
        found = str(self._want(str, "a string"))
        if len(found) > LONGEST_TEXT:
            raise self.wrong(f"a string of {len(found):,} characters", f"at most {LONGEST_TEXT:,} make sense here")
        return found

    def line(self) -> str:
        """A string that is shown to people as it stands."""
        found = self.text()
        if not found.isprintable():
            raise self.wrong(f"{shown(found)} holds characters that cannot be seen", "give the file as it was written")
        return found

    def maybe_text(self) -> str:
        return "" if self.value is None else self.text()

    def maybe_object(self) -> Mapping[str, Any]:
        return {} if self.value is None else self.object()
