"""The names by which a provider was opened before it had a layer of its own; new code asks provider/ itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from ecsplan.kinds import load_kinds
from ecsplan.model.call import Api
from ecsplan.provider.alibaba import clock_of as clock_of
from ecsplan.provider.alibaba import opened
from ecsplan.provider.protocol import Provider

Lists = Provider


@contextmanager
def lists(api: Api, parallelism: int = 10) -> Iterator[Provider]:
    with opened(api, load_kinds(), parallelism) as source:
        yield source
