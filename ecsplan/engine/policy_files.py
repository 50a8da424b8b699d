"""Where the policy of a stack lies, and what it is asked with. Few stacks have one: what reads it is loaded late."""

from pathlib import Path

from msgspec import Struct

from ecsplan.files.repository import git_root
from ecsplan.model.plan import Plan
from ecsplan.model.ruling import Ruling

NAME = "ecsplan.policy.yaml"


class Asking(Struct, frozen=True):
    """Where policy, signers and approvals are looked for. `base` is a Git revision that the first two are read from.

    `folder` lies in the checkout (that of the stack, or of the plan file). `now` is in seconds since 1970.
    """

    folder: Path
    now: float
    policy: str = ""
    base: str = ""
    approvals: tuple[str, ...] = ()
    planfile: str = ""

    @property
    def path(self) -> Path | None:
        """Of the policy; None where there is none."""
        return Path(self.policy) if self.policy else policy_file(self.folder)


def ruling_on(plan: Plan, asking: Asking) -> Ruling:
    """See `engine.ruling`."""
    if asking.path is None:
        return Ruling()
    from ecsplan.engine.approving import ruling_on as by_policy

    return by_policy(plan, asking)


def policy_file(start: str | Path) -> Path | None:
    """The nearest policy file, from a folder or file up to the root of its repository."""
    here = Path(start).resolve()
    top = git_root(here if here.is_dir() else here.parent)
    for folder in (here, *here.parents):
        if (folder / NAME).is_file():
            return folder / NAME
        if str(folder) == top:
            break
    return None
