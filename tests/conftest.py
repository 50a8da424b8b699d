"""What holds for all tests: no test passes or fails by how fast the machine is.

ECSPLAN_FUZZ is how many examples each property is tried with; 100 without it.
"""

import os
import tempfile

from hypothesis import HealthCheck, settings

os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="ecsplan-tests-")  # nothing is kept in the home of who tests
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    max_examples=int(os.environ.get("ECSPLAN_FUZZ", "100")),
)
settings.load_profile("any machine")
