"""Puts a client together from what a command line knows.

Called by the engine and the cli, which pass the environment in; nothing else in this folder is wired here.
"""

import random
import uuid
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ecsplan.api.calllog import Log
from ecsplan.api.client import Adapter, Client, Settings, new_session
from ecsplan.api.clock import Clock, SystemClock
from ecsplan.api.credentials import find_source
from ecsplan.api.endpoints import endpoints
from ecsplan.api.sign import Signature

ENDPOINT = "ECSPLAN_ENDPOINT"


def connect(
    region: str,
    *,
    profile: str | None = None,
    endpoint: str | None = None,
    environ: Mapping[str, str],
    home: Path,
    log: Log | None = None,
    parallelism: int = 10,
    signature: str = "v3",
    adapter: Adapter | None = None,
    clock: Clock | None = None,
    seed: int | None = None,
) -> Client:
    """Raises NoCredentials or BadEndpoint, both with a message for the user; sends nothing.

    `adapter` takes the place of the network, `clock` of time; `seed` makes jitter and nonces repeat.
    """
    where = endpoints(endpoint or environ.get(ENDPOINT))
    chance = random.SystemRandom() if seed is None else random.Random(seed)
    settings = Settings(
        clock=clock or SystemClock(),
        roll=chance.random,
        nonce=lambda: uuid.UUID(int=chance.getrandbits(128), version=4).hex,
        user_agent=f"ecsplan/{_version()}",
        log=log,
        signature=Signature(signature),
    )
    # The library's own reading of the environment goes with its proxies, which loopback must not use.
    bundle = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or True
    session = new_session(parallelism, adapter, bundle if where.is_loopback else None)
    return Client(region, find_source(profile, environ, home), where, session, settings)


def _version() -> str:
    try:
        return version("ecsplan")
    except PackageNotFoundError:
        return "0"
