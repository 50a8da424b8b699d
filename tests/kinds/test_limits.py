"""Every row of the table of limits, against the file and against the emulator, which has a copy of its own.

A value just within a limit is taken, one just beyond it is an offline error at its line and column, and the emulator
refuses it with the documented code.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ecsplan.config.stack_reader import read_stack
from ecsplan.kinds._limits import LIMITS
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.limits import Computed, Limit
from tests.kinds.cloud import Cloud
from tests.kinds.limits import KINDS, World, document


def samples(*, is_beyond: bool) -> Iterator[Any]:
    for limit in LIMITS:
        values = beyond(limit) if is_beyond else within(limit)
        yield from (pytest.param(limit, value, id=f"{named(limit)} {str(value)[:24]}") for value in values)


def within(limit: Limit) -> list[Any]:
    return [limit.rule.sample[1]] if isinstance(limit.rule, Computed) else list(limit.rule.within())


def beyond(limit: Limit) -> list[Any]:
    return [limit.rule.sample[1] + 1] if isinstance(limit.rule, Computed) else list(limit.rule.beyond())


def named(limit: Limit) -> str:
    case = " ".join(f"{name}={next(iter(value))}" for name, value in limit.when.items())
    return f"{limit.path} {case}".strip()


def refused(limit: Limit, value: Any, folder: Any) -> tuple[Diagnostic, ...]:
    path = folder / "stack.yaml"
    head = {"apiVersion": "ecsplan/v1", "stack": "demo", "region": "cn-hangzhou"}
    path.write_text(json.dumps({**head, "resources": document(limit, value)}, indent=1, ensure_ascii=False))
    try:
        read_stack(str(path), KINDS)
    except Rejected as rejected:
        return rejected.diagnostics
    return ()


@pytest.mark.parametrize(("limit", "value"), list(samples(is_beyond=False)))
def test_what_a_limit_allows_is_taken(limit: Limit, value: Any, tmp_path: Any) -> None:
    assert refused(limit, value, tmp_path) == ()


@pytest.mark.parametrize(("limit", "value"), list(samples(is_beyond=True)))
def test_what_is_beyond_a_limit_is_refused_offline_at_its_place(limit: Limit, value: Any, tmp_path: Any) -> None:
    (found,) = refused(limit, value, tmp_path)
    assert found.source is not None
    line = (tmp_path / "stack.yaml").read_text().splitlines()[found.source.line - 1]
    member = limit.attribute.rpartition("[].")[2].rpartition(".")[2]
    assert f'"{member}"' in line or json.dumps(value, ensure_ascii=False).strip("[]{}") in line.strip(" ,")
    assert found.detail or " is not " in found.summary  # which says what to write; no second line repeats it


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(Cloud(tmp_path_factory.mktemp("limits")))


REFUSED = [limit for limit in LIMITS if not limit.is_ignored]


@pytest.mark.parametrize("limit", REFUSED, ids=named)
def test_the_emulator_refuses_what_is_beyond_a_limit(limit: Limit, world: World) -> None:
    taken, otherwise = [], []
    for value in beyond(limit):
        refusal = world.refusal(limit, value)
        if refusal is None:
            taken.append(value)
        elif limit.refusal and refusal not in limit.refusal:
            otherwise.append(refusal)
    assert (taken, otherwise) == ([], [])
