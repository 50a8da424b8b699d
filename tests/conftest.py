"""What holds for all tests: no test passes or fails by how fast the machine is.

ECSPLAN_FUZZ is how many examples each property is tried with; 100 without it.
"""

import os
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from ecsplan.executor import wait

os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="ecsplan-tests-")  # nothing is kept in the home of who tests
# A run that is tested by the clock of the machine looks at once at what the emulator made: a second for each adds up to
# minutes. Tests of the waiting itself ask for `first_look`.
FIRST_LOOK, wait.FIRST = wait.FIRST, wait.QUICK
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    max_examples=int(os.environ.get("ECSPLAN_FUZZ", "100")),
)
settings.load_profile("any machine")


@pytest.fixture(scope="module")
def first_look() -> Iterator[None]:
    """The first look comes when it does for users."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wait, "FIRST", FIRST_LOOK)
        yield
