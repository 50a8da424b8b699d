"""The table of what is covered has what import and export know, no more and no less."""

import re
from pathlib import Path

from ecsplan import engine
from ecsplan.migrate.sorting import FOLDED
from ecsplan.migrate.table import NAMES

PAGE = (Path(__file__).parents[2] / "docs" / "coverage.md").read_text(encoding="utf-8")
COVERED, NOT_COVERED = PAGE.split("## Not covered")


def named(text: str) -> set[str]:
    return set(re.findall(r"`(alicloud_\w+)`", text.split("## Covered")[-1]))


def test_every_kind_stands_in_the_table() -> None:
    assert set(NAMES.values()) <= named(COVERED)
    assert set(engine.kinds()) <= set(re.findall(r"\| `(\w+)`", COVERED))


def test_what_is_covered_is_known_and_what_is_not_is_not() -> None:
    own = named(COVERED) - {"alicloud_ecs_instance_set"}
    assert {one for one in own if one not in NAMES.values() and one != "alicloud_image_copy"} <= set(FOLDED)
    assert not named(NOT_COVERED) & (set(NAMES.values()) | set(FOLDED))


def test_attributes_of_the_table_are_there() -> None:
    for kind, attribute in re.findall(r"`(\w+)\.(\w+)`", PAGE):
        assert attribute in {one.name.partition(".")[0] for one in engine.kinds()[kind].attributes}, (kind, attribute)
