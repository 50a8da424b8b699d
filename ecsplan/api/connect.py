"""Puts a client together from what a command line knows.

Called by the engine and the cli, which pass the environment in; nothing else in this folder is wired here.
"""

import random
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from ecsplan import __version__
from ecsplan.api.budget import Budget
from ecsplan.api.calllog import Log
from ecsplan.api.client import Client, Settings
from ecsplan.api.clock import SystemClock
from ecsplan.api.credentials import CredentialSource, find_source, setting
from ecsplan.api.endpoints import BadEndpoint, Endpoints, endpoints
from ecsplan.api.exposure import exposure
from ecsplan.api.sign import Signature
from ecsplan.api.transport import Adapter, new_session
from ecsplan.model.call import Product
from ecsplan.model.clock import Clock
from ecsplan.model.copying import replace
from ecsplan.model.quoting import shown

ENDPOINT = "ECSPLAN_ENDPOINT"
SIGNATURE = "ECSPLAN_SIGNATURE"


def connect(
    region: str,
    *,
    profile: str | None = None,
    endpoint: str | None = None,
    environ: Mapping[str, str],
    home: Path,
    log: Log | None = None,
    parallelism: int = 10,
    signature: str | None = None,
    notice: Callable[[str], None] | None = None,
    adapter: Adapter | None = None,
    clock: Clock | None = None,
    seed: int | None = None,
) -> Client:
    """Raises NoCredentials or BadEndpoint, both with a message for the user; sends nothing.

    `signature` (v1 or v3) comes before ECSPLAN_SIGNATURE and the profile's `signature`; `notice` is told when the
    service knows only the other one, or others may read the file of the keys. `adapter` takes the place of the
    network, `clock` of time; `seed` makes jitter and nonces repeat.
    """
    where = endpoints(endpoint or environ.get(ENDPOINT))
    where.url(Product.ECS, region)
    chance = random.SystemRandom() if seed is None else random.Random(seed)
    settings = Settings(
        clock=clock or SystemClock(),
        roll=chance.random,
        nonce=lambda: uuid.UUID(int=chance.getrandbits(128), version=4).hex,
        user_agent=f"ecsplan/{__version__}",
        log=log,
        signature=_signature(signature, profile, environ, home),
        notice=notice or (lambda text: None),
    )
    source = find_source(profile, environ, home)
    if adapter is None and clock is None:
        settings = replace(settings, budget=_budget(where, source, environ, settings))
    if source.file is not None and (doubt := exposure(source.file)):
        settings.notice(f"warning: {doubt}")
    # The library's own reading of the environment goes with its proxies, which loopback must not use.
    bundle = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or True
    session = new_session(parallelism, adapter, bundle if where.is_loopback else None)
    return Client(region, source, where, session, settings)


_BUDGETS: dict[tuple[Endpoints, str, str], Budget] = {}
_CHANGING = threading.Lock()


def _budget(where: Endpoints, source: CredentialSource, environ: Mapping[str, str], settings: Settings) -> Budget:
    """The service counts by account: all clients of this process that use one key keep to what any of them learned."""
    key = (where, source.describe(), environ.get("ALIBABA_CLOUD_ACCESS_KEY_ID", ""))
    with _CHANGING:
        return _BUDGETS.setdefault(key, Budget(settings.clock, settings.roll))


def _signature(given: str | None, profile: str | None, environ: Mapping[str, str], home: Path) -> Signature:
    named = given or environ.get(SIGNATURE) or setting(profile, environ, home, "signature") or Signature.V3.value
    try:
        return Signature(named.lower())
    except ValueError:
        raise BadEndpoint(f"{shown(named)} is not a signature version; write v1 or v3") from None
