"""The schema for editors against the validator: whatever the validator takes must be valid there."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ecsplan.config.resources.stack_schema import schema_text, stack_schema
from ecsplan.config.syntax.nodes import plain
from ecsplan.config.syntax.yaml_reader import parse
from ecsplan.kinds import load_kinds
from ecsplan.model.kind import Kinds
from tests.config.workshop import HEADER, SMALL_KINDS, Workshop

ROOT = Path(__file__).parents[3]

GOOD = [
    "",
    "variables: {a: {type: integer, default: 1}, s: {env: A, version: 1}, m: {default: {}}}\n",
    "defaults: {tags: {a: b}, box: {size: 3, disk: {size: 40}}}\nresources: {box: {a: {}}}\n",
    "resources:\n  net:\n    a:\n  box:\n",
    "resources: {box: {a: {count: 2, size: 1, note: 'x ${index}', lifecycle: {rollout: {max_unavailable: 10%}}}}}\n",
    "resources: {box: {a: {for_each: [x], size: '${1}', on: '${true}', hints: '${[]}', tags: '${ {} }'}}}\n",
    "resources: {box: {a: {size: 1, password: {env: A, version: 1}, script: echo, adopt: box-1}}}\n",
    "resources: {box: {a: {size: 1, net: {stack: s, name: n}, image: debian, flavour: '${\"small\"}'}}}\n",
    "resources: {box: {a: {size: 1, net: {lookup: {name: n, tags: {a: b}}}, depends_on: [net.n]}}, net: {n: }}\n",
    "resources: {wall: {w: {rules: [{port: 1, wall: w}, {port: '${2}'}]}, v: {rules: null}}}\n",
    "resources: {wall: {w: {rules: [{for: 'p in ${[1, 2]}', port: '${p}'}]}}}\n",
    "resources: {net: {a: {cidr: null, lifecycle: {timeouts: {create: 10m, delete: 5}, ignore_changes: [tags]}}}}\n",
    "resources: {net: {a: {}}}\nmoved: [{from: net.b, to: net.a}]\nreleased: [net.c]\noutputs: {o: '${net.a.id}'}\n",
]

BAD = [
    "nope: 1\n",
    "resources: {bocks: {}}\n",
    "resources: {box: {a: {size: x}}}\n",
    "resources: {box: {a: {size: 1, sice: 2}}}\n",
    "resources: {box: {a: {size: 1, disk: {size: 1, sice: 2}}}}\n",
    "resources: {box: {a: {size: 1, password: hunter2}}}\n",
    "resources: {box: {a: {size: 1, public_ip: 10.0.0.1}}}\n",
    "resources: {box: {a: {size: 1, lifecycle: {prevent: true}}}}\n",
    "resources: {box: {1a: {size: 1}}}\n",
    "resources: {box: {a: {size: 1, flavour: huge}}}\n",
    "resources: {wall: {w: {rules: [{port: 0}]}}}\n",
    "defaults: {tag: {}}\n",
    "moved: [{from: net.a}]\n",
]


def faults(schema: dict[str, Any], text: str) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema)
    return [error.message for error in validator.iter_errors(plain(parse(text, "s.yaml")))]


@pytest.mark.parametrize("body", GOOD)
def test_what_the_validator_takes_is_valid(work: Workshop, body: str) -> None:
    work.stack(body)
    assert faults(stack_schema(SMALL_KINDS), HEADER + body) == []


@pytest.mark.parametrize("body", BAD)
def test_what_an_editor_can_see_is_not_valid(work: Workshop, body: str) -> None:
    assert work.refused(body)
    assert faults(stack_schema(SMALL_KINDS), HEADER + body)


@pytest.mark.parametrize("kinds", [SMALL_KINDS, load_kinds()])
def test_it_is_a_schema_with_nothing_left_open(kinds: Kinds) -> None:
    schema = stack_schema(kinds)
    jsonschema.Draft202012Validator.check_schema(schema)
    known = {"#", *(f"#/$defs/{name}" for name in schema["$defs"])}
    assert set(references_in(schema)) <= known


def references_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for inner in value.values() for ref in references_in(inner)]
    return [ref for inner in value for ref in references_in(inner)] if isinstance(value, list) else []


def test_every_attribute_is_described_and_completed() -> None:
    kinds = load_kinds()
    properties = stack_schema(kinds)["$defs"]["kind-instance"]["properties"]
    assert properties["instance_type"]["description"].startswith("The instance type.")
    assert set(properties["system_disk"]["properties"]) >= {"category", "size"}
    assert "public_ip" not in properties


def test_the_examples_of_the_kinds_are_valid() -> None:
    for name, kind in load_kinds().items():
        text = HEADER + f"resources: {{{name}: {{x: {{}}}}}}\n"
        document = plain(parse(text, "s.yaml"))
        document["resources"][name]["x"] = dict(kind.example)
        assert not list(jsonschema.Draft202012Validator(stack_schema(load_kinds())).iter_errors(document)), name


def test_the_schema_in_the_repository_is_up_to_date() -> None:
    """Written by `ecsplan schema`."""
    assert (ROOT / "schemas" / "stack.schema.json").read_text(encoding="utf-8") == schema_text(load_kinds())
