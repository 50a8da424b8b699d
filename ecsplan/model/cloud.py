"""The cloud that stacks are planned and applied in: one account in one region. `ecsplan.connect` opens it."""

from typing import Protocol, runtime_checkable

from ecsplan.model.call import Api
from ecsplan.model.clock import Clock


@runtime_checkable
class Cloud(Api, Protocol):
    """An Api that counts its calls, retries too, and knows the time.

    Waits go by `clock`; `server_now` is the time by the service's own clock, in seconds since 1970.
    """

    @property
    def calls(self) -> int: ...

    @property
    def clock(self) -> Clock: ...

    def server_now(self) -> float: ...
