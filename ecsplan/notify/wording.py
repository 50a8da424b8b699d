"""The text of a channel: what others named made harmless in its dialect, put into a template, cut to its limit. Pure.

A template of the user sees harmless texts only: no name and no error message can break what it lays out.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from msgspec import Struct

from ecsplan.model.copying import replace
from ecsplan.model.notice import Notice
from ecsplan.model.unseen import spelled
from ecsplan.notify.channels import Channel

_JOINER = "\u2060"  # of no width: what it parts is no link any more
_ACTIVE = str.maketrans({"*": "＊", "`": "｀", "~": "～", "<": "＜", ">": "＞", "#": "＃", "!": "！", "|": "｜",
                         "@": "＠", "&": "＆", "\\": "＼", "$": "＄", "{": "｛", "}": "｝"})  # fmt: skip
_SLACK = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "＊", "`": "｀", "~": "～", "@": "＠"})
_LINKS = re.compile(r"(?<=\])(?=[(:\[])|(?<=:)(?=//)|(?<=[wW]{3})(?=\.)|(?<=mailto)(?=:)")
_EMPHASIS = re.compile(r"(?<!\w)_|_(?!\w)")
_BEGINNING = re.compile(r"^(?=[-+=\d])")
_LONGEST_LINE = 500
_LONGEST_TEMPLATE_TEXT = 200_000

_CHINESE_CHATS = """### {{ title }}
{% for notice in notices %}
**{{ notice.headline }}**
{% for line in notice.lines %}
- {{ line }}
{%- endfor %}
{% if notice.link %}
[{{ notice.stack }}]({{ notice.link }})
{% endif %}
{%- endfor %}
"""
_SLACK_TEXT = """*{{ title }}*
{% for notice in notices %}
*{{ notice.headline }}*
{% for line in notice.lines %}
• {{ line }}
{%- endfor %}
{% if notice.link %}
<{{ notice.link }}|{{ notice.stack }}>
{% endif %}
{%- endfor %}
"""
_PLAIN = """{{ title }}
{% for notice in notices %}
{{ notice.headline }}
{% for line in notice.lines %}
  {{ line }}
{%- endfor %}
{% if notice.link %}
{{ notice.link }}
{% endif %}
{%- endfor %}
"""


def _neutral(text: str) -> str:
    """Markdown of DingTalk, Feishu and WeCom: nobody is mentioned, nothing becomes a link, a tag or a heading."""
    line = _EMPHASIS.sub("＿", spelled(text)[:_LONGEST_LINE].translate(_ACTIVE))
    return _BEGINNING.sub(_JOINER, _LINKS.sub(_JOINER, line))


def _for_slack(text: str) -> str:
    line = _EMPHASIS.sub("＿", spelled(text)[:_LONGEST_LINE].translate(_SLACK))
    return _LINKS.sub(_JOINER, line)


def _plain(text: str) -> str:
    return spelled(text)[:_LONGEST_LINE]


class Dialect(Struct, frozen=True):
    """`longest` is in bytes of UTF-8."""

    template: str
    harmless: Callable[[str], str]
    longest: int


DIALECTS: Mapping[str, Dialect] = {
    "dingtalk": Dialect(_CHINESE_CHATS, _neutral, 18_000),
    "feishu": Dialect(_CHINESE_CHATS, _neutral, 15_000),  # 20 KB with all that is around it
    "wecom": Dialect(_CHINESE_CHATS, _neutral, 4_096),
    "slack": Dialect(_SLACK_TEXT, _for_slack, 2_900),  # a block of text has 3,000 characters
    "webhook": Dialect(_PLAIN, _plain, 100_000),
    "email": Dialect(_PLAIN, _plain, 200_000),
}


class BadTemplate(ValueError):
    """The message says what is wrong with a template of the user."""


def title_of(notices: Sequence[Notice]) -> str:
    """`ecsplan: drift in web, db`; each message names ecsplan, which some chats ask for as a keyword."""
    kinds = {"approval": "approval needed for", "test": "test of", "drift": "drift in", "success": "applied",
             "failure": "failed:"}  # fmt: skip
    told = []
    for kind, words in kinds.items():
        stacks = list(dict.fromkeys(notice.stack for notice in notices if notice.kind == kind))
        more = f" and {len(stacks) - 3} more" if len(stacks) > 3 else ""
        told += [f"{words} {', '.join(stacks[:3])}{more}"] if stacks else []
    return _plain(f"ecsplan: {'; '.join(told)}")


def text_of(channel: Channel, notices: Sequence[Notice]) -> str:
    """Within the limit of the channel. Raises BadTemplate."""
    dialect = DIALECTS[channel.type]
    made = tuple(_harmless(notice, dialect.harmless) for notice in notices)
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)
    title = dialect.harmless(title_of(notices))
    try:
        template = environment.from_string(channel.template or dialect.template)
        pieces, length = [], 0
        for piece in template.generate(title=title, notices=made):
            pieces.append(piece)
            length += len(piece)
            if length > _LONGEST_TEMPLATE_TEXT:
                break
    except (TemplateError, ArithmeticError, TypeError, ValueError) as error:
        raise BadTemplate(f"{type(error).__name__}: {spelled(str(error))[:200]}") from None
    return cut("".join(pieces), dialect.longest)


def _harmless(notice: Notice, clean: Callable[[str], str]) -> Notice:
    return replace(
        notice, stack=clean(notice.stack), region=clean(notice.region), headline=clean(notice.headline),
        lines=tuple(clean(line) for line in notice.lines), link=_link(notice.link),
    )  # fmt: skip


def _link(url: str) -> str:
    allowed = url.isascii() and url.isprintable() and not set(url) & set(" ()<>[]|\"'`\\")
    return url if allowed and url.startswith(("https://", "http://")) and len(url) <= 1_000 else ""


def cut(text: str, longest: int) -> str:
    """At the end of a line, and said; `longest` is in bytes."""
    text = text.strip("\n") + "\n"
    if len(text.encode()) <= longest:
        return text
    kept, left, room = [], text.splitlines(), longest - 40
    while left and room - len(left[0].encode()) - 1 >= 0:
        room -= len(left[0].encode()) + 1
        kept.append(left.pop(0))
    return "\n".join([*kept, f"… and {len(left):,} more lines", ""])
