"""The protocol of a cloud in which stacks can be planned and applied. Spoken to by engine/ and executor/ alone.

Its kinds say what is in it; a provider carries out the requests that planner/ makes of their tables. The tests have one
of two kinds in a dict (tests/provider/toy.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor
from typing import Any, Protocol, runtime_checkable

from ecsplan.model.algebra import Raw
from ecsplan.model.call import ErrorClass, Request
from ecsplan.model.clock import Clock
from ecsplan.model.kind import Paging
from ecsplan.model.look import Look
from ecsplan.model.values import Offer


class Carrier(Protocol):
    """The half that a run needs. All of them raise ApiError, but for `wait` and `classify`.

    `read` answers objects by id, without those that are not there, and raises where one could not be read; `wait` is
    one look for those who wait, and tells which ids it learned nothing of; a kind may be `KIND@DETAIL:GROUP` for both
    (model/kind.py, Watched). `is_sample`: more of the kind are waited for. `are_to_go`: lists have shown all of them,
    and they are to be gone. `ask` changes nothing: a dry run, or what a
    kind wants to know before. `classify` says what the code of a refusal means.
    """

    def read(self, kind: str, ids: Sequence[str]) -> Mapping[str, Raw]: ...

    def wait(self, kind: str, ids: Sequence[str], *, is_sample: bool = False, are_to_go: bool = False) -> Look: ...

    def ask(self, request: Request) -> Mapping[str, Any]: ...

    def create(self, request: Request) -> Mapping[str, Any]: ...

    def update(self, request: Request) -> Mapping[str, Any]: ...

    def delete(self, request: Request) -> Mapping[str, Any]: ...

    def classify(self, operation: str, code: str) -> ErrorClass: ...


@runtime_checkable
class Provider(Carrier, Protocol):
    """`list` answers all objects of some kinds, read to the end; `account` whose they are.

    `reading` is where reads run side by side. `send` and `pages` are for what kinds ask by themselves (Detail,
    Inquiry, names of offers, the proof that an empty list is empty): one without such kinds is never asked.
    """

    @property
    def region(self) -> str: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def reading(self) -> Executor: ...

    def account(self) -> str: ...

    def list(self, kinds: Iterable[str]) -> Mapping[str, Sequence[Raw]]: ...

    def shown(self, kind: str, ids: Sequence[str]) -> AbstractSet[str]:
        """Those of some new ids that lists show by now."""
        ...

    def is_offered(self, offer: Offer, name: str) -> bool:
        """Whether a type, a zone or an image family of this name can be had. Raises ApiError."""
        ...

    def send(self, request: Request) -> Mapping[str, Any]: ...

    def pages(
        self, request: Request, items: str, paging: Paging, size: int, item_id: str | None, *, once: bool = False
    ) -> Sequence[Mapping[str, Any]]: ...
