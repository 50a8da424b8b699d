"""The HTML page of a plan as a file: whole, sealed, in two languages; what a browser makes of it is tested beside."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest

from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.copying import replace
from ecsplan.model.origin import Commit
from ecsplan.model.plan import Plan
from ecsplan.model.preflight import Level
from ecsplan.model.reach import Reach
from ecsplan.model.ruling import Answer, Approval, Need, RuleFinding, Ruling
from ecsplan.model.unseen import is_printable, unseen
from ecsplan.render.page import SCRIPTS, page_script, plan_page
from ecsplan.render.page.data import page_data
from ecsplan.render.page.texts import LANGUAGES, TEXTS, catalogue
from ecsplan.render.view import view, with_commits
from ecsplan.render.words import ACTION_WORDS
from tests.render.fleet import fleet
from tests.render.plans import SECRET, at, every_action, live, resource

HOSTILE = "</script><img src=x onerror=alert(1)>\u2028\u202e<!--{{7*7}}'\"&amp;"


class Page(HTMLParser):
    """Elements with their attributes, and the texts of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": [], "title": []}
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in self.inside:
            self.inside[self._open][-1] += data

    @property
    def data(self) -> Any:
        return json.loads(self.inside["script"][0])


def hostile_plan() -> Plan:
    """Every text that somebody else may have written is an attack."""
    change = Change(
        resource("instance.db").address, Action.UPDATE, replace(live("instance.db", "i-1"), name=HOSTILE),
        resource("instance.db"), (AttributeChange("description", HOSTILE, HOSTILE + "2", source=at(3), note=HOSTILE),),
        reason=HOSTILE, notes=(HOSTILE,), loses=(HOSTILE,), blocked=(HOSTILE,),
    )  # fmt: skip
    return Plan(HOSTILE, HOSTILE, HOSTILE, (change,), (), outputs={"name": HOSTILE}, digest=HOSTILE)


def a_ruling(given: int = 1, forbids: bool = False) -> Ruling:
    needs = RuleFinding("approvals", "data_loss", ("instance.db",), "rule 1", 2, "dba")
    forbidden = RuleFinding(
        "forbid", "access_opened", ("security_group.web",), "rule 2", reason="no ssh from everywhere"
    )
    people = tuple(f"person{number}@example.com" for number in range(given))
    answer = Answer(Need("data_loss", 2, "dba"), people)
    approvals = (*(Approval(f"{who}.json", who, "") for who in people), Approval("x.json", "", "is expired"))
    return Ruling((needs, *([forbidden] if forbids else [])), approvals, (answer,), "ecsplan.policy.yaml", "main")


def test_it_is_one_file_that_loads_nothing() -> None:
    page = Page(plan_page(view(every_action())))
    loading = {"src", "srcset", "action", "data"}
    assert not [tag for tag, found in page.elements if loading & found.keys()]
    assert {found["href"] for tag, found in page.elements if tag == "link"} == {"data:,"}
    assert all((found["href"] or "").startswith("#") for tag, found in page.elements if tag == "a")
    assert not re.search(r"url\(|@import", page.inside["style"][0])


def test_no_handler_stands_in_the_markup_and_no_script_makes_markup_or_code() -> None:
    page = Page(plan_page(view(every_action())))
    assert not [name for _, found in page.elements for name in found if name.startswith("on") or name == "style"]
    making = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|\bFunction\(|fetch\("
    assert not re.search(making, page_script())


@pytest.mark.door("page")
def test_the_content_policy_names_the_script_and_the_style_and_nothing_else() -> None:
    page = Page(plan_page(view(every_action())))
    metas = {found["http-equiv"]: found["content"] for _, found in page.elements if "http-equiv" in found}

    def named(text: str) -> str:
        return b64encode(sha256(text.encode()).digest()).decode()

    rules = dict(rule.split(" ", 1) for rule in (metas["Content-Security-Policy"] or "").split("; "))
    assert rules.pop("script-src") == f"'sha256-{named(page.inside['script'][1])}'"
    assert rules.pop("style-src") == f"'sha256-{named(page.inside['style'][0])}'"
    assert rules == {
        "default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'",
        "require-trusted-types-for": "'script'", "trusted-types": "'none'",
    }  # fmt: skip


@pytest.mark.door("page")
def test_a_hostile_name_stays_text() -> None:
    text = plan_page(view(hostile_plan()))
    page = Page(text)
    assert [tag for tag, _ in page.elements if tag in ("script", "img")] == ["script", "script"]
    assert "49" not in page.inside["title"][0]
    row = page.data["rows"][0]
    assert row["attributes"][0]["before"].startswith("</script><img src=x onerror=alert(1)>\\u2028\\u202e<!--")
    assert not unseen().search(text.replace("\n", ""))


def test_the_page_leaves_by_the_door_of_all_output_unchanged() -> None:
    assert is_printable(plan_page(view(every_action(), a_ruling())))


def test_equal_plans_give_equal_files() -> None:
    assert plan_page(view(every_action())) == plan_page(view(every_action()))


def test_no_secret_is_in_it() -> None:
    assert SECRET not in plan_page(view(every_action()))


def test_the_same_change_on_many_is_one_row_that_names_them() -> None:
    rows = page_data(view(every_action()))["rows"]
    row = next(row for row in rows if row["label"] == "instance.web[0..2]")
    assert [member[0] for member in row["members"]] == [f"instance.web[{number}]" for number in range(3)]
    assert [member[3] for member in row["members"]] == [1, 2, 3]


def test_steps_name_what_they_wait_for_by_place() -> None:
    steps = page_data(view(every_action()))["steps"]
    names = [f"{step['verb']} {step['label']}" for step in steps]
    waits = {name: [names[need] for need in step.get("needs", [])] for name, step in zip(names, steps, strict=True)}
    assert waits["update instance.web[1]"] == ["update instance.web[0]"]
    assert waits["create instance.db"] == ["create vswitch.new"]
    assert [step["label"] for step in steps if step.get("critical")] == [f"instance.web[{n}]" for n in range(3)]


@pytest.mark.parametrize(
    ("plan", "ruling", "key"),
    [
        (every_action(), None, "verdict.refused"),
        (replace(every_action(), guards=()), a_ruling(forbids=True), "verdict.forbidden"),
        (replace(every_action(), guards=()), a_ruling(1), "verdict.approvals"),
        (replace(every_action(), guards=()), a_ruling(2), "verdict.danger"),
        (replace(every_action(), guards=(), changes=every_action().changes[:2]), None, "verdict.ready"),
        (replace(every_action(), guards=(), changes=(), steps=()), None, "verdict.nothing"),
    ],
)
def test_the_verdict(plan: Plan, ruling: Ruling | None, key: str) -> None:
    elements = Page(plan_page(view(plan, ruling))).elements
    assert [found["data-t"] for _, found in elements if (found.get("data-t") or "").startswith("verdict")] == [key]


def test_what_the_policy_says_is_a_section_with_every_approval() -> None:
    found = {part["id"]: part["lines"] for part in page_data(view(every_action(), a_ruling(forbids=True)))["sections"]}
    badges = [line["badge"] for line in found["policy"]]
    told = ["source", "approvals", "forbid", "needs", "signed", "invalid"]
    assert badges == [f"policy.{key}" for key in told]
    assert found["policy"][3]["more"] == {"given": 1, "count": 2}
    assert [line["badge"] for line in found["notices"]] == ["guard", "guard", "warning", "warning", "remark"]


def test_what_was_asked_ahead_and_the_price_are_sections() -> None:
    found = {part["id"]: part for part in page_data(view(every_action()))["sections"]}
    assert [line["badge"] for line in found["checks"]["lines"]] == [
        "check.fail", "check.warn", "check.unchecked", "check.passed",
    ]  # fmt: skip
    assert found["checks"]["lines"][0]["detail"] == "in stock in cn-hangzhou-i"
    assert found["prices"]["table"]["rows"] == [
        ["instance.db", "0.00", "283.33", "+283.33", "3,400.00"],
        ["instance.web[0..1]", "120.45", "241.20", "+120.75", "0.00"],
        ["eip.web", "0.00", "?", "?", "0.00"],
    ]
    assert "not all of it is known" in found["prices"]["lines"][0]["text"]


def test_what_becomes_reachable_is_a_section() -> None:
    reach = Reach((resource("instance.web").address,), "ingress", ("tcp 22 to 0.0.0.0/0",), last_way_in=("ssh",))
    found = {part["id"]: part for part in page_data(view(replace(every_action(), reach=(reach,))))["sections"]}
    lines = [(line["badge"], line["text"]) for line in found["access"]["lines"] if "badge" in line]
    assert lines == [
        ("access.opened", "opens tcp 22 to 0.0.0.0/0 on instance.web"),
        ("access.closed", "closes the only way in for ssh to instance.web"),
    ]


def test_a_change_names_the_commit_that_it_comes_from() -> None:
    commits = {at(41): Commit("1a2b3c4d5e", "Ann", "ann@example.com", 1_000.0, "New image")}
    rows = page_data(with_commits(view(every_action()), commits, 4_600.0))["rows"]
    row = next(row for row in rows if row["label"] == "instance.db")
    assert (row["commit"], row["summary"]) == ("1a2b3c4d by Ann, 1 hour ago", "New image")


def test_five_thousand_changes_that_are_all_different_take_less_than_five_megabytes() -> None:
    assert len(plan_page(view(fleet(5_000))).encode()) < 5_000_000


def used_keys() -> Iterator[str]:
    """Keys that scripts, template and sections name whole; and those of a family, by what it stands for."""
    folder = files("ecsplan.render.page")
    for name in SCRIPTS:
        text = folder.joinpath(name).read_text(encoding="utf-8")
        yield from re.findall(r"\b(?:t|tell|button|heading|chip|toggles)\(\"([\w./?]+)\"", text)
        yield from re.findall(r'"data-t": "([\w.]+)"', text)
    template = folder.joinpath("page.html.j2").read_text(encoding="utf-8")
    yield from re.findall(r"data-t=\"([\w.]+)\"", template)
    yield from re.findall(r"text\(\"([\w.]+)\"\)", template)
    yield from (one for pair in re.findall(r't\.(\w+)|t\["(\w+)"\]', template) for one in pair if one)
    for name in ("sections.py", "__init__.py"):
        text = folder.joinpath(name).read_text(encoding="utf-8")
        yield from (key for key in re.findall(r'"([a-z]+(?:[._][a-z]+)?)"', text) if key in TEXTS)
    yield from (f"action.{word}" for action, word in ACTION_WORDS.items() if action is not Action.NOOP)
    yield from ("action.drift", *(f"impact.{impact.name.lower()}" for impact in Impact))
    yield from (f"policy.{effect}" for effect in ("forbid", "approvals", "allow"))
    yield from (f"theme.{name}" for name in ("auto", "light", "dark"))
    yield from (f"key.{key}" for key in ("/", "j", "k", "Enter", "e", "c", "l", "t", "Esc"))
    yield from (f"check.{level.value}" for level in Level)
    yield from (f"section.{name}" for name in ("notices", "policy", "access", "checks", "prices", "outputs"))
    yield "language"


def test_every_text_is_in_every_language_and_every_used_key_is_a_text() -> None:
    used = set(used_keys())
    assert used <= set(TEXTS), "texts that are missing"
    assert set(TEXTS) == used, "texts that nothing uses"
    assert all(len(texts) == len(LANGUAGES) and all(texts) for texts in TEXTS.values())
    assert all(TEXTS[key][0] != TEXTS[key][1] or key == "language" for key in TEXTS)


def test_texts_have_the_same_places_in_every_language() -> None:
    for key, texts in TEXTS.items():
        assert len({frozenset(re.findall(r"{\w+}", text)) for text in texts}) == 1, key
    assert set(catalogue()) == set(LANGUAGES)
