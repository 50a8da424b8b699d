"""The comment of a pull request stays within the limit of its site, whatever the names and the texts in it are."""

import pytest

from ecsplan.model.copying import replace
from ecsplan.model.ruling import Ruling
from ecsplan.render.comment import comment_body, problems_told, told_of
from ecsplan.render.view import view
from tests.render.fleet import fleet

HOSTILE = (
    "<!--",
    "`" * 9,
    "@all ",
    "\u202e",
    "\U000e0041",
    "![x](http://e.example/)",
    "|",
    "\n\n# a\n\n",
    "#1 ",
    "</details>",
    "&*_~<",
)
LIMITS = (65_536, 65_535, 30_000)
BIG = told_of(view(fleet(2_000)), Ruling())


@pytest.mark.parametrize("piece", HOSTILE, ids=lambda piece: repr(piece)[:9])
@pytest.mark.parametrize("longest", LIMITS)
def test_no_text_makes_it_longer_than_its_site_takes(piece: str, longest: int) -> None:
    text = piece * 40_000
    plan = replace(BIG, ruling=(text,) * 20)
    for told in (plan, problems_told("shop", "cn-hangzhou", text), problems_told(text[:200], text[:200], text)):
        body = comment_body(told, "https://ci.example/" + "a" * 900, "<!-- mark -->", text, longest)
        assert len(body) <= longest and body.count("\n") > 5
        assert body.endswith("\n<!-- mark -->\n")


def test_a_plan_that_is_too_long_fills_what_is_there() -> None:
    assert 0.9 * 65_000 < len(comment_body(BIG, "", "<!-- mark -->", "1 new", 65_536)) <= 65_536


def test_what_is_too_long_in_one_line_is_cut_and_not_left_out() -> None:
    body = comment_body(problems_told("shop", "cn-hangzhou", "no such file " * 5_000), "", "<!-- mark -->", "")
    assert body.count("no such file") > 500
