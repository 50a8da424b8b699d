"""A plan as one HTML file: no network, no handler in the markup, no script but the one whose hash the file names.

The summary is in the markup, so that it is seen at once; the rest is drawn from JSON by the script.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

from ecsplan.model.attribute import Impact
from ecsplan.model.price import Prices
from ecsplan.model.unseen import spelled
from ecsplan.render.page.data import impact_key, page_data
from ecsplan.render.page.texts import LANGUAGES, TEXTS
from ecsplan.render.view import PlanView
from ecsplan.render.words import duration, short_account

SCRIPTS = ("core.js", "changes.js", "steps.js", "graph.js", "timeline.js", "sections.js", "main.js")

# What could end the element that the JSON stands in, or be read as a line break by an old script engine.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def plan_page(view: PlanView) -> str:
    """The whole file. Equal plans give equal files."""
    from jinja2 import Environment, StrictUndefined  # late: no other format needs it

    script, style = page_script(), _asset("page.css")
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return page.from_string(_asset("page.html.j2")).render(
        t={key: texts[0] for key, texts in TEXTS.items()},
        languages=LANGUAGES,
        policy=content_policy(script, style),
        script=script,
        style=style,
        data=embedded(page_data(view)),
        facts=_facts(view),
    )


def page_script() -> str:
    """All scripts as one, in a scope of its own."""
    return "(() => {\n" + "".join(_asset(name) for name in SCRIPTS) + "})();\n"


def content_policy(script: str, style: str) -> str:
    """Nothing is loaded, nothing is sent, and text never becomes markup or code."""
    return "; ".join((
        "default-src 'none'",
        f"script-src '{_hash(script)}'",
        f"style-src '{_hash(style)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ))  # fmt: skip


def embedded(document: Mapping[str, Any]) -> str:
    """JSON that means nothing to HTML, whatever is in it."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _facts(view: PlanView) -> dict[str, Any]:
    """What the markup shows without the script."""
    verdict, tone = _verdict(view)
    return {
        "stack": spelled(view.stack),
        "region": spelled(view.region),
        "account": short_account(spelled(view.account or "")),
        "digest": spelled(view.digest),
        "version": spelled(view.version),
        "until": f"{datetime.fromtimestamp(view.valid.until, UTC):%Y-%m-%d %H:%M} UTC" if view.valid.until else "",
        "commit": spelled(view.valid.commit[:8]),
        "verdict": verdict,
        "tone": tone,
        "tags": [
            name
            for name, holds in (
                ("new_stack", view.is_new_stack), ("destroy", view.is_destroy), ("partial", view.is_part),
            )
            if holds
        ],
        "total": len(view.changes),
        "counts": [(name, count) for name, count in view.counts.items() if count],
        "impacts": [(impact_key(impact), _tone(impact), count) for impact, count in view.impacts.items()],
        "numbers": [
            (name, f"{count:,}")
            for name, count in (
                ("unchanged", view.unchanged), ("drifted", view.drifted), ("left_out", len(view.left_out)),
                ("live", view.live), ("calls", view.calls),
            )
            if count or name == "unchanged"
        ],
        "time": duration(view.seconds) if view.calls else "",
        "price": _price(view.prices),
    }  # fmt: skip


def _price(prices: Prices) -> str:
    """What the plan adds to a month, as far as it is known."""
    if not prices.lines:
        return ""
    return f"{prices.after - prices.before:+,.2f} {prices.currency}" + (" + ?" if prices.unknown else "")


def _verdict(view: PlanView) -> tuple[str, str]:
    """What becomes of the plan if it is applied now, as a key of the texts, and how it looks."""
    if view.guards:
        return "verdict.refused", "danger"
    if view.ruling and (view.ruling.forbidden or view.ruling.faults):
        return "verdict.forbidden", "danger"
    if view.ruling and view.ruling.missing:
        return "verdict.approvals", "warn"
    if view.is_empty:
        return "verdict.nothing", "good"
    if max(view.impacts, default=Impact.NONE) > Impact.ACCESS:
        return "verdict.danger", "warn"
    return "verdict.ready", "good"


def _tone(impact: Impact) -> str:
    if impact >= Impact.NEW_ADDRESS:
        return "danger"
    return "warn" if impact > Impact.ACCESS else "note"
