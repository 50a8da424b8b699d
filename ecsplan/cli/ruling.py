"""The ruling of a policy on a plan, asked for with the options of a command, and enforced before anything is
written.
"""

import time
from pathlib import Path

from ecsplan import engine
from ecsplan.cli.options import Given
from ecsplan.cli.output import say
from ecsplan.engine.policy_files import Asking
from ecsplan.model.diagnostic import Refused
from ecsplan.model.plan import Plan
from ecsplan.model.power import PowerPlan
from ecsplan.model.reinit import ReinitPlan
from ecsplan.model.ruling import Ruling
from ecsplan.model.running import RunPlan


def asking_for(given: Given, planfile: str = "") -> Asking:
    """A saved plan may lie anywhere: its policy is that of the folder in which the command runs."""
    folder = Path.cwd() if planfile else Path(given.path)
    return Asking(
        folder if folder.is_dir() else folder.parent,
        time.time(),
        given.policy or "",
        given.base or "",
        given.approvals,
        planfile,
    )


def say_what_the_policy_asks(ruling: Ruling) -> None:
    """On stderr, with the plan: reviewers see what apply will want."""
    for finding in ruling.findings:
        say(f"policy: {finding.text}")


def refuse_an_operation_by_policy(plan: PowerPlan | ReinitPlan | RunPlan, live: int, given: Given) -> None:
    """Raises Refused with all that is forbidden for a power operation or disks put back, or needs approvals."""
    from ecsplan.engine.approving import refusals, ruling_on_operation

    found = ruling_on_operation(plan, live, asking_for(given))
    if not found.is_met:
        raise Refused(refusals(found))


def refuse_what_the_policy_forbids(plan: Plan, given: Given, planfile: str = "") -> Ruling:
    """Raises Refused with everything that is forbidden, and every approval that is missing."""
    found = engine.ruling(plan, asking_for(given, planfile))
    if not found.is_met:
        from ecsplan.engine.approving import refusals

        raise Refused(refusals(found))
    return found
