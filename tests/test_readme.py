"""What the README says is true: its stacks are valid, its policy is enough, its commands are the ones that CI runs."""

import fnmatch
import json
import re
from pathlib import Path

import pytest

from ecsplan import engine

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
STACKS = [block for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "apiVersion" in block]


def stack_name(block: str) -> str:
    return re.findall(r"^stack: (\S+)", block, re.MULTILINE)[0]


@pytest.mark.parametrize("block", STACKS, ids=stack_name)
def test_a_stack_of_the_readme_is_valid(block: str, tmp_path: Path) -> None:
    path = tmp_path / "stack.yaml"
    path.write_text(block, encoding="utf-8")
    assert engine.load(str(path)).resources


@pytest.mark.parametrize("kind", sorted(engine.kinds()))
def test_every_kind_has_a_complete_example(kind: str, tmp_path: Path) -> None:
    name = f"example-{kind.replace('_', '-')}"
    found = [block for block in STACKS if stack_name(block) == name]
    assert len(found) == 1
    path = tmp_path / "stack.yaml"
    path.write_text(found[0], encoding="utf-8")
    assert any(resource.address.kind == kind for resource in engine.load(str(path)).resources)
    assert f"`{kind}`" in README


def sent_operations() -> set[tuple[str, str]]:
    """Every operation that the kinds' sources name, with its product."""
    found = set()
    for kind in engine.kinds().values():
        product = kind.product.value
        found |= {(product, kind.create.operation), (product, kind.delete.operation)}
        found |= {(product, u.operation) for u in kind.updates if u.operation}
        if kind.conversion:
            create = kind.conversion.create
            found.add(((create.product or kind.product).value, create.operation))
        if kind.power:
            found |= {(product, str(kind.power.start.operation)), (product, str(kind.power.stop.operation))}
        for detail in kind.listing.details:
            found.add((detail.product.value, detail.operation))
        found.add((kind.listing.product.value, kind.listing.operation))
    return found


def test_the_ram_policy_covers_every_operation_of_the_kinds() -> None:
    policy = json.loads(re.findall(r"<!-- ram policy -->\n```json\n(.*?)```", README, re.DOTALL)[0])
    allowed = policy["Statement"][0]["Action"]
    missing = {
        f"{product}:{operation}"
        for product, operation in sent_operations()
        if not any(fnmatch.fnmatch(f"{product}:{operation}", pattern) for pattern in allowed)
    }
    assert not missing


def test_the_commands_of_the_readme_are_those_that_ci_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert 'block "set up and test"' in script
    assert "<!-- set up and test -->\n```sh\n" in README
    assert "<!-- set up and run -->\n```sh\n" in README
