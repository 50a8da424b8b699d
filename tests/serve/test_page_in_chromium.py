"""The page of the loop in a real browser: by keyboard alone, as a screen reader has it, in both languages.

ECSPLAN_SCREENSHOTS names a folder that pictures are put in.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="the extra server is not installed")
pytest.importorskip("starlette", reason="the extra server is not installed")

import uvicorn

from ecsplan.serve.web import Web
from tests.render.test_page_in_chromium import driver, pytestmark  # noqa: F401 - a fixture, and why tests are skipped
from tests.serve.test_web import PATH, plan_text, web  # noqa: F401 - fixtures
from tests.serve.world import WRITE, until

PAGES = ("/", f"/stacks/{PATH}", f"/run/{PATH}", "/history")
CONTRAST = """
const parts = (text) => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
const back = light(parts(getComputedStyle(document.body).backgroundColor).length > 3
    ? (matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255])
    : parts(getComputedStyle(document.body).backgroundColor));
return Math.min(...[...document.querySelectorAll("main *, header *")].filter((one) => one.textContent.trim())
    .map((one) => light(parts(getComputedStyle(one).color)))
    .map((one) => (Math.max(one, back) + 0.05) / (Math.min(one, back) + 0.05)));
"""


class Browser:
    def __init__(self, driver: Any, url: str) -> None:  # noqa: F811
        self.driver, self.url = driver, url

    def open(self, path: str) -> None:
        self.driver.get(self.url + path)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    @property
    def focused(self) -> str:
        """What the focus is on, as it is read out."""
        return str(self.driver.switch_to.active_element.accessible_name)

    def tree(self) -> list[dict[str, Any]]:
        """What a screen reader is given: role and name of each node."""
        nodes = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        return [
            {"role": node["role"]["value"], "name": (node.get("name") or {}).get("value", "")}
            for node in nodes
            if not node.get("ignored")
        ]

    def picture(self, name: str) -> None:
        folder = os.environ.get("ECSPLAN_SCREENSHOTS")
        if folder:
            self.driver.save_screenshot(str(Path(folder, f"{name}.png")))


@pytest.fixture
def browser(driver: Any, web: Web) -> Iterator[Browser]:  # noqa: F811
    server = uvicorn.Server(uvicorn.Config(web.app(), host="127.0.0.1", port=0, log_config=None))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    yield Browser(driver, f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(10)


def log_in(browser: Browser) -> None:
    browser.open("/login")
    browser.driver.find_element("id", "token").send_keys(WRITE, "\ue007")
    until(lambda: browser.driver.title.startswith(("Stacks", "栈")))


def test_everything_is_reached_by_keyboard(browser: Browser) -> None:
    tab, enter, space = "\ue004", "\ue007", "\ue00d"
    browser.open("/login")
    browser.press(tab)
    assert browser.focused == "Skip to the content"
    browser.press(tab, tab)
    assert browser.focused.startswith("Token")
    browser.press(WRITE, enter)
    until(lambda: browser.driver.title.startswith("Stacks"))
    walked = []
    for _ in range(7):
        browser.press(tab)
        walked.append(browser.focused)
        outline = browser.driver.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", walked
    assert walked[:6] == ["Skip to the content", "Stacks", "History", "中文", "Log out (write)", "stacks/db"]
    browser.driver.find_element("link text", PATH).send_keys(enter)
    until(lambda: browser.driver.title.startswith(PATH))
    browser.picture("stack")
    browser.driver.find_element("xpath", "//button[.='Suspend']").send_keys(space)
    until(lambda: is_asked(browser))


def is_asked(browser: Browser) -> bool:
    return browser.driver.current_url.endswith(f"/stacks/{PATH}") and browser.driver.title.startswith(PATH)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_screen_reader_gets_landmarks_headings_tables_and_a_name_for_each_control(
    browser: Browser, language: str
) -> None:
    log_in(browser)
    for page in PAGES:
        browser.open(f"{page}?lang={language}")
        tree = browser.tree()
        roles = [node["role"] for node in tree]
        for role in ("banner", "navigation", "main", "heading"):
            assert role in roles, (page, role)
        nameless = [
            node for node in tree if node["role"] in ("link", "button", "textbox", "table", "log") and not node["name"]
        ]  # fmt: skip
        assert not nameless, (page, nameless)
        assert browser.driver.find_element("tag name", "html").get_attribute("lang") == language
        assert browser.driver.execute_script(CONTRAST) >= 4.5, page
        assert browser.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth"), page
        browser.picture(f"{page.strip('/').replace('/', '-') or 'stacks'}-{language}")
    browser.open("/")  # what was chosen is remembered
    assert browser.driver.title.startswith("栈" if language == "zh" else "Stacks")


def test_what_others_wrote_does_nothing_and_no_rule_of_the_page_is_broken(browser: Browser) -> None:
    browser.driver.get_log("browser")
    log_in(browser)
    for page in (*PAGES, f"/plan/{PATH}"):
        browser.open(page)
        assert browser.driver.execute_script("return window.broken") is None
    browser.picture("change-set")
    told = [entry["message"] for entry in browser.driver.get_log("browser")]
    assert not [line for line in told if "favicon" not in line], told
