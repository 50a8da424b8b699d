"""Several stacks that are read in one command, each with its turn at what is read once. Used by plan and drift."""

from collections.abc import Callable

from ecsplan.model.call import Api
from ecsplan.provider.cloud import cloud_of
from ecsplan.provider.shared import Memory, Turn


def in_turns(connect: Callable[[str], Api]) -> Callable[[str], Api]:
    """What gives each stack its own Api for a region, where all of them go one way and share what they read."""
    memory = Memory()
    connected: dict[str, Api] = {}

    def turn(region: str) -> Api:
        if region not in connected:
            connected[region] = cloud_of(connect(region))
        return Turn(connected[region], memory)

    return turn
