"""Questions of a plan while it is carried out: who has asked already, and what a verdict means for a step.

Used by run.py. A refusal fails the step, so that nothing which needs it begins; where nobody could look, the step is
done and says so: unchecked is neither a pass nor a failure.
"""

from ecsplan.executor import outcome as outcomes
from ecsplan.executor.walk import Walk
from ecsplan.model.asking import Checked, Verdict
from ecsplan.model.plan import Outcome, Status, Step

FRESH = 60.0  # seconds for which an answer counts; stock and quotas change


def known_verdict(walk: Walk, step: Step) -> Verdict | None:
    """The answer to the same question, where it was asked a moment ago."""
    if step.question is None:
        return None
    at, verdict = walk.verdicts.get(step.question.shape, (0.0, None))
    return verdict if walk.now - at <= FRESH else None


def judged(walk: Walk, step: Step, verdict: Verdict) -> Outcome:
    assert step.question is not None
    if step.question.shape not in walk.verdicts or walk.verdicts[step.question.shape][1] is not verdict:
        walk.verdicts[step.question.shape] = (walk.now, verdict)
        if verdict.finding is Checked.UNCHECKED:
            why = ": ".join(filter(None, (verdict.code, verdict.message)))
            told = f"not checked before it is done: {step.calls[0].operation} for {outcomes.shown(step)} ({why})"
            walk.means.tell({"type": "diagnostic", "address": outcomes.shown(step), "message": told})
    if verdict.finding is Checked.REFUSED:
        return Outcome(step.id, step.addresses, Status.FAILED, verdict.code, verdict.message, advice=verdict.advice)
    if verdict.finding is Checked.UNCHECKED:
        return Outcome(step.id, step.addresses, Status.DONE, verdict.code, verdict.message, unchecked=True)
    return outcomes.done(step)
