"""Every source of keys, in its order, and nothing secret in a word of it."""

import builtins
import json
import sys
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ecsplan.api import credentials as module
from ecsplan.api.credentials import KEY_ID, KEY_SECRET, NoCredentials, Stored, find_source
from ecsplan.api.sign import Credentials

ENV = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "env-id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "env-hush"}
AK = {"name": "work", "mode": "AK", "access_key_id": "ak-id", "access_key_secret": "ak-hush"}
STS = {"name": "temp", "mode": "StsToken", "access_key_id": "sts-id", "access_key_secret": "sts-hush",
       "sts_token": "token-hush"}  # fmt: skip
ROLE = {"name": "role", "mode": "RamRoleArn", "access_key_id": "x", "access_key_secret": "role-hush",
        "ram_role_arn": "acs:ram::1:role/r", "ram_session_name": "s"}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write(tmp_path, {"current": "work", "profiles": [AK, STS, ROLE]})
    return tmp_path


def write(home: Path, config: Any) -> None:
    path = home / ".aliyun" / "config.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(config if isinstance(config, str) else json.dumps(config), encoding="utf-8")


class Provider:
    """Stands in for the official package: another key each time one is made."""

    made = 0

    def __init__(self, **options: Any) -> None:
        type(self).made += 1
        self.options, self.number = options, self.made

    def get_credentials(self) -> SimpleNamespace:
        return SimpleNamespace(
            get_access_key_id=lambda: f"id-{self.number}",
            get_access_key_secret=lambda: "hush",
            get_security_token=lambda: "",
        )


def test_the_environment_comes_before_the_current_profile(home: Path) -> None:
    assert find_source(None, ENV, home).current() == Credentials("env-id", "env-hush")


def test_a_named_profile_comes_before_the_environment(home: Path) -> None:
    assert find_source("work", ENV, home).current() == Credentials("ak-id", "ak-hush")


def test_the_current_profile_is_the_last_resort(home: Path) -> None:
    assert find_source(None, {}, home).current().key_id == "ak-id"


def test_the_environment_may_name_the_profile(home: Path) -> None:
    assert find_source(None, {"ALIBABA_CLOUD_PROFILE": "temp"}, home).current().key_id == "sts-id"


def test_a_temporary_key_brings_its_token(home: Path) -> None:
    assert find_source("temp", {}, home).current().token == "token-hush"
    env = {**ENV, "ALIBABA_CLOUD_SECURITY_TOKEN": "t"}
    assert find_source(None, env, home).current().token == "t"


def test_a_profile_without_a_mode_holds_a_key(home: Path) -> None:
    write(home, {"current": "work", "profiles": [{k: v for k, v in AK.items() if k != "mode"}]})
    assert find_source(None, {}, home).current().key_id == "ak-id"


def test_a_refresh_reads_the_file_again(home: Path) -> None:
    source = find_source("temp", {}, home)
    source.current()
    write(home, {"profiles": [{**STS, "sts_token": "newer"}]})
    assert source.current().token == "token-hush"
    source.refresh()
    assert source.current().token == "newer"


def test_a_refresh_reads_the_environment_again(tmp_path: Path) -> None:
    env = dict(ENV)
    source = find_source(None, env, tmp_path)
    source.current()
    env["ALIBABA_CLOUD_ACCESS_KEY_ID"] = "other"
    source.refresh()
    assert source.current().key_id == "other"


@pytest.mark.parametrize("name", sorted(ENV))
def test_half_a_key_in_the_environment_is_an_error(name: str, home: Path) -> None:
    with pytest.raises(NoCredentials, match="is not set, although its other half is"):
        find_source(None, {name: "x"}, home).current()


def test_no_source_at_all_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(NoCredentials, match=r"ALIBABA_CLOUD_ACCESS_KEY_ID.*aliyun configure"):
        find_source(None, {}, tmp_path)


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ("{oops hush", "is not JSON"),
        ([], "is not a JSON object"),
        ({"profiles": [AK]}, "no profile 'other'.*known: work"),
        ({"profiles": "hush"}, "no profile 'other'.*known: none"),
        ({"profiles": [{"name": "other", "mode": "AK", "access_key_id": "x"}]}, "has no access_key_secret"),
        ({"profiles": [{**AK, "name": "other", "mode": "StsToken"}]}, "has no sts_token"),
        ({"profiles": [{**AK, "name": "other", "access_key_id": 7}]}, "has no access_key_id"),
    ],
)
def test_a_profile_that_cannot_be_used_says_why(config: Any, why: str, tmp_path: Path) -> None:
    write(tmp_path, config)
    with pytest.raises(NoCredentials, match=why) as caught:
        find_source("other", {}, tmp_path).current()
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoCredentials, match=r"cannot read .*config\.json: No such file"):
        find_source("work", {}, tmp_path)


@pytest.mark.parametrize(
    ("profile", "env", "where"),
    [
        ("work", {}, "profile work of {home}/.aliyun/config.json (AK)"),
        ("role", {}, "profile role of {home}/.aliyun/config.json (RamRoleArn)"),
        (None, ENV, "environment"),
        (None, {"ALIBABA_CLOUD_ROLE_ARN": "a", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "b",
                "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "c"}, "environment (OIDC role a)"),
    ],
)  # fmt: skip
def test_a_source_describes_itself_without_a_secret(
    profile: str | None, env: dict[str, str], where: str, home: Path
) -> None:
    source = find_source(profile, env, home)
    assert source.describe() == where.format(home=home)
    if profile != "role" and "OIDC" not in where:
        source.current()
    assert "hush" not in repr(source)


@pytest.mark.parametrize(
    ("profile", "env", "load", "options"),
    [
        ("role", {}, "CLIProfileCredentialsProvider", {"profile_name", "profile_file"}),
        (None, {"ALIBABA_CLOUD_ROLE_ARN": "a", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "b",
                "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "c"}, "OIDCRoleArnCredentialsProvider",
         {"role_arn", "oidc_provider_arn", "oidc_token_file_path"}),
        (None, {"ALIBABA_CLOUD_ECS_METADATA": "r"}, "EcsRamRoleCredentialsProvider", {"role_name"}),
    ],
)  # fmt: skip
def test_an_exchange_over_the_network_is_left_to_the_official_package(
    profile: str | None, env: dict[str, str], load: str, options: set[str],
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(module, "_load", lambda name: SimpleNamespace(**{load: Provider}))
    monkeypatch.setattr(module, "_package_errors", lambda: (ValueError,))
    source = find_source(profile, env, home if profile else tmp_path_factory.mktemp("empty"))
    first = source.current()
    assert source.current() == first
    assert source._provider.options.keys() == options  # type: ignore[attr-defined]
    source.refresh()
    assert source.current() != first


def test_the_installed_package_has_what_is_called() -> None:
    pytest.importorskip("alibabacloud_credentials")
    assert module._load("provider.cli_profile").CLIProfileCredentialsProvider
    assert module._load("provider.oidc").OIDCRoleArnCredentialsProvider
    assert module._load("provider.ecs_ram_role").EcsRamRoleCredentialsProvider
    assert all(issubclass(error, Exception) for error in module._package_errors())


def test_an_exchange_that_fails_is_told_with_its_source(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**options: Any) -> None:
        raise ValueError("no such role")

    provider = SimpleNamespace(CLIProfileCredentialsProvider=refuse)
    monkeypatch.setattr(module, "_load", lambda name: provider)
    monkeypatch.setattr(module, "_package_errors", lambda: (ValueError,))
    with pytest.raises(NoCredentials, match=r"profile role of .*: no such role"):
        find_source("role", {}, home).current()


def test_without_the_package_the_error_names_the_extra(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("alibabacloud_credentials")]:
        monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def missing(name: str) -> Any:
        if name.startswith("alibabacloud"):
            raise ModuleNotFoundError(name)
        return real(name)

    monkeypatch.setattr(module.importlib, "import_module", missing)
    with pytest.raises(NoCredentials, match=r"pip install 'ecsplan\[credentials\]'"):
        find_source("role", {}, home).current()


def test_keys_that_lie_somewhere_are_read_once() -> None:
    reads: list[int] = []

    def read() -> Credentials:
        reads.append(1)
        return Credentials("id", "hush")

    source = Stored(read, "somewhere")
    assert source.current() is source.current()
    assert (len(reads), source.describe()) == (1, "somewhere")


@pytest.mark.parametrize(
    ("value", "words"), [("id\n", "a line break"), ("id ", "a space"), ("schlüssel", "no key has")]
)
def test_a_key_with_an_odd_character_is_named_and_not_shown(value: str, words: str, tmp_path: Path) -> None:
    source = find_source(None, {KEY_ID: value, KEY_SECRET: "secret"}, tmp_path)
    with pytest.raises(NoCredentials, match=rf"{KEY_ID} contains .*{words}") as caught:
        source.current()
    assert value.strip() not in str(caught.value)


def test_keys_of_other_tools_are_named_where_there_are_none_of_ours(tmp_path: Path) -> None:
    with pytest.raises(NoCredentials, match=r"--emulator \(ALICLOUD_ACCESS_KEY of other tools is not read\)"):
        find_source(None, {"ALICLOUD_ACCESS_KEY": "id"}, tmp_path)


def test_a_signed_address_is_no_part_of_an_error() -> None:
    error = OSError("Max retries exceeded with url: /?Action=AssumeRole&Signature=abc%3D&X=1 (refused)\n at line 3")
    assert module._briefly(error) == "Max retries exceeded with url: /?… (refused) at line 3"


def test_a_profile_may_name_a_service_that_hands_out_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = {"name": "uri", "mode": "CredentialsURI", "credentials_uri": "http://127.0.0.1:1/keys"}
    (tmp_path / ".aliyun").mkdir()
    (tmp_path / ".aliyun" / "config.json").write_text(json.dumps({"current": "uri", "profiles": [profile]}))
    answers = [b'{"AccessKeyId": "id", "AccessKeySecret": "secret", "SecurityToken": "token"}', b"[]"]
    monkeypatch.setattr(module, "urlopen", lambda uri, timeout: BytesIO(answers.pop(0)))
    source = find_source(None, {}, tmp_path)
    assert source.current() == Credentials("id", "secret", "token")
    with pytest.raises(NoCredentials, match="holds no AccessKeyId"):
        source.refresh()
