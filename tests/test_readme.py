"""The commands of the README are the ones that CI runs, and the documented RAM policy is enough."""

import fnmatch
import json
import re
from pathlib import Path

from ecsplan import engine
from ecsplan.model.capabilities.conversion import Conversion
from ecsplan.model.capabilities.power import Power

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def sent_operations() -> set[tuple[str, str]]:
    """Every operation that the kinds' sources name, with its product."""
    found = set()
    for kind in engine.kinds().values():
        product = kind.product.value
        found |= {(product, kind.create.operation), (product, kind.delete.operation)}
        found |= {(product, u.operation) for u in kind.updates if u.operation}
        conversion = kind.capability(Conversion)
        if conversion:
            create = conversion.create
            found.add(((create.product or kind.product).value, create.operation))
        power = kind.capability(Power)
        if power:
            found |= {(product, str(power.start.operation)), (product, str(power.stop.operation))}
        for detail in kind.listing.details:
            found.add((detail.product.value, detail.operation))
        found.add((kind.listing.product.value, kind.listing.operation))
    return found


def test_the_ram_policy_covers_every_operation_of_the_kinds() -> None:
    policy = json.loads(re.findall(r"<!-- ram policy -->\n```json\n(.*?)```", OPERATIONS, re.DOTALL)[0])
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
