"""The cloud of whatever sends requests: a client is one; an Api that only sends becomes one that counts nothing."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.api.clock import SystemClock
from ecsplan.model.call import Api, Request
from ecsplan.model.clock import Clock
from ecsplan.model.cloud import Cloud


def cloud_of(api: Api) -> Cloud:
    return api if isinstance(api, Cloud) else _Sender(api)


class _Sender(Struct, frozen=True):
    """Goes by the clock of this machine."""

    api: Api
    clock: Clock = field(default_factory=SystemClock)
    calls: int = 0

    @property
    def region(self) -> str:
        return self.api.region

    def send(self, request: Request) -> Mapping[str, Any]:
        return self.api.send(request)

    def server_now(self) -> float:
        return self.clock.now()
