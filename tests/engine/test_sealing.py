"""Whose a journal is: a temporary key is known by account and role, a long-lived one by itself."""

import stat
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from ecsplan import engine
from ecsplan.api.connect import connect
from ecsplan.api.sign import Credentials
from ecsplan.emulator.credentials import DEFAULT, Credential
from ecsplan.engine import ApplyOptions
from ecsplan.engine.sealing import caller_of, seal_key
from ecsplan.engine.shelves import journals
from ecsplan.executor.seal import key_for
from ecsplan.history.shelf import StoreShelf
from ecsplan.model.copying import replace
from tests.history.conftest import database, postgres  # noqa: F401
from tests.kinds.cloud import Cloud, InProcess, with_instance
from tests.survival.test_rollouts import Killed

TWO = with_instance("count: 2")
ROLE = "acs:ram::1234:assumed-role/deploy/"


@dataclass
class Caller:
    """An Api as far as it says who calls."""

    key: Credentials
    arn: str
    region: str = "cn-hangzhou"

    @property
    def credentials(self):
        return self

    def current(self):
        return self.key

    def send(self, request):
        return {"AccountId": "1234", "Arn": self.arn, "UserId": "x"}


FIRST = Caller(Credentials("STS.a", "secret-a", "token-a"), f"{ROLE}build-1")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_temporary_key_is_known_by_account_and_role_and_not_by_itself(tmp_path, home):
    shelf = journals(str(tmp_path / "state"), None)
    other_key = replace(FIRST, key=Credentials("STS.b", "secret-b", "token-b"), arn=f"{ROLE}build-2")
    assert seal_key(FIRST, shelf) == seal_key(other_key, shelf)
    assert seal_key(FIRST, shelf) != seal_key(replace(FIRST, arn="acs:ram::1234:assumed-role/other/s"), shelf)
    assert caller_of({"account": "1", "arn": f"{ROLE}x"}) != caller_of({"account": "2", "arn": f"{ROLE}x"})
    (secret,) = (home / "ecsplan").iterdir()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600 and "secret-a" not in secret.read_text()


def test_a_key_that_does_not_end_is_its_own_proof_and_nothing_is_kept_for_it(tmp_path, home):
    caller = replace(FIRST, key=Credentials("LTAI", "secret", None))
    assert seal_key(caller, journals(str(tmp_path), None)) == key_for("secret") and not home.exists()


@pytest.mark.parametrize("spoil", ["open", "no home"])
def test_a_secret_that_others_may_have_written_counts_for_nothing(tmp_path, home, monkeypatch, spoil):
    """The journals are those of the key itself then, as before."""
    shelf = journals(str(tmp_path / "state"), None)
    seal_key(FIRST, shelf)
    if spoil == "open":
        (home / "ecsplan" / "seal").chmod(0o666)
    else:
        monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/no")
        shelf = journals(str(tmp_path / "state"), None)
    assert seal_key(FIRST, shelf) == key_for("secret-a")


def test_runners_with_temporary_keys_resume_each_other_by_the_store(tmp_path, home, monkeypatch, database):  # noqa: F811
    """Two folders, two homes, two keys of one role; the first run dies while it makes machines."""
    cloud = Cloud(tmp_path)
    keys = [Credential(f"STS.{name}", f"secret-{name}", DEFAULT.account, f"token-{name}") for name in "ab"]
    for key in keys:
        cloud.service.credentials.put(key)
    real, is_dead = cloud.service.handle, Event()

    def dying(request):
        if is_dead.is_set() or request.headers.get("x-acs-action") == "RunInstances":
            is_dead.set()  # and says no more, not even that it lets go of the lock
            raise Killed
        return real(request)

    told: list[str] = []
    for place, key in enumerate(keys):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"home{place}"))
        folder = tmp_path / f"runner{place}"
        folder.mkdir()
        cloud.folder, cloud.api = folder, connected(cloud, key)
        cloud.service.handle = dying if place == 0 else real  # type: ignore[method-assign]
        options = ApplyOptions(state_dir=str(folder / ".ecsplan"), approved=True, store=database)
        if place == 0:
            with pytest.raises(Killed):
                engine.apply(cloud.plan(TWO, store=database, preflight="off"), cloud.api, options)
        else:
            cloud.clock.advance(60)
            plan = cloud.plan(TWO, store=database)
            engine.apply(plan, cloud.api, options, events=lambda event: told.append(str(event.get("message"))))
    assert any("got no answer; asking again" in text for text in told), told
    assert len(cloud.things("instance")) == 2
    assert StoreShelf(database).secret() == StoreShelf(database).secret()


def connected(cloud: Cloud, key: Credential):
    return connect(
        "cn-hangzhou",
        endpoint="http://127.0.0.1:8686",
        environ={
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key.key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": key.token,
        },
        home=cloud.folder,
        adapter=InProcess(cloud.service),
        clock=cloud.clock,
        seed=7,
    )
