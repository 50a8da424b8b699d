"""Names that the catalogue does not know: a warning offline, an error where the service does not know them either."""

from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.catalog.offline import built, remarks, zones
from ecsplan.config.stack_reader import read_stack
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


def unfit(folder: Path, more: str = "", **words: str) -> list[Diagnostic]:
    path = folder / "stack.yaml"
    path.write_text(STACK.format(**{**RIGHT, **words}) + more, encoding="utf-8")
    stack = read_stack(str(path), KINDS)
    return list(engine.remarks(stack))


@pytest.mark.parametrize(
    ("more", "words", "told", "line"),
    [
        ("", {"type": "ecs.g8y.large"}, "is for x86_64, and ecs.g8y.large is ARM", 12),
        ("", {"family": "acs:ubuntu_20_04_arm64"}, "is for arm64, and ecs.g7.large is x86", 12),
        ("      system_disk: {category: cloud_essd_entry, size: 40}\n", {}, "cloud_essd_entry disks go with", 15),
        ("      data_disks: {data: {category: cloud_essd_entry, size: 40}}\n", {}, "data_disks: cloud_essd_entry", 15),
        ("      system_disk: {category: ephemeral_ssd, size: 40}\n", {}, "no longer sold", 15),
    ],
)
def test_what_the_catalogue_says_does_not_go_together_is_a_warning(
    tmp_path: Path, more: str, words: dict[str, str], told: str, line: int
) -> None:
    (remark,) = unfit(tmp_path, more, **words)
    assert remark.severity is Severity.WARNING and told in remark.summary and built() in remark.summary
    assert remark.source is not None and remark.source.line == line


def test_what_goes_together_passes(tmp_path: Path) -> None:
    assert unfit(tmp_path) == []
    entry = "      system_disk: {category: cloud_essd_entry, size: 40}\n"
    assert unfit(tmp_path, entry, type="ecs.u1-c1m1.large") == []
    assert unfit(tmp_path, type="ecs.g8y.large", family="acs:ubuntu_20_04_arm64") == []
