"""The two answers to drift: a plan that puts it back, and a patch of the file that accepts it."""

from pathlib import Path

from ecsplan import engine
from ecsplan.cli.filing import write_text
from ecsplan.cli.output import say
from ecsplan.files.repository import git_root
from ecsplan.model.change import Cause
from ecsplan.model.drift import Drift
from ecsplan.model.plan import Plan
from ecsplan.model.stack import Stack


def save_answer(plan: Plan, path: str) -> None:
    write_text(path, engine.save_plan(plan), is_private=True)
    say(f"saved: ecsplan apply {path} puts it back")
    lines = ((str(change.address), line) for change in plan.changes for line in change.attributes)
    pending = sorted({address for address, line in lines if line.cause is Cause.PENDING})
    if pending:
        say(f"warning: it also does what the file asks for on {', '.join(pending[:5])}")


def write_patch(stack: Stack, moved: Drift, path: str) -> None:
    from ecsplan.engine.accepting import accept

    top = git_root(Path(stack.path if Path(stack.path).is_dir() else Path(stack.path).parent).resolve())
    found = accept(stack, moved, Path(top) if top else Path.cwd())
    for name in found.accepted:
        say(f"accepted: {name}")
    for name, why in found.left:
        say(f"not accepted: {name}: {why}")
    if found.patch:
        write_text(path, found.patch)
        say(f"wrote: git apply {path}")
    else:
        say("no patch: nothing can be accepted by a change of the file")
