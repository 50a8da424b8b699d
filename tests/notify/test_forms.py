"""Signatures by the vectors of the vendors' formulas, texts within limits, and names that mean harm."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from ecsplan.model.notice import Notice
from ecsplan.notify import signing
from ecsplan.notify.channels import Channel
from ecsplan.notify.forms import posted, refusal
from ecsplan.notify.wording import DIALECTS, BadTemplate, cut, text_of, title_of

CHATS = ("dingtalk", "feishu", "wecom", "slack")
HOSTILE = (
    "@all", "<at id=all></at>", "<!channel>", "<@U123>", "[click](https://evil.example)", "https://evil.example",
    "![x](http://evil.example/p.png)", "# heading", "**bold**", "`code`", "a\nb\n- c", "\u202ereversed",
    "<font color=red>",
    "<https://evil.example|safe>", "www.evil.example", "{{ 7*7 }}", "_it_", "| a | b |",
)  # fmt: skip


def notice(text: str = "changed instance.web[0]: instance_type", **more: object) -> Notice:
    values = {"kind": "drift", "stack": "web", "region": "cn-hangzhou", "headline": text, "lines": (text,), **more}
    return Notice(**values)  # type: ignore[arg-type]


def test_signatures_are_those_of_the_vendors() -> None:
    signed = signing.dingtalk("https://oapi.example/send?access_token=T", "SECdemo", 1_700_000_000.0)
    assert signed.endswith("&timestamp=1700000000000&sign=lOvVf9TQCVugV68mGbSZCg0gzOl1SVjxWi1MyVZCUuA%3D")
    assert signing.feishu("SECdemo", 1_700_000_000.9) == {
        "timestamp": "1700000000",
        "sign": "U1q8KAchlt+ocM9vRG/rtwroY6XMkyjtyUV9XOpczwI=",
    }
    digest = "88a67f24bbcdaed0e6c997404bb79a743baf44c6bab2f4c27328e3009d22e342"
    assert signing.webhook(b'{"a":1}', "key") == f"sha256={digest}"


@pytest.mark.parametrize("type_", CHATS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(type_: str, name: str) -> None:
    text = text_of(Channel("c", type_), [notice(f"x {name}", lines=(name,), stack=name)])
    for active in ("@", "<at", "<!", "<@", "](h", "://", "<font", "www.", "\u202e", "49"):
        assert active not in text
    if type_ != "slack":  # to which these are signs like others
        told = [line for line in text.splitlines() if not line.startswith("### ")]
        assert "![" not in text and not any(line.lstrip("- ").startswith(("#", ">", "|")) for line in told)
    own = text_of(Channel("c", type_), [notice("x", lines=("y",), stack="z")])
    assert text.count("\n") == own.count("\n")
    for sign in "*`~_":
        assert text.count(sign) == own.count(sign)


@pytest.mark.parametrize("type_", DIALECTS)
def test_long_and_chinese_texts_are_cut_at_a_line_within_the_limit_in_bytes(type_: str) -> None:
    lines = tuple(f"改变了实例 instance.web[{number}]：规格与系统盘" * 3 for number in range(3_000))
    text = text_of(Channel("c", type_), [notice(lines=lines)])
    assert len(text.encode()) <= DIALECTS[type_].longest and text.rstrip().endswith("more lines")
    if type_ == "email":
        return
    post = posted(Channel("c", type_, url="https://x.example"), [notice(lines=lines)], 0.0, "d")
    assert json.loads(post.body) and (type_ == "webhook" or len(post.body) <= 20 << 10)


def test_cutting_says_how_much_is_left_out() -> None:
    assert cut("a\nb\nc\n", 100) == "a\nb\nc\n"
    assert cut("\n".join(["x" * 30] * 4), 100) == "x" * 30 + "\n… and 3 more lines\n"


def test_a_template_of_the_user_sees_harmless_texts() -> None:
    channel = Channel("c", "dingtalk", template="{% for n in notices %}[{{ n.headline }}](https://ours){% endfor %}")
    assert text_of(channel, [notice("a](http://evil) @all")]) == "[a]\u2060(http:\u2060//evil) ＠all](https://ours)\n"


@pytest.mark.parametrize("template", ["{{ nothing }}", "{% for %}", "{{ notices.__class__.__mro__ }}", "{{ 1 / 0 }}"])
def test_a_template_with_errors_is_told(template: str) -> None:
    with pytest.raises(BadTemplate):
        text_of(Channel("c", "email", template=template), [notice()])


def test_one_title_for_several_stacks() -> None:
    stacks = [notice(stack=name) for name in ("a", "b", "c", "d", "a")]
    assert title_of([*stacks, notice(kind="failure", stack="z")]) == "ecsplan: drift in a, b, c and 1 more; failed: z"


def test_only_a_safe_link_is_a_link() -> None:
    for link in ("javascript:alert(1)", "https://x.example/a) [b](c", "https://x.example/<b>"):
        assert link not in text_of(Channel("c", "wecom"), [notice(link=link)])
    assert "(https://ci.example/7)" in text_of(Channel("c", "wecom"), [notice(link="https://ci.example/7")])


def test_no_secret_is_shown_by_a_channel_or_a_post() -> None:
    channel = Channel("c", "dingtalk", url="https://oapi.example/send?access_token=T0ken", secret="SECret")
    post = posted(channel, [notice()], 0.0, "d")
    assert "T0ken" not in repr(channel) + repr(post) and "SECret" not in repr(channel) + repr(post)
    assert parse_qs(urlsplit(post.url).query)["access_token"] == ["T0ken"]


@pytest.mark.parametrize(
    ("type_", "status", "text", "reason"),
    [
        ("dingtalk", 200, '{"errcode": 310000, "errmsg": "T0ken"}', "code 310000"),
        ("feishu", 200, '{"code": 19021}', "code 19021"),
        ("feishu", 200, '{"StatusCode": 0}', ""),
        ("wecom", 200, "<html>", "the answer is not JSON"),
        ("wecom", 200, "[]", "no code in the answer"),
        ("slack", 404, "no_service", "HTTP 404"),
        ("webhook", 204, "", ""),
    ],
)
def test_the_answer_decides_and_its_text_is_not_repeated(type_: str, status: int, text: str, reason: str) -> None:
    assert refusal(type_, status, text) == reason
