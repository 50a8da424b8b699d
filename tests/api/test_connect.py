"""What the command line's words make of a client."""

import json
from pathlib import Path
from typing import Any

import pytest
from requests.adapters import HTTPAdapter

from ecsplan import __version__
from ecsplan.api.client import Client
from ecsplan.api.clock import SystemClock
from ecsplan.api.connect import connect
from ecsplan.api.credentials import NoCredentials
from ecsplan.api.endpoints import BadEndpoint
from ecsplan.api.sign import Signature
from ecsplan.api.transport import READERS
from ecsplan.model.call import Api, Product

KEYS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "hush"}


def made(home: Path, environ: dict[str, str] | None = None, **options: Any) -> Client:
    return connect("cn-beijing", environ=KEYS | (environ or {}), home=home, **options)


def test_a_client_is_an_api(tmp_path: Path) -> None:
    api: Api = made(tmp_path)
    assert api.region == "cn-beijing"


def test_the_flag_comes_before_the_environment(tmp_path: Path) -> None:
    environ = {"ECSPLAN_ENDPOINT": "https://from.environment"}
    assert made(tmp_path, environ).endpoints.url(Product.ECS, "cn-beijing") == "https://from.environment"
    flag = made(tmp_path, environ, endpoint="https://from.flag")
    assert flag.endpoints.url(Product.ECS, "cn-beijing") == "https://from.flag"


def test_plain_http_to_another_machine_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(BadEndpoint):
        made(tmp_path, endpoint="http://example.com")


def test_no_credentials_are_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(NoCredentials):
        connect("cn-beijing", environ={}, home=tmp_path)


def test_proxies_are_honoured_but_not_for_loopback(tmp_path: Path) -> None:
    assert made(tmp_path).session.trust_env
    environ = {"REQUESTS_CA_BUNDLE": "/ca.pem"}
    local = made(tmp_path, environ, endpoint="https://localhost:1").session
    assert (local.trust_env, local.verify) == (False, "/ca.pem")


@pytest.mark.parametrize("parallelism", [1, 4, 10, 32])
def test_the_pool_holds_every_worker_and_never_retries_by_itself(tmp_path: Path, parallelism: int) -> None:
    """Those that send the calls of a run, those that read lists, and those that read their pages; few writes at once
    are no reason to read less (the loop)."""
    adapter = made(tmp_path, parallelism=parallelism).session.get_adapter("https://x")
    assert isinstance(adapter, HTTPAdapter)
    assert adapter._pool_maxsize >= parallelism + 4 + 2 * max(parallelism, READERS)
    assert adapter.max_retries.total == 0


def test_clients_of_one_key_share_what_they_learn_of_its_limits(tmp_path: Path) -> None:
    one, two = made(tmp_path), made(tmp_path, parallelism=4)
    assert one._budget is two._budget
    assert made(tmp_path, {"ALIBABA_CLOUD_ACCESS_KEY_ID": "another"})._budget is not one._budget
    assert made(tmp_path, endpoint="https://from.flag")._budget is not one._budget
    assert made(tmp_path, seed=1, clock=SystemClock())._budget is not one._budget, "of another time"


def test_a_seed_makes_chance_repeat(tmp_path: Path) -> None:
    one, two, free = made(tmp_path, seed=7), made(tmp_path, seed=7), made(tmp_path)
    assert one.settings.nonce() == two.settings.nonce()
    assert one.settings.nonce() != free.settings.nonce()


def a_profile(home: Path, **more: str) -> None:
    (home / ".aliyun").mkdir()
    keys = {"name": "ci", "mode": "AK", "access_key_id": "id", "access_key_secret": "s", **more}
    (home / ".aliyun" / "config.json").write_text(json.dumps({"current": "ci", "profiles": [keys]}))


def test_the_signature_version_comes_from_the_option_then_the_environment_then_the_profile(tmp_path: Path) -> None:
    a_profile(tmp_path, signature="v1")
    assert connect("cn-beijing", environ={}, home=tmp_path).settings.signature is Signature.V1
    environ = {"ECSPLAN_SIGNATURE": "V3"}
    assert connect("cn-beijing", environ=environ, home=tmp_path).settings.signature is Signature.V3
    given = connect("cn-beijing", environ=environ, home=tmp_path, signature="v1")
    assert given.settings.signature is Signature.V1


def test_keys_of_the_environment_take_no_signature_version_of_a_profile(tmp_path: Path) -> None:
    a_profile(tmp_path, signature="v1")
    assert made(tmp_path).settings.signature is Signature.V3


def test_what_is_no_region_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(BadEndpoint, match="is not a region"):
        connect("x@evil.example/", environ={}, home=tmp_path)


def test_an_unknown_signature_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="v2"):
        made(tmp_path, signature="v2")


def test_the_agent_has_the_version_of_the_package(tmp_path: Path) -> None:
    assert made(tmp_path).settings.user_agent == f"ecsplan/{__version__}"


def test_no_secret_is_in_the_repr_of_a_client(tmp_path: Path) -> None:
    client = made(tmp_path)
    client.credentials.current()
    assert "hush" not in repr(client)
