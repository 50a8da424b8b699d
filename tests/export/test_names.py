import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.engine import kinds
from ecsplan.export.names import block_name
from ecsplan.model.address import NAME_PATTERN

SHAPES = [prefix for kind in kinds().values() for prefix in kind.id_prefixes]


@pytest.mark.parametrize(
    ("cloud", "name"),
    [
        ("web", "web"),
        ("shop-web", "web"),
        ("shop", "shop"),
        ("Big Box 7", "Big_Box_7"),
        ("a.b/c", "a_b_c"),
        ("", "vpc"),
        ("数据库", "vpc"),
        ("7", "vpc_7"),
        ("7up", "_7up"),
        ("vpc-main", "vpc_main"),
        ("i-box", "i_box"),
        ("null", "vpc_null"),
        ("--x--", "x"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_name_is_made_of_the_cloud_s(cloud: str, name: str) -> None:
    assert block_name("vpc", cloud, "shop", (), SHAPES) == name


def test_no_two_are_alike() -> None:
    assert block_name("vpc", "web", "shop", {"web", "web_2"}, SHAPES) == "web_3"


@given(st.text(max_size=80), st.sampled_from(sorted(kinds())))
def test_every_name_is_one_and_no_id(cloud: str, kind: str) -> None:
    name = block_name(kind, cloud, "shop", (), SHAPES)

    assert NAME_PATTERN.match(name)
    assert not name.startswith(tuple(SHAPES))
