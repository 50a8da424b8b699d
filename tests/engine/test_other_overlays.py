"""A stack that was applied with an overlay, and is planned without it: the plan remarks on it."""

from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.engine import PlanOptions
from ecsplan.model.plan import Plan
from tests.kinds.cloud import Cloud

STACK = (
    "apiVersion: ecsplan/v1\nstack: shop\nregion: cn-hangzhou\nresources:\n  vpc: {main: {cidr_block: 10.0.0.0/16}}\n"
)
OVER = "resources:\n  vpc: {main: {description: of production}}\n"
SAID = "stack shop was applied with other overlays from here: over/production.yaml; this plan has none"


@pytest.fixture
def folder(cloud: Cloud) -> Path:
    (cloud.folder / "stack.yaml").write_text(STACK)
    (cloud.folder / "over").mkdir()
    for name in ("production.yaml", "staging.yaml"):
        (cloud.folder / "over" / name).write_text(OVER)
    return cloud.folder


def planned(cloud: Cloud, *overlays: str, path: str = "stack.yaml") -> Plan:
    names = [str(cloud.folder / "over" / name) for name in overlays]
    stack = engine.load(str(cloud.folder / path), overlays=names, environ={})
    return engine.plan(stack, cloud.api, PlanOptions(state_dir=str(cloud.folder / ".ecsplan")))


def remarks(plan: Plan) -> list[str]:
    return [warning.summary for warning in plan.warnings if "overlays" in warning.summary]


def test_a_plan_without_the_overlay_of_the_last_apply_says_so(cloud: Cloud, folder: Path) -> None:
    cloud.apply(planned(cloud, "production.yaml"))
    assert remarks(planned(cloud)) == [SAID]
    assert remarks(planned(cloud, "staging.yaml")) == [SAID.replace("none", "over/staging.yaml")]
    assert remarks(planned(cloud, "production.yaml")) == []


def test_the_overlay_is_the_same_from_wherever_it_is_named(
    cloud: Cloud, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.apply(planned(cloud, "production.yaml"))
    monkeypatch.chdir(folder)
    stack = engine.load(".", overlays=["./over/production.yaml"], environ={})
    assert stack.overlays == ("over/production.yaml",)
    assert remarks(engine.plan(stack, cloud.api, PlanOptions(state_dir=".ecsplan"))) == []


def test_a_saved_plan_is_noted_with_its_overlays(cloud: Cloud, folder: Path) -> None:
    cloud.apply(engine.load_plan(engine.save_plan(planned(cloud, "production.yaml"))))
    assert remarks(planned(cloud)) == [SAID]


def test_an_apply_without_it_is_the_state_from_then_on(cloud: Cloud, folder: Path) -> None:
    cloud.apply(planned(cloud, "production.yaml"))
    (folder / "stack.yaml").write_text(STACK.replace("16}", "16, description: of all}"))
    cloud.apply(planned(cloud))
    assert remarks(planned(cloud)) == []
    (told,) = remarks(planned(cloud, "production.yaml"))
    assert told.endswith("from here: none; this plan has over/production.yaml")


@pytest.mark.parametrize("is_destroyed", [True, False], ids=["destroyed", "from a fresh checkout"])
def test_where_nothing_is_known_of_what_lives_nothing_is_said(cloud: Cloud, folder: Path, is_destroyed: bool) -> None:
    if is_destroyed:
        cloud.apply(planned(cloud, "production.yaml"))
        stack = engine.load(str(folder / "stack.yaml"), environ={})
        cloud.apply(engine.plan(stack, cloud.api, PlanOptions(destroy=True, state_dir=str(folder / ".ecsplan"))))
    assert remarks(planned(cloud)) == []
