"""A rollout whose third member is not well, killed before and after every call: at most three are touched, none is off.

`ECSPLAN_SWEEP` (sizes.py) sets how many of the points are tried.
"""

from pathlib import Path

import pytest

from tests.engine.test_rollouts import fleet, off, types, unwell
from tests.kinds.cloud import Cloud
from tests.survival.sizes import chosen

SIZE = 5
OLD = fleet("ecs.g7.large", size=SIZE, rollout="max_unavailable: 1, canary: [1, 50%]")
NEW = OLD.replace("ecs.g7.large", "ecs.g7.xlarge")
POINTS = 3  # of every test run


class Killed(BaseException):
    """The process is gone."""


def calls_of(cloud: Cloud, new: str = NEW) -> int:
    counted = [0]
    real = cloud.service.handle

    def handle(request):  # type: ignore[no-untyped-def]
        counted[0] += 1
        return real(request)

    cloud.service.handle = handle  # type: ignore[method-assign]
    cloud.try_apply(new)
    return counted[0]


def started(folder: Path, old: str = OLD) -> Cloud:
    folder.mkdir()
    cloud = Cloud(folder)
    cloud.apply(old)
    cloud.clock.advance(120)
    unwell(cloud, "*-0002")
    return cloud


def killed_at(cloud: Cloud, number: int, is_answered: bool, new: str = NEW) -> None:
    real, counted = cloud.service.handle, [0]

    def handle(request):  # type: ignore[no-untyped-def]
        counted[0] += 1
        if counted[0] == number and not is_answered:
            raise Killed
        answer = real(request)
        if counted[0] == number:
            raise Killed
        return answer

    cloud.service.handle = handle  # type: ignore[method-assign]
    with pytest.raises(Killed):
        cloud.try_apply(new)
    cloud.service.handle = real  # type: ignore[method-assign]


def test_killed_anywhere_it_touches_no_more_and_leaves_none_off(tmp_path: Path) -> None:
    cloud = started(tmp_path / "whole")
    count = calls_of(cloud)
    cloud.service.close()
    wrong = []
    points = [(number, is_answered) for number in range(1, count) for is_answered in (False, True)]
    for number, is_answered in chosen(points, POINTS):
        cloud = started(tmp_path / f"{number}-{is_answered}")
        killed_at(cloud, number, is_answered)
        for _ in range(2):
            cloud.clock.advance(300)
            report = cloud.try_apply(NEW)
        touched = types(cloud).count("ecs.g7.xlarge")
        if report.is_complete or touched != 3 or off(cloud):
            wrong.append((number, is_answered, touched, off(cloud)))
        cloud.service.close()
    assert not wrong


BACK = "max_unavailable: 1, canary: [1, 50%], on_failure: roll_back"


def test_killed_anywhere_a_wave_that_is_rolled_back_leaves_none_off(tmp_path: Path) -> None:
    """A run that was killed takes nothing back: the next one finds the member unwell, and changes nothing; or it makes
    the change anew, and takes that back."""
    old = fleet("ecs.g7.large", size=SIZE, rollout=BACK)
    new = old.replace("ecs.g7.large", "ecs.g7.xlarge")
    cloud = started(tmp_path / "whole", old)
    count = calls_of(cloud, new)
    assert types(cloud).count("ecs.g7.xlarge") == 2
    cloud.service.close()
    wrong = []
    points = [(number, is_answered) for number in range(1, count) for is_answered in (False, True)]
    for number, is_answered in chosen(points, 2, seed=15):
        cloud = started(tmp_path / f"{number}-{is_answered}", old)
        killed_at(cloud, number, is_answered, new)
        for _ in range(2):
            cloud.clock.advance(300)
            report = cloud.try_apply(new)
        touched = types(cloud).count("ecs.g7.xlarge")
        if report.is_complete or touched not in (2, 3) or off(cloud):
            wrong.append((number, is_answered, touched, off(cloud)))
        cloud.service.close()
    assert not wrong
