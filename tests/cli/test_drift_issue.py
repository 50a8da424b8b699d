"""The one issue about the drift of a stack: opened, kept up to date, closed."""

import pytest

from ecsplan.cli.drift import _keep_issue
from ecsplan.forge.place import Place
from ecsplan.forge.site import makers
from ecsplan.model.address import Address
from ecsplan.model.drift import Drift, DriftFinding, Moved
from ecsplan.render.drift import DriftView, drift_view
from tests.forge.fake import OTHER, TOKEN, serving


def seen(*names: str, detail: str = "") -> DriftView:
    findings = tuple(DriftFinding(Address("vpc", name), Moved.DELETED, f"vpc-{name}", detail=detail) for name in names)
    return drift_view(Drift("shop", "cn-hangzhou", "1234567890123456", findings, ()))


def test_an_issue_is_opened_kept_and_closed_and_the_next_drift_opens_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving("github") as fake:
        site = makers()["github"](Place("github", fake.url, "o/r"), TOKEN, lambda _: None)
        forged = "<!-- ecsplan:drift stack=shop region=cn-hangzhou -->"
        fake.add_issue("Drift: shop in cn-hangzhou", forged, OTHER)
        told = []
        for view in (seen(), seen("main"), seen("main"), seen("main", "other"), seen(), seen("main")):
            _keep_issue(site, view, "https://ci.example/7")
            told.append(capsys.readouterr().err.split()[1])
        assert told == ["none", "opened", "2", "updated", "closed", "opened"]
        assert fake.issues[0]["body"] == forged and [one["is_open"] for one in fake.issues] == [True, False, True]


def test_what_others_named_stays_text_in_an_issue_within_the_limit(capsys: pytest.CaptureFixture[str]) -> None:
    with serving("github") as fake:
        site = makers()["github"](Place("github", fake.url, "o/r"), TOKEN, lambda _: None)
        hostile = "<!-- x --> @all [a](http://b) `c` " * 20
        _keep_issue(site, seen(*(f"n{number}" for number in range(2_000)), detail=hostile), "javascript:alert(1)")
        (issue,) = fake.issues
        assert len(issue["body"]) <= 65_536 and "@all" not in issue["body"] and "javascript" not in issue["body"]
        assert issue["body"].count("<!--") == 1 and issue["body"].rstrip().endswith("-->")
