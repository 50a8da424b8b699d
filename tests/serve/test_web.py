"""The page: who sees it, who may do what, what leaves it escaped, and what hooks and probes get."""

import hashlib
import hmac
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecsplan.model.copying import replace

pytest.importorskip("starlette", reason="the extra server is not installed")
pytest.importorskip("prometheus_client", reason="the extra server is not installed")

from starlette.testclient import TestClient

from ecsplan import engine
from ecsplan.emulator.testing import running_emulator
from ecsplan.model.ruling import Approval
from ecsplan.serve.core import FINAL, Ended, Fetched, Suspended
from ecsplan.serve.doors import Rates, Sessions
from ecsplan.serve.loop import Loop
from ecsplan.serve.texts import LANGUAGES, texts
from ecsplan.serve.web import Web
from tests.serve.world import HOOK, KEYS, NET, READ, WRITE, World

PATH = "stacks/web"
HOSTILE = '<script>alert(1)</script>"\u202e'


class Nowhere:
    url = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def plan_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("net")
    (folder / "stack.yaml").write_text(NET, encoding="utf-8")
    with running_emulator() as cloud:
        api = engine.connect("cn-hangzhou", endpoint=cloud.url, environ=KEYS)
        return engine.save_plan(engine.plan(engine.load(str(folder)), api))


@pytest.fixture
def web(tmp_path: Path, plan_text: str) -> Iterator[Web]:
    world = World(tmp_path, Nowhere())  # no page asks the cloud
    tools = world.tools()
    loop = Loop(tools)
    loop._step(Fetched("c" * 40, {PATH: (), "stacks/db": ()}))
    loop._step(Ended(PATH, "c" * 40, "pending", HOSTILE, "sha256:1"))
    loop.ticked = 1_000.0
    tools.book.save_plan(PATH, plan_text)
    number = tools.book.begin(PATH, "c" * 40, 1_000.0)
    tools.book.end(number, "pending", HOSTILE, "sha256:1", 1_003.5)
    loop._heard(PATH, {"type": "apply_start", "step": HOSTILE})
    yield Web(loop, tools, now=lambda: 1_000.0)


def client(web: Web, token: str = "") -> TestClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(web.app(), headers=headers, follow_redirects=False)


def logged_in(web: Web, token: str) -> TestClient:
    found = client(web)
    answer = found.post("/login", data={"token": token})
    assert answer.status_code == 303 and "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    return found


PAGES = ("/", f"/stacks/{PATH}", f"/run/{PATH}", "/history", f"/plan/{PATH}", f"/planfile/{PATH}", "/status.json",
         "/metrics")  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_reading_needs_a_token(web: Web, page: str) -> None:
    assert client(web).get(page).status_code == 401
    assert client(web).get(page, headers={"Accept": "text/html"}).headers["location"] == "/login"
    assert client(web, "no-token-of-this-loop").get(page).status_code == 401
    assert client(web, READ).get(page).status_code == client(web, WRITE).get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES[:4])
def test_a_page_is_escaped_has_a_policy_and_can_be_walked_by_keyboard_and_screen_reader(web: Web, page: str) -> None:
    answer = client(web, READ).get(page)
    assert "<script" not in answer.text and "\u202e" not in answer.text and "style=" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["cache-control"] == "no-store"
    for part in ('<html lang="en">', "<main id=", "<h1>", 'class="skip" href="#main"', "<title>"):
        assert part in answer.text
    tables = answer.text.count("<table")
    assert answer.text.count("<caption") == tables and answer.text.count("<th ") >= 5 * tables
    labelled = set(re.findall(r'<label for="(\w+)"', answer.text))
    assert set(re.findall(r'<(?:textarea|input) id="(\w+)"', answer.text)) == labelled


def test_writing_needs_the_second_token(web: Web) -> None:
    for token, status in (("", 403), (READ, 403), (WRITE, 303)):
        assert client(web, token).post(f"/do/run/{PATH}").status_code == status
    assert client(web, WRITE).post(f"/do/erase/{PATH}").status_code == 404
    assert client(web, WRITE).post("/do/run/no/such").status_code == 404
    assert client(web, WRITE).get(f"/do/run/{PATH}").status_code == 405


def test_a_form_of_another_page_is_refused(web: Web) -> None:
    browser = logged_in(web, WRITE)
    page = browser.get(f"/stacks/{PATH}").text
    (token,) = set(re.findall(r'name="form_token" value="([^"]+)"', page))
    other = logged_in(web, WRITE).get(f"/stacks/{PATH}").text
    assert browser.post(f"/do/suspend/{PATH}").status_code == 403
    (foreign,) = set(re.findall(r'name="form_token" value="([^"]+)"', other))
    assert browser.post(f"/do/suspend/{PATH}", data={"form_token": foreign}).status_code == 403
    assert browser.post(f"/do/suspend/{PATH}", data={"form_token": token}).status_code == 303
    assert web.loop._inbox.get_nowait() == Suspended(PATH, True)
    reader = logged_in(web, READ)
    assert "/do/" not in reader.get(f"/stacks/{PATH}").text
    assert reader.post(f"/do/suspend/{PATH}", data={"form_token": token}).status_code == 403


def test_an_approval_is_laid_beside_the_plan_and_anything_else_is_refused(web: Web, tmp_path: Path) -> None:
    writer = client(web, WRITE)
    good = {"statement": '{"a":1}\r\n', "signature": "-----BEGIN SSH SIGNATURE-----\r\nAAAA\r\n"}
    assert writer.post(f"/do/approve/{PATH}", data={**good, "signature": "no"}).status_code == 400
    assert writer.post(f"/do/approve/{PATH}", data={**good, "statement": "no"}).status_code == 400
    assert writer.post(f"/do/approve/{PATH}", data=good).status_code == 303
    web.tools.book.lay_out(PATH, tmp_path / "plan.json")
    (file,) = (tmp_path / "plan.json.approvals").glob("*.json")
    assert file.read_text(encoding="utf-8") == '{"a":1}\n'


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Hub-Signature-256": "SIGNED"}, 202), ({"X-Gitea-Signature": "HEX"}, 202), ({"X-Gitlab-Token": HOOK}, 202),
        ({"X-Gitee-Token": HOOK}, 202), ({"X-Codeup-Token": HOOK}, 202), ({}, 403),
        ({"X-Hub-Signature-256": "sha256=00", "X-Gitlab-Token": HOOK}, 403), ({"X-Gitlab-Token": "x"}, 403),
    ],
)  # fmt: skip
def test_a_webhook_is_heard_only_with_its_secret(web: Web, headers: dict[str, str], status: int) -> None:
    body = b'{"ref": "refs/heads/main"}'
    made = hmac.new(HOOK.encode(), body, hashlib.sha256).hexdigest()
    named = {key: value.replace("SIGNED", f"sha256={made}").replace("HEX", made) for key, value in headers.items()}
    assert client(web).post("/hook", content=body, headers=named).status_code == status
    assert web.loop._fetch_now == (status == 202)


def test_tries_and_requests_are_limited_and_large_bodies_refused(web: Web) -> None:
    found = client(web)
    codes = [found.post("/login", data={"token": "x" * 20}).status_code for _ in range(12)]
    assert codes == [403] * 10 + [429] * 2
    web.rates = Rates(2.0)
    assert [client(web, READ).get("/").status_code for _ in range(3)] == [200, 200, 429]
    assert client(web).get("/healthz").status_code == 200
    web.rates = Rates(100.0)
    assert client(web, WRITE).post(f"/do/approve/{PATH}", content=b"x" * (2 << 20)).status_code == 413


def test_probes_tell_whether_the_loop_goes_round_and_has_passed(web: Web) -> None:
    assert client(web).get("/readyz").status_code == 503
    web.loop._step(Ended("stacks/db", "c" * 40, "in_sync"))
    assert client(web).get("/readyz").status_code == 200 == client(web).get("/healthz").status_code
    assert client(replace(web, now=lambda: 1e9)).get("/healthz").status_code == 503


def test_a_session_ends_and_cannot_be_forged() -> None:
    sessions = Sessions()
    cookie = sessions.new("read", 0.0)
    assert sessions.read(cookie, 1.0) is not None and sessions.read(cookie, 1e6) is None
    for forged in (cookie.replace("read", "write"), cookie[:-1], "", "a.b.c.d", Sessions().new("write", 0.0)):
        assert sessions.read(forged, 1.0) is None


def test_metrics_name_stacks_and_outcomes_and_nothing_else(web: Web) -> None:
    text = client(web, READ).get("/metrics").text
    assert 'ecsplan_stack_status{stack="stacks/web",status="pending"} 1.0' in text and "vpc-" not in text


def test_a_signature_permits_the_changes_and_classes_that_it_names_and_no_others() -> None:
    whole = Approval("a.json", "alice", "", classes=("all",))
    part = Approval("a.json", "alice", "", (1, 2), ("update", "create"), frozenset({"vpc.a"}))
    assert whole.approves("data_loss", "disk.a") and part.approves("update", "vpc.a")
    assert not part.approves("data_loss", "vpc.a") and not part.approves("update", "vpc.b")
    assert not replace(whole, trouble="is expired").approves("update", "vpc.a")


def test_the_page_speaks_the_language_that_the_browser_asks_for_or_that_was_chosen(web: Web) -> None:
    found = client(web)
    assert "登录" in found.get("/login", headers={"Accept-Language": "fr, zh-CN;q=0.8, en;q=0.5"}).text
    assert "Log in" in found.get("/login", headers={"Accept-Language": "fr"}).text
    assert "登录" in found.get("/login?lang=zh").text and "登录" in found.get("/login").text
    assert "Log in" in found.get("/login?lang=<x>", headers={"Cookie": "ecsplan_language=<x>"}).text


def test_both_languages_have_every_word() -> None:
    assert all(text.strip() for language in LANGUAGES for text in texts(language).values())
    assert {*FINAL, "new", "running", "suspended"} <= texts("zh").keys()
