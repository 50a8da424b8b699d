"""The HTML page of a plan in a real browser: filtered, opened, folded, switched; sealed against hostile names.

Needs Chromium and its driver (Debian: apt install chromium chromium-driver) and the extra `dev` for selenium.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecsplan.model.plan import Plan
from ecsplan.model.ruling import Ruling
from ecsplan.render.page import plan_page
from ecsplan.render.view import view
from tests.render.fleet import fleet
from tests.render.plans import every_action
from tests.render.test_page import a_ruling, hostile_plan

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
support = pytest.importorskip("selenium.webdriver.support.wait", reason="selenium is not installed")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium or chromedriver is not installed")

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1440,900",
    "--lang=en-US",
    "--force-prefers-reduced-motion",
)
TEXTS = "[...document.querySelectorAll(arguments[0])].map((one) => one.textContent.replace(/\\s+/g, ' ').trim())"
SEARCH = """(() => {
    const search = document.getElementById("search");
    search.value = "instance.m4999";
    const began = performance.now();
    search.dispatchEvent(new Event("input"));
    return performance.now() - began;
})()"""
EVIL = """<img src=x onerror="window.broken=1"><script>window.broken=1</script>
<a id=evil href="javascript:window.broken=1">x</a>"""


class Browser:
    """A page of a plan, opened; asks it by script, as the page itself offers no handle."""

    def __init__(self, driver: Any, folder: Path) -> None:
        self.driver, self.folder = driver, folder

    def open(self, plan: Plan, ruling: Ruling | None = None) -> None:
        path = self.folder / "plan.html"
        path.write_text(plan_page(view(plan, ruling)), encoding="utf-8")
        self.reopen()

    def reopen(self) -> None:
        self.driver.get((self.folder / "plan.html").as_uri())
        assert self.ask("document.documentElement.dataset.ready") == "true"

    def ask(self, expression: str) -> Any:
        return self.driver.execute_script(f"return {expression}")

    def click(self, selector: str) -> None:
        found = self.driver.find_element("css selector", selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()

    def press(self, keys: str) -> None:
        self.driver.switch_to.active_element.send_keys(keys)

    def texts(self, selector: str) -> list[str]:
        found: list[str] = self.driver.execute_script(f"return {TEXTS}", selector)
        return found

    def opened(self, selector: str, shows: str) -> list[str]:
        """The texts that a click brings; again where the page was still being laid out, and nothing was hit."""
        wait = support.WebDriverWait(self.driver, 20, poll_frequency=0.1)
        found: list[str] = wait.until(lambda _: self.texts(shows) or self.click(selector))
        return found

    def labels(self) -> list[str]:
        return self.texts("#list > details .address")

    def complaints(self) -> list[str]:
        """Errors and broken rules that the console has seen since it was asked last."""
        return [entry["message"] for entry in self.driver.get_log("browser")]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield started
    started.quit()


@pytest.fixture
def browser(driver: Any, tmp_path: Path) -> Iterator[Browser]:
    found = Browser(driver, tmp_path)
    yield found
    assert found.complaints() == []


def test_it_opens_with_every_section_and_asks_the_network_for_nothing(browser: Browser) -> None:
    browser.open(every_action(), a_ruling(forbids=True))
    assert browser.texts("main section.panel > h2") == [
        "Notices", "Policy and approvals", "Reachability", "Checked against the cloud", "Price", "Changes",
        "Order of work", "Timeline",
        "Outputs",
    ]  # fmt: skip
    assert browser.texts(".cards li") == [
        "12 changes", "2 create", "5 update", "1 replace", "1 delete", "1 adopt", "1 move", "1 release",
    ]  # fmt: skip
    assert browser.texts(".verdict") == ["Apply will refuse this plan"]
    assert browser.labels()[:3] == ["instance.db", "eip.old", "instance.web[0..2]"]
    assert browser.ask("performance.getEntriesByType('resource').map((one) => one.name)") in ([], ["data:,"])
    assert browser.ask("document.documentElement.scrollWidth <= innerWidth")


def test_filters_by_impact_kind_action_and_address(browser: Browser) -> None:
    browser.open(every_action())
    browser.click('[data-filter="impact.stop_start"]')
    assert browser.labels() == ["instance.web[0..2]"]
    assert browser.texts("#showing") == ["3 of 12 resources"]
    browser.click('[data-filter="impact.data_loss"]')
    assert browser.labels() == ["instance.db", "instance.web[0..2]"]
    browser.click('[data-filter="action.replace"]')
    assert browser.labels() == ["instance.db"]
    browser.click("#clear")
    browser.driver.execute_script(
        "document.getElementById('kind').value = 'eip';"
        "document.getElementById('kind').dispatchEvent(new Event('change'))"
    )
    assert browser.labels() == ["eip.old"]
    browser.click("#clear")
    browser.press("web[1]")
    assert browser.labels() == ["instance.web[0..2]"]
    assert browser.texts("#list .quiet") == ["1 of 3 resources"]
    browser.press("zzz")
    assert browser.labels() == []
    assert browser.texts("#list") == ["No change matches these filters."]


def test_a_change_opens_to_its_difference(browser: Browser) -> None:
    browser.open(every_action())
    browser.click("#list > details > summary")
    names = browser.texts("#list > details:first-child .diff tbody th")
    assert names == ["image", "password", "user_data", "vswitch"]
    first = browser.texts("#list > details:first-child .diff tbody tr:first-child td")
    assert first[:2] == ["ubuntu_22_04", "ubuntu_24_04"]
    assert "forces the replacement" in first[2] and "stack.yaml:41" in first[2]
    assert browser.texts("#list > details:first-child pre .l.remove") == ["-echo one"]


def test_it_is_used_by_keyboard(browser: Browser) -> None:
    browser.open(every_action())
    browser.driver.find_element("tag name", "body").send_keys("jj")
    assert "eip.old" in browser.ask("document.activeElement.innerText")
    browser.press("\ue007")  # Enter
    assert browser.ask("document.activeElement.parentNode.open")
    browser.press("k")
    assert "instance.db" in browser.ask("document.activeElement.innerText")
    browser.press("e")
    assert browser.ask("document.querySelectorAll('#list > details:not([open])').length") == 0
    browser.press("c")
    assert browser.ask("document.querySelectorAll('#list > details[open]').length") == 0
    browser.press("/")
    assert browser.ask("document.activeElement.id") == "search"
    browser.press("eip\ue00c")  # Escape
    assert len(browser.labels()) == 10
    browser.driver.find_element("tag name", "body").send_keys("?")
    assert browser.ask("document.getElementById('keys').open")


def test_it_speaks_chinese_and_english(browser: Browser) -> None:
    browser.open(every_action(), a_ruling())
    browser.click("#language")
    assert browser.ask("document.documentElement.lang") == "zh-CN"
    assert browser.texts(".verdict") == ["执行时将被拒绝"]
    assert "变更" in browser.texts("main section.panel > h2")
    assert browser.texts(".amounts thead th")[1] == "目前每月"
    assert browser.texts("#list .act")[0] == "替换"
    browser.click("#language")
    assert browser.texts(".verdict") == ["Apply will refuse this plan"]


def test_light_and_dark(browser: Browser) -> None:
    browser.open(every_action())

    def background() -> str:
        return str(browser.ask("getComputedStyle(document.body).backgroundColor"))

    browser.click("#theme")
    assert background() == "rgb(246, 247, 249)"
    browser.click("#theme")
    assert background() == "rgb(15, 18, 23)"
    assert browser.texts("#theme") == ["Theme: Dark"]


def test_paper_shows_all_changes_opened_and_no_tools(browser: Browser) -> None:
    browser.open(every_action())
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        browser.ask("window.dispatchEvent(new Event('beforeprint'))")
        assert browser.ask("document.querySelectorAll('#list > details:not([open])').length") == 0
        assert browser.ask("getComputedStyle(document.querySelector('.bar')).display") == "none"
        assert browser.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_graph_has_a_node_for_each_step_and_an_edge_for_each_wait(browser: Browser) -> None:
    browser.open(every_action())
    assert len(browser.texts("#net .node")) == 6
    assert browser.ask("document.querySelectorAll('#net .edges path').length") == 3
    assert browser.ask("document.querySelectorAll('#net .edges path.critical').length") == 2
    calls = browser.opened("#net .node", "#step .call summary code")
    assert calls == ["StopInstances", "ModifyInstanceSpec", "StartInstances"]
    assert browser.texts(".gantt-row .gantt-label")[-1] == "update instance.web[2] wave 3"
    assert browser.ask("document.querySelectorAll('.fillbar.critical').length") == 3


def test_a_large_graph_folds_and_a_group_opens(browser: Browser) -> None:
    browser.open(fleet(200))
    assert sorted(browser.texts("#net .node .count")) == ["×107", "×20", "×20", "×53"]
    assert browser.opened("#net .node", "#step .ghost")
    browser.click("#step .ghost")
    assert len(browser.texts("#net .node")) == 23
    browser.click("#fold")
    assert len(browser.texts("#net .node")) == 4


def test_five_thousand_changes_are_painted_within_a_second_and_stay_usable(browser: Browser) -> None:
    browser.open(fleet(5_000))
    paints = []
    for _ in range(3):
        browser.reopen()
        paints.append(browser.ask("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
    assert len(browser.labels()) == 100
    assert browser.ask("document.querySelectorAll('*').length") < 5_000
    taken = browser.ask(SEARCH)
    assert browser.labels() == ["instance.m4999"]
    if os.getloadavg()[0] < (os.cpu_count() or 1):  # times say nothing of the page while others want the machine
        assert min(paints) < 1_000
        assert taken < 1_000


@pytest.mark.door("page")
def test_hostile_names_do_nothing(browser: Browser) -> None:
    browser.open(hostile_plan())
    browser.press("e")
    browser.click("#language")
    assert browser.ask("document.images.length") == 0
    assert browser.ask("document.scripts.length") == 2
    assert "<img src=x onerror=alert(1)>" in browser.texts("h1")[0]
    assert "\u202e" not in browser.ask("document.body.innerText")


@pytest.mark.door("page")
def test_a_script_that_got_in_all_the_same_does_not_run(driver: Any, tmp_path: Path) -> None:
    """The second wall: were the markup broken, the policy of the page still refuses what is not its own."""
    text = plan_page(view(every_action()))
    (tmp_path / "plan.html").write_text(text.replace("<footer>", f"{EVIL}<footer>"), encoding="utf-8")
    browser = Browser(driver, tmp_path)
    browser.reopen()
    browser.ask("document.getElementById('evil').click()")
    assert browser.ask("window.broken") is None
    assert browser.complaints()
    trusted = "(() => { try { document.body.innerHTML = '<b>x</b>'; return 'taken' } catch (e) { return e.name } })()"
    assert browser.ask(trusted) == "TypeError"
    browser.complaints()
