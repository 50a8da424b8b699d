"""The result of a read by id: made by inventory/read.py, taken in by those who wait."""

from msgspec import Struct, field

from ecsplan.model.algebra import Raw
from ecsplan.model.call import ApiError


class Look(Struct):
    """An id in neither mapping is not there; of those in `unknown` the read failed, and nothing was told."""

    found: dict[str, Raw] = field(default_factory=dict)
    unknown: dict[str, ApiError] = field(default_factory=dict)
