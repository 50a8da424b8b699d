"""Where a value comes from."""

from pathlib import Path

import pytest

from ecsplan.config.stack_reader import Options
from ecsplan.config.tracing import trace
from ecsplan.kinds import load_kinds
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.origin import Origin, Trace

KINDS = load_kinds()
STACK = """\
apiVersion: ecsplan/v1
stack: demo
region: cn-hangzhou
variables:
  size: {default: 40}
  team: {default: ops}
locals:
  twice: ${size * 2}
defaults:
  tags: {team: "${team}"}
  disk: {category: cloud_essd}
resources:
  disk:
    data: {zone: cn-hangzhou-h, size: "${twice}", tags: {role: data}}
    log: {zone: cn-hangzhou-h, size: 20, category: cloud_efficiency, count: 2}
"""
OVER = "resources: {disk: {log: {size: 30}}}\n"


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    (tmp_path / "stack.yaml").write_text(STACK)
    (tmp_path / "over.yaml").write_text(OVER)
    return tmp_path / "stack.yaml"


def why(stack: Path, subject: str, **more: object) -> Trace:
    return trace(str(stack), KINDS, Options(**more), subject)  # type: ignore[arg-type]


def lines(origins: tuple[Origin, ...]) -> list[str]:
    return [
        f"{o.source.line if o.source else '-'} {o.layer}: {o.text}{'' if o.counts else ' (not used)'}" for o in origins
    ]


def test_a_value_is_followed_through_locals_to_the_variable_and_its_default(stack: Path) -> None:
    found = why(stack, "disk.data.size")
    assert found.value == 80
    assert lines(found.layers) == ["14 the stack: ${twice}"]
    assert lines(found.names) == ["8 local twice: ${size * 2}", "5 variable size, its default: 40"]


def test_a_variable_that_was_given_wins_over_its_default(stack: Path) -> None:
    found = why(stack, "disk.data.size", variables=("size=50",), environ={"ECSPLAN_VAR_size": "45"})
    assert found.value == 100
    assert lines(found.names)[1:] == [
        "- variable size, from --var size: 50",
        "5 variable size, its default: 40 (not used)",
    ]


def test_an_overlay_wins_over_the_stack_and_the_block_over_defaults(stack: Path) -> None:
    over = str(stack.parent / "over.yaml")
    assert lines(why(stack, "disk.log[1].size", overlays=(over,)).layers) == [
        "15 the stack: 20 (not used)",
        f"1 overlay {over}: 30",
    ]
    assert lines(why(stack, "disk.log[0].category").layers) == [
        "11 defaults of the stack: cloud_essd (not used)",
        "15 the stack: cloud_efficiency",
    ]
    assert lines(why(stack, "disk.data.category").layers) == ["11 defaults of the stack: cloud_essd"]


def test_maps_are_merged_and_one_key_has_one_origin(stack: Path) -> None:
    whole = why(stack, "disk.data.tags")
    assert whole.value == (("role", "data"), ("team", "ops")) and [one.counts for one in whole.layers] == [True, True]
    one = why(stack, "disk.data.tags.team")
    assert one.value == "ops" and lines(one.layers) == ["10 defaults of the stack: ${team}"]


def test_what_an_environment_says(stack: Path) -> None:
    more = "environments: {prod: {resources: {disk: {log: {size: 60}}}}, test: {}}\n"
    stack.write_text(STACK + more)
    assert lines(why(stack, "disk.log.size", environment="prod").layers) == [
        "15 the stack: 20 (not used)",
        "16 environment prod: 60",
    ]


def test_what_the_stack_does_not_declare(stack: Path) -> None:
    assert why(stack, "disk.data.description").layers == ()
    with pytest.raises(Rejected, match="the stack declares no"):
        why(stack, "disk.dta.size")
    with pytest.raises(Rejected, match="is not an attribute"):
        why(stack, "disk")
