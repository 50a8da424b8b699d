"""Names of regions: what may be one, and what a misspelt one may have meant."""

import pytest

from ecsplan.model.regions import KNOWN, Region, is_region, misspelt
from ecsplan.model.values import Mistake


@pytest.mark.parametrize("region", sorted(KNOWN))
def test_every_known_region_is_one(region):
    assert is_region(region) and misspelt(region) is None and Region().parse(region) == region


@pytest.mark.parametrize(
    "text",
    ["x@evil.example/", "evil.example/x?", "cn-hangzhou.evil", "cn-hangzhou\n", "x#", "x:1", "..", "", "CN/X", "cn"],
)
def test_nothing_that_could_name_another_host_is_a_region(text):
    assert not is_region(text)
    with pytest.raises(Mistake, match="is not a region"):
        Region().parse(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("cn-hangzho", "cn-hangzhou"),
        ("cn-hangzou", "cn-hangzhou"),
        ("cn-bejing", "cn-beijing"),
        ("us-eest-1", "us-east-1"),
    ],
)
def test_a_slip_of_the_keyboard_is_named(text, meant):
    assert misspelt(text) == meant
    with pytest.raises(Mistake) as caught:
        Region().parse(text)
    assert caught.value.detail == f"did you mean {meant}?"


@pytest.mark.parametrize("text", ["ap-southeast-8", "cn-shanghai-2", "sa-east-1", "cn-zhengzhou", "eu-west-12"])
def test_a_new_region_is_no_slip(text):
    assert misspelt(text) is None and Region().parse(text) == text
