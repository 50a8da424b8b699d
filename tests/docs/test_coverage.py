"""The table of what is covered is made of the kinds; the one beside it names all that is not, and nothing that is."""

import re
from pathlib import Path

from ecsplan import engine
from ecsplan.migrate.sorting import folded
from ecsplan.model.capabilities.terraform import kinds_by_type
from ecsplan.render.reference import without_covered

HERE = Path(__file__)
PAGE = (HERE.parents[2] / "docs" / "coverage.md").read_text(encoding="utf-8")
LISTED = (HERE.parent / "provider_resources.txt").read_text(encoding="utf-8").splitlines()
THEIRS = {line for line in LISTED if not line.startswith("#")}
OTHER_PRODUCTS = {"alicloud_cen_instance_grant"}
COVERED, NOT_COVERED = PAGE.split("## Not covered")


def named(text: str) -> set[str]:
    return set(re.findall(r"`(alicloud_\w+)`", text.split("## Covered")[-1]))


def test_every_kind_stands_in_the_table() -> None:
    assert set(engine.kinds()) <= set(re.findall(r"\| `(\w+)`", COVERED))


def test_what_is_covered_is_imported_and_what_is_not_is_not() -> None:
    known = set(kinds_by_type(engine.kinds())) | set(folded(engine.kinds()))
    assert named(COVERED) <= known
    assert not named(NOT_COVERED) & known


def test_all_that_the_other_tool_has_for_these_products_is_covered_or_said_not_to_be() -> None:
    known = set(kinds_by_type(engine.kinds())) | set(folded(engine.kinds()))
    assert THEIRS - known == named(NOT_COVERED) - OTHER_PRODUCTS


def test_attributes_of_the_table_are_there() -> None:
    for kind, attribute in re.findall(r"`(\w+)\.(\w+)`", PAGE):
        assert attribute in {one.name.partition(".")[0] for one in engine.kinds()[kind].attributes}, (kind, attribute)


def test_a_row_by_hand_goes_once_a_kind_covers_its_resources() -> None:
    page = "## Covered\n\n## Not covered\n\n| `alicloud_vpc`, `alicloud_x` | not yet |\n| `alicloud_eip` | why |\n"
    assert without_covered(page, engine.kinds()) == "## Covered\n\n## Not covered\n\n| `alicloud_x` | not yet |\n"
