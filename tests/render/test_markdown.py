"""A comment holds what others wrote: names, descriptions, errors. None of it is live; Markdown-it is the judge."""

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.plan import Guard, Outcome, Plan, Report, Status, StepId
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.render.markdown import escaped, plan_markdown, report_markdown
from ecsplan.render.report import report_view
from ecsplan.render.view import view

JUDGE = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
OUR_TAGS = {"details", "summary", "code", "sub"}
TRICKS = (
    "`" * 3, "`" * 8, "`" * 15, "`" * 16, "~~~", "\n", "\r", "\u2028", "<img src=x>", "</code>", "</details>", "<!--",
    "[click](http://evil.example)", "![x](http://evil.example/x.png)", "http://evil.example", "www.evil.example", "-->",
    "#1", "|", "\\", "&lt;b&gt;", "**", "_", "* ", "> ", "# ", "/merge", "::stop-commands::x", "\u202e", "\u200b", "a",
    "@everyone", "$x$", ":smile:", "!1",
    "    ", "<script>", "]]>", "<?", "javascript:alert(1)",
)  # fmt: skip
hostile = st.lists(st.sampled_from(TRICKS), max_size=8).map("".join) | st.text(max_size=40)
ADDRESS = Address.parse("vpc.main")


def commented(text: str, other: str) -> str:
    """A plan that shows a text in every place that takes one."""
    line = AttributeChange("description", text, other, note=text)
    before = LiveObject("vpc", "vpc-1", text, "Available")
    after = Resource(ADDRESS, {"description": other}, text)
    change = Change(
        ADDRESS,
        Action.UPDATE,
        before,
        after,
        (line,),
        frozenset({Impact.NEW_IDENTITY}),
        False,
        text,
        (text,),
        (text,),
        (text,),
    )
    warning = Diagnostic(text, text, severity=Severity.WARNING)
    guard = Guard("loss", text, text, (ADDRESS,))
    return plan_markdown(view(Plan(text, "cn-hangzhou", "1", (change,), (), (guard,), (warning,), {"x": text})))


def live_in(markdown: str) -> list[str]:
    """What a site would do more with than show it."""
    found: list[str] = []
    markdown = re.sub(r"\A<!-- ecsplan:plan stack=[\w.-]* region=[\w.-]* -->\n", "", markdown)
    markdown = re.sub(r"^> \[!(CAUTION|WARNING)\]$", ">", markdown, flags=re.MULTILINE)
    for block in JUDGE.parse(markdown):
        is_code = False
        for token in (block, *(block.children or ())):
            if token.type in ("html_inline", "html_block"):
                tags = re.findall(r"<\s*/?\s*([A-Za-z!?][^\s>/]*)", token.content)
                found += [tag for tag in tags if tag.lower() not in OUR_TAGS]
                is_code = token.content == "<code>" or (is_code and token.content != "</code>")
            if token.type in ("link_open", "image", "hr", "heading_open") and token.tag != "h3":
                found.append(f"{token.type} {token.attrs}")
            elif token.type in ("text", "html_block") and not is_code:
                text = html.unescape(re.sub("<code>.*?</code>", "", token.content))
                found += re.findall(r"https?://|www\.\w|[@#!$~&%]\w|:\w+:", text)
    return found


@pytest.mark.door("comments")
@given(hostile, hostile)
@example(
    "one\n" + "`" * 15 + "\nplain\nend",
    "two\n" + "`" * 15 + "\n<img src=x> [click](http://evil.example) @everyone\nEND",
)
@example("one\n````````diff\nx", "one\n````````\n<img src=x>")
def test_nothing_that_others_wrote_is_live_in_a_comment(text: str, other: str) -> None:
    told = commented(text, other)
    assert not live_in(told), told


@given(hostile)
def test_nor_in_a_report(text: str) -> None:
    failed = Outcome(
        StepId("vpc.main", "create"), (), Status.FAILED, code=text, message=text, request_id=text, advice=text
    )
    told = report_markdown(report_view(Report((failed,), outputs={"x": text})))
    assert not live_in(told), told


def test_the_judge_sees_what_is_live() -> None:
    for trick in (
        "<img src=x>",
        "[a](http://b)",
        "![a](b)",
        "http://evil.example",
        "www.evil.example",
        "@team",
        "# x\n## y",
    ):
        assert live_in(trick), trick


@pytest.mark.parametrize("text", ["@org/team", "#12", "!12", "~label", "%3", "&4", "$5"])
def test_a_name_that_a_site_looks_for_in_rendered_text_is_broken_up(text: str) -> None:
    assert "&#8288;" in escaped(text)


def test_the_fence_is_longer_than_any_run_within() -> None:
    told = commented("a\n" + "`" * 40 + "\nb", "a\n" + "`" * 40 + "\nc")
    assert "`" * 41 + "diff" in told
    assert told.count("`" * 41) == 2
