"""Environments of a stack: one is chosen, laid over the file, and is a stack of its own."""

import pytest

from ecsplan.config.syntax.layers import environments_of
from ecsplan.model.stack import Stack
from tests.config.workshop import Workshop

BASE = """
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
variables:
  width: {default: 1}
resources:
  net: {main: {}}
  box: {a: {net: main, size: "${width}"}}
"""
INLINE = """
environments:
  dev: {}
  prod:
    region: cn-beijing
    variables: {width: {default: 7}}
"""


def read(work: Workshop, text: str, **options: object) -> Stack:
    work.write("stack.yaml", text)
    return work.read("stack.yaml", **options)


def size_of(stack: Stack) -> object:
    return next(resource for resource in stack.resources if resource.address.kind == "box").attributes["size"]


def test_one_is_laid_over_the_file_and_is_a_stack_of_its_own(work: Workshop) -> None:
    dev, prod = (read(work, BASE + INLINE, environment=name) for name in ("dev", "prod"))
    assert [(stack.name, stack.region, size_of(stack)) for stack in (dev, prod)] == [
        ("shop-dev", "cn-hangzhou", 1), ("shop-prod", "cn-beijing", 7)
    ]  # fmt: skip
    assert (prod.environment, prod.siblings) == ("prod", ("shop-dev",))


def test_a_stack_with_environments_is_not_read_without_one(work: Workshop) -> None:
    found = work.refused(lambda: read(work, BASE + INLINE))
    assert "stack.yaml:11:1: error: the stack has environments, and none is named" in found
    assert "environments: dev, prod; name one: -e dev" in found


@pytest.mark.parametrize("text", [BASE, BASE + INLINE])
def test_one_that_the_stack_does_not_have_is_refused(work: Workshop, text: str) -> None:
    assert "-e prd: the stack has no such environment" in work.refused(lambda: read(work, text, environment="prd"))


def test_a_slip_in_the_name_gets_the_nearest(work: Workshop) -> None:
    assert "did you mean prod?" in work.refused(lambda: read(work, BASE + INLINE, environment="prd"))


def test_one_may_be_a_file_or_folder_below_the_stack(work: Workshop) -> None:
    work.write("prod/a.yaml", "variables: {width: {default: 3}}\n")
    work.write("dev.yaml.txt", "")
    stack = read(work, BASE + "environments: {prod: prod}\n", environment="prod")
    assert (stack.name, size_of(stack)) == ("shop-prod", 3)
    assert environments_of(str(work.folder / "stack.yaml"), ()) == ("prod",)


def test_one_may_have_a_name_of_its_own_for_its_stack(work: Workshop) -> None:
    text = BASE + "environments: {prod: {stack: web}, dev: {}}\n"
    assert [read(work, text, environment=name).name for name in ("prod", "dev")] == ["web", "shop-dev"]


@pytest.mark.parametrize("other", ["{stack: shop-dev}", "other.yaml"])
def test_two_that_would_be_one_stack_are_refused_whichever_is_chosen(work: Workshop, other: str) -> None:
    work.write("other.yaml", "stack: shop-dev\n")
    text = BASE + f"environments: {{dev: {{}}, prod: {other}}}\n"
    for name in ("dev", "prod"):
        found = work.refused(lambda name=name: read(work, text, environment=name))  # type: ignore[misc]
        assert "the environments dev and prod are the same stack, shop-dev" in found


def test_two_in_different_regions_may_have_one_name(work: Workshop) -> None:
    text = BASE + "environments: {a: {stack: web}, b: {stack: web, region: cn-beijing}}\n"
    assert read(work, text, environment="b").region == "cn-beijing"


def test_expressions_know_which_one_it_is(work: Workshop) -> None:
    text = BASE + INLINE + 'outputs: {where: "${stack.environment}"}\n'
    assert read(work, text, environment="prod").outputs == {"where": "prod"}


def test_an_overlay_of_the_command_line_is_laid_on_top(work: Workshop) -> None:
    over = work.write("over.yaml", "variables: {width: {default: 9}}\n")
    assert size_of(read(work, BASE + INLINE, environment="prod", overlays=(over,))) == 9


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("environments: [dev]\n", "environments is not a mapping of names"),
        ("environments: {dev: 3}\n", "environments.dev is not a mapping"),
        ("environments: {Dev: {}}\n", "is not a name for an environment"),
        ("environments: {dev: {environments: {}}}\n", "environments.dev has no key environments"),
        ("environments: {dev: {resources: {box: {a: {sise: 3}}}}}\n", "has no attribute sise"),
        ("environments: {dev: none.yaml}\n", "none.yaml"),
        ("environments: {dev: ../../../etc}\n", "etc"),
    ],
)
def test_what_is_wrong_with_one_is_said(work: Workshop, text: str, told: str) -> None:
    name = "Dev" if "Dev" in text else "dev"
    assert told in work.refused(lambda: read(work, BASE + text, environment=name))


def test_a_name_that_gets_too_long_is_said(work: Workshop) -> None:
    text = BASE.replace("shop", "a" * 60) + INLINE
    assert "is not a name for a stack" in work.refused(lambda: read(work, text, environment="prod"))


def test_an_overlay_has_no_environments(work: Workshop) -> None:
    over = work.write("over.yaml", "environments: {x: {}}\n")
    found = work.refused(lambda: read(work, BASE, overlays=(over,)))
    assert "an overlay has environments" in found
