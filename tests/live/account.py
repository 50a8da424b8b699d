"""The account under test: calls by their names on the wire, waits, refusals, and the name that everything gets."""

import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecsplan import engine
from ecsplan.api.client import Client
from ecsplan.model.call import ApiError, Product, Replay, Request

PREFIX = "ecsplan-live-"
READS = ("Describe", "List", "Get")
PATIENCE = 300.0  # seconds
VPC = Product.VPC


class NotSetUp(Exception):
    """What has to be said before anything is sent."""


@dataclass
class Account:
    """`run` is in every name. What a call costs is none of its business: see purse.py."""

    client: Client
    run: str = field(default_factory=lambda: PREFIX + uuid.uuid4().hex[:6])

    def name(self, what: str) -> str:
        return f"{self.run}-{what}"

    def tags(self) -> list[dict[str, str]]:
        return [{"Key": "ecsplan-live", "Value": self.run}]

    def call(self, operation: str, product: Product = Product.ECS, *, token: str | None = None, **params: Any) -> Any:
        return self.client.send(self._request(operation, product, token, params))

    def refusal(
        self, operation: str, product: Product = Product.ECS, *, token: str | None = None, **params: Any
    ) -> ApiError | None:
        """The refusal of a call, without any waiting; None where it is taken."""
        try:
            self.client.send(self._request(operation, product, token, params, patience=0.0))
        except ApiError as error:
            return error
        return None

    def refused(
        self, operation: str, product: Product = Product.ECS, *, token: str | None = None, **params: Any
    ) -> ApiError:
        """The refusal of a call that must not be taken."""
        error = self.refusal(operation, product, token=token, **params)
        assert error is not None, f"{operation} was taken"
        return error

    def _request(
        self, operation: str, product: Product, token: str | None, params: Mapping[str, Any], patience: float = PATIENCE
    ) -> Request:
        return Request(
            operation,
            dict(params),
            product,
            write=not operation.startswith(READS),
            replay=Replay.TOKEN if token else Replay.NATURAL,
            client_token=token,
            conflict_deadline=patience,
        )

    def token(self) -> str:
        return uuid.uuid4().hex

    def until(self, look: Callable[[], Any], what: str, seconds: float = PATIENCE) -> tuple[Any, float]:
        """The first answer of `look` that is something, and how long it took."""
        clock = self.client.settings.clock
        began = clock.now()
        pause = 0.05
        while True:
            found = look()
            if found:
                return found, round(clock.now() - began, 1)
            assert clock.now() - began < seconds, f"{what}: not within {seconds:.0f} s"
            clock.sleep(pause)
            pause = min(pause * 2, 3.0)


def connected(environ: Mapping[str, str]) -> Account:
    """Raises NotSetUp with what is missing."""
    region = environ.get("ECSPLAN_LIVE_REGION")
    if not region:
        raise NotSetUp("set ECSPLAN_LIVE_REGION, the region to test in")
    profile = environ.get("ECSPLAN_LIVE_PROFILE")
    client = engine.connect(region, profile=profile, environ=environ)
    if not profile and not client.endpoints.is_loopback:
        raise NotSetUp(
            "set ECSPLAN_LIVE_PROFILE, a profile of an account for tests (or ECSPLAN_ENDPOINT to an emulator)"
        )
    return Account(client)


def findings_path(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("ECSPLAN_LIVE_FINDINGS") or "live-findings.json")


def is_asked_for(environ: Mapping[str, str] = os.environ) -> bool:
    return environ.get("ECSPLAN_LIVE") == "1"
