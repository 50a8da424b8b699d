"""Where keys come from: an explicit profile, the environment, or the current profile of the vendor's CLI.

Called by `connect`. Keys and STS tokens are read here; whatever needs an exchange over the network is left to
the official package `alibabacloud-credentials`, loaded only then. Nothing here prints or logs.
"""

import importlib
import json
import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.request import urlopen

from ecsplan.api.sign import Credentials
from ecsplan.model.quoting import shown

KEY_ID = "ALIBABA_CLOUD_ACCESS_KEY_ID"
_ELSEWHERE = (
    "ALICLOUD_ACCESS_KEY",
    "ALICLOUD_SECRET_KEY",
    "ALICLOUD_ACCESS_KEY_ID",
    "ALICLOUD_ACCESS_KEY_SECRET",
    "ALIYUN_ACCESS_KEY_ID",
    "ALIYUN_ACCESS_KEY_SECRET",
)
KEY_SECRET = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
TOKEN = "ALIBABA_CLOUD_SECURITY_TOKEN"
PROFILE = "ALIBABA_CLOUD_PROFILE"
ROLE = "ALIBABA_CLOUD_ROLE_ARN"
OIDC_PROVIDER = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN"
OIDC_TOKEN_FILE = "ALIBABA_CLOUD_OIDC_TOKEN_FILE"
INSTANCE_ROLE = "ALIBABA_CLOUD_ECS_METADATA"

_LONGEST_ANSWER = 100_000
_PACKAGE = "alibabacloud_credentials"
_EXTRA = "ecsplan[credentials]"


class NoCredentials(ValueError):
    """No usable key; the message tells the user what to set, and holds no secret."""


class CredentialSource(Protocol):
    """`current` is asked before every send, `refresh` after the service has called the token expired.

    `file` is where the keys lie, if they lie in a file.
    """

    @property
    def file(self) -> Path | None: ...

    def current(self) -> Credentials: ...

    def refresh(self) -> None: ...

    def describe(self) -> str:
        """The source in the words of `whoami`: never a key, never a secret."""
        ...


@dataclass(slots=True)
class Stored:
    """Keys that lie somewhere and are read again when they expire: somebody else may have renewed them."""

    read: Callable[[], Credentials]
    where: str
    file: Path | None = None
    _current: Credentials | None = field(default=None, repr=False)

    def current(self) -> Credentials:
        if self._current is None:
            self._current = self.read()
        return self._current

    def refresh(self) -> None:
        self._current = self.read()

    def describe(self) -> str:
        return self.where


@dataclass(slots=True)
class Exchanged:
    """Keys that the official package fetches; it renews them ahead of time by itself."""

    make: Callable[[], Any]
    where: str
    file: Path | None = None
    _provider: Any = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def current(self) -> Credentials:
        with self._lock:
            return _checked(self._fetched(), self.where)

    def refresh(self) -> None:
        # The package keeps what it believes to be fresh; only a new provider asks again.
        with self._lock:
            self._provider = None
            self._fetched()

    def describe(self) -> str:
        return self.where

    def _fetched(self) -> Credentials:
        try:
            if self._provider is None:
                self._provider = self.make()
            found = self._provider.get_credentials()
        except _package_errors() as error:
            raise NoCredentials(f"{self.where}: {_briefly(error)}") from None
        return Credentials(found.get_access_key_id(), found.get_access_key_secret(), found.get_security_token() or None)


_SIGNED = re.compile(r"\?[^\s'\"]*Signature[^\s'\"]*")
_LONGEST_CAUSE = 300


def _briefly(error: Exception) -> str:
    """One line of a cause, without the query of a signed address."""
    text = _SIGNED.sub("?…", " ".join(str(error).split()))
    return text if len(text) <= _LONGEST_CAUSE else text[: _LONGEST_CAUSE - 1] + "…"


def find_source(profile: str | None, environ: Mapping[str, str], home: Path) -> CredentialSource:
    """The first source that is there; an explicit `profile` comes before the environment."""
    if profile:
        return _from_profile(home, profile)
    if environ.get(KEY_ID) or environ.get(KEY_SECRET):
        return Stored(lambda: _read_environment(environ), "environment")
    if all(environ.get(name) for name in (ROLE, OIDC_PROVIDER, OIDC_TOKEN_FILE)):
        return Exchanged(_oidc(environ), f"environment (OIDC role {environ[ROLE]})")
    named = environ.get(PROFILE)
    if named or _config_file(home).is_file():
        return _from_profile(home, named)
    if environ.get(INSTANCE_ROLE):
        return Exchanged(_instance_role(environ[INSTANCE_ROLE]), f"instance role {environ[INSTANCE_ROLE]}")
    raise NoCredentials(
        f"no credentials: set {KEY_ID} and {KEY_SECRET}, or make a profile with `aliyun configure`"
        f" ({_config_file(home)}) and name it with --profile; to just try it, add --emulator{_other_names(environ)}"
    )


def _other_names(environ: Mapping[str, str]) -> str:
    """A hint for those who have the keys under the names that other tools read."""
    found = sorted(name for name in environ if name in _ELSEWHERE)
    return f" ({', '.join(found)} of other tools {'is' if len(found) == 1 else 'are'} not read)" if found else ""


def setting(profile: str | None, environ: Mapping[str, str], home: Path, name: str) -> str | None:
    """A text that the profile in use holds beside its keys; None where no profile is in use, or has none."""
    if not profile and (environ.get(KEY_ID) or environ.get(KEY_SECRET) or not _config_file(home).is_file()):
        return None
    value = _profile(_config_file(home), profile or environ.get(PROFILE)).get(name)
    return value if isinstance(value, str) else None


def _read_environment(environ: Mapping[str, str]) -> Credentials:
    for name in (KEY_ID, KEY_SECRET):
        if not environ.get(name):
            raise NoCredentials(f"{name} is not set, although its other half is")
    for name in (KEY_ID, KEY_SECRET, TOKEN):
        _check_characters(environ.get(name) or "", f"the environment variable {name}")
    return Credentials(environ[KEY_ID], environ[KEY_SECRET], environ.get(TOKEN) or None)


def _check_characters(value: str, where: str) -> None:
    """A key goes into headers and signatures: a line break or a space at its end is a slip, and is said by name."""
    odd = next((letter for letter in value if not "!" <= letter <= "~"), None)
    if odd is not None:
        what = {"\n": "a line break", "\r": "a carriage return", " ": "a space", "\t": "a tab"}.get(odd)
        raise NoCredentials(f"{where} contains {what or 'a character that no key has'}: set it again without it")


def _from_profile(home: Path, name: str | None) -> CredentialSource:
    path = _config_file(home)
    profile = _profile(path, name)
    name, mode = str(profile["name"]), str(profile.get("mode") or "AK")
    where = f"profile {name} of {path} ({mode})"
    if mode in ("AK", "StsToken"):
        return Stored(lambda: _read_profile(path, str(name)), where, path)
    if mode == "CredentialsURI":
        return Stored(lambda: _read_uri(_profile(path, name), f"profile {name} of {path}"), where, path)
    return Exchanged(_profile_provider(path, name), where, path)


def _read_uri(profile: Mapping[str, Any], where: str) -> Credentials:
    """Keys that a local service hands out (mode CredentialsURI), as the vendor's command line asks for them."""
    uri = str(profile.get("credentials_uri") or "")
    if not uri.startswith(("http://", "https://")):
        raise NoCredentials(f"{where} has no credentials_uri that starts with http:// or https://")
    try:
        with urlopen(uri, timeout=10) as answer:
            found = json.loads(answer.read(_LONGEST_ANSWER))
    except (OSError, ValueError) as error:
        raise NoCredentials(f"{where}: credentials_uri does not answer with keys ({type(error).__name__})") from None
    if not isinstance(found, dict) or not found.get("AccessKeyId") or not found.get("AccessKeySecret"):
        raise NoCredentials(f"{where}: the answer of credentials_uri holds no AccessKeyId and AccessKeySecret")
    token = str(found.get("SecurityToken") or "") or None
    return _checked(Credentials(str(found["AccessKeyId"]), str(found["AccessKeySecret"]), token), where)


def _checked(found: Credentials, where: str) -> Credentials:
    """Keys that came from elsewhere; what does not fit into a header the HTTP library's error would quote in full."""
    names = {"access key id": found.key_id, "access key secret": found.secret, "security token": found.token or ""}
    for name, value in names.items():
        _check_characters(value, f"{where}: the {name}")
    return found


def _read_profile(path: Path, name: str) -> Credentials:
    profile = _profile(path, name)
    needed = ["access_key_id", "access_key_secret"]
    if profile.get("mode") == "StsToken":
        needed.append("sts_token")
    for key in needed:
        if not isinstance(profile.get(key), str) or not profile[key]:
            raise NoCredentials(f"profile {name} of {path} has no {key}")
        _check_characters(profile[key], f"{key} of profile {name} in {path}")
    token = profile["sts_token"] if profile.get("mode") == "StsToken" else None
    return Credentials(profile["access_key_id"], profile["access_key_secret"], token)


def _profile(path: Path, name: str | None) -> Mapping[str, Any]:
    config = _read_config(path)
    wanted = name or config.get("current")
    listed = config.get("profiles")
    profiles = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    for profile in profiles:
        if profile.get("name") == wanted:
            return profile
    known = ", ".join(sorted(str(one.get("name")) for one in profiles)) or "none"
    raise NoCredentials(f"there is no profile {shown(wanted)} in {path}; known: {known}")


def _read_config(path: Path) -> Mapping[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise NoCredentials(f"cannot read {path}: {error.strerror}") from error
    except ValueError:
        # The parser's own error would quote the text around the fault: a secret, as like as not.
        raise NoCredentials(f"{path} is not JSON") from None
    if not isinstance(config, dict):
        raise NoCredentials(f"{path} is not a JSON object")
    return config


def _config_file(home: Path) -> Path:
    return home / ".aliyun" / "config.json"


def _profile_provider(path: Path, name: str) -> Callable[[], Any]:
    def make() -> Any:
        made = _load("provider.cli_profile").CLIProfileCredentialsProvider
        return made(profile_name=name, profile_file=str(path))

    return make


def _oidc(environ: Mapping[str, str]) -> Callable[[], Any]:
    def make() -> Any:
        made = _load("provider.oidc").OIDCRoleArnCredentialsProvider
        return made(
            role_arn=environ[ROLE],
            oidc_provider_arn=environ[OIDC_PROVIDER],
            oidc_token_file_path=environ[OIDC_TOKEN_FILE],
        )

    return make


def _instance_role(role: str) -> Callable[[], Any]:
    return lambda: _load("provider.ecs_ram_role").EcsRamRoleCredentialsProvider(role_name=role)


def _package_errors() -> tuple[type[Exception], ...]:
    """All that the package raises: its own, those of the vendor's transport below it, and the system's."""
    below = _import("Tea.exceptions")
    return (_load("exceptions").CredentialException, below.TeaException, below.RetryError, OSError, ValueError)


def _load(module: str) -> Any:
    # These loggers write signed addresses and tracebacks; what matters of them is in the error.
    for name in ("credentials", "alibabacloud-tea", "darabonba-core"):
        logging.getLogger(name).disabled = True
    return _import(f"{_PACKAGE}.{module}")


def _import(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise NoCredentials(
            f"these credentials are fetched over the network, which needs an extra: pip install '{_EXTRA}'"
        ) from error
