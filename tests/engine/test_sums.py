"""Every number of a plan and of a report adds up, and is the same as text, JSON, Markdown and events.

Over random histories of edits, partial applies, refused calls and changes by hand; ECSPLAN_SUMS_SEEDS is how many.
"""

import os
import random
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ecsplan.model.plan import Plan, Report
from tests.kinds.cloud import Cloud
from tests.support.history import TRAITS, History
from tests.support.sums import of_plan, of_report

SEEDS = int(os.environ.get("ECSPLAN_SUMS_SEEDS", "4"))
MOVES = int(os.environ.get("ECSPLAN_DRIFT_MOVES", "10"))


@pytest.mark.parametrize("seed", range(100, 100 + SEEDS))
def test_what_is_announced_is_what_is_told_in_every_format(tmp_path: Path, seed: int) -> None:
    cloud = Cloud(tmp_path)
    history = History(cloud, random.Random(seed), {trait: trait.values[0] for trait in TRAITS if trait.must})
    apply, told = cloud.try_apply, 0

    def checked(what: Any, **options: Any) -> Report:
        nonlocal told
        plan = what if isinstance(what, Plan) else cloud.plan(what)
        report = apply(plan, **options)
        assert of_plan(plan) + of_report(plan, report) == [], "\n".join(history.told)
        told += 1
        return report

    with mock.patch.object(cloud, "try_apply", checked):
        history.apply()
        moves = [history.edit, history.edit, history.edit, history.apply_in_part, history.apply_refused,
                 history.apply_refused, history.meddle]  # fmt: skip
        for _ in range(MOVES):
            history.chance.choice(moves)()
        history.apply()
    cloud.service.close()
    assert told >= 2
