"""Whatever is edited, applied in part or refused: what did not move outside is no drift, and what did always is.

ECSPLAN_DRIFT_SEEDS is how many histories are tried, ECSPLAN_DRIFT_MOVES how long each is.
"""

import os
import random
from pathlib import Path

import pytest

from tests.kinds.cloud import Cloud
from tests.support.history import TRAITS, History

SEEDS = int(os.environ.get("ECSPLAN_DRIFT_SEEDS", "6"))
MOVES = int(os.environ.get("ECSPLAN_DRIFT_MOVES", "10"))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_moved_outside_is_drift_and_nothing_else_ever_is(tmp_path: Path, seed: int) -> None:
    cloud = Cloud(tmp_path)
    history = History(cloud, random.Random(seed), {trait: trait.values[0] for trait in TRAITS if trait.must})
    history.apply()
    history.check()
    moves = [history.edit, history.edit, history.apply, history.meddle, history.meddle, history.apply_in_part,
             history.apply_refused]  # fmt: skip
    for _ in range(MOVES):
        history.chance.choice(moves)()
        history.check()
    cloud.service.close()
