"""Names that the catalogue does not know: a warning offline, an error where the service does not know them either."""

from pathlib import Path

import pytest

from ecsplan.catalog.offline import built, remarks, zones
from ecsplan.config.read import read_stack
from ecsplan.kinds import load_kinds
from ecsplan.model.diagnostic import Diagnostic, Severity

KINDS = load_kinds()
STACK = """\
apiVersion: ecsplan/v1
stack: field
region: {region}
resources:
  vpc: {{main: {{cidr_block: 10.0.0.0/16}}}}
  vswitch: {{app: {{vpc: main, zone: {zone}, cidr_block: 10.0.1.0/24}}}}
  security_group: {{web: {{vpc: main}}}}
  instance:
    web:
      count: 3
      instance_type: {type}
      image: {{family: "{family}"}}
      vswitch: app
      security_groups: [web]
"""
RIGHT = {"region": "cn-hangzhou", "zone": "cn-hangzhou-h", "type": "ecs.g7.large", "family": "acs:ubuntu_22_04_x64"}


def found(folder: Path, **words: str) -> list[Diagnostic]:
    path = folder / "stack.yaml"
    path.write_text(STACK.format(**{**RIGHT, **words}), encoding="utf-8")
    stack = read_stack(str(path), KINDS)
    return remarks(stack.resources, stack.region, KINDS)


def test_names_of_the_catalogue_pass(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "line", "near"),
    [
        ({"type": "ecs.g7.lrge"}, 11, "ecs.g7.large"),
        ({"zone": "cn-hangzhou-zz"}, 6, "cn-hangzhou-h"),
        ({"family": "acs:ubuntu_22_4_x64"}, 12, "acs:ubuntu_22_04_x64"),
    ],
)
def test_an_unknown_name_is_a_warning_with_its_place_and_a_near_one(
    tmp_path: Path, words: dict[str, str], line: int, near: str
) -> None:
    (remark,) = found(tmp_path, **words)  # once, and not once a member
    assert remark.severity is Severity.WARNING
    assert remark.source is not None and remark.source.line == line
    assert near in remark.detail and built() in remark.summary


@pytest.mark.parametrize("words", [{"family": "our-own"}, {"region": "cn-new-9", "zone": "cn-new-9a"}])
def test_nothing_is_said_of_what_no_catalogue_can_know(tmp_path: Path, words: dict[str, str]) -> None:
    assert found(tmp_path, **words) == []


def test_every_region_of_the_catalogue_has_zones() -> None:
    assert len(zones()) >= 29 and all(zones().values())
