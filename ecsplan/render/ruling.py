"""The ruling of a policy on a plan, and its approvals, as text and as JSON."""

from collections.abc import Iterator
from typing import Any

from ecsplan.model.plan import Plan
from ecsplan.model.ruling import Answer, Ruling

RULING_FORMAT = "ecsplan-approvals/v1"


def ruling_text(found: Ruling) -> str:
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Ruling) -> Iterator[str]:
    if not found.source:
        yield "No policy applies (there is no ecsplan.policy.yaml): nothing asks for approvals."
        return
    yield f"Policy: {found.source}"
    for finding in found.findings:
        yield f"  {finding.text}"
    if not found.findings:
        yield "  no rule is about this plan"
    for fault in found.faults:
        yield f"  {fault}"
    for approval in found.approvals:
        yield f"Approval {approval.file}: {approval.signer or 'unknown signer'}: {approval.said}"
    for answer in found.answers:
        need = answer.need
        state = f"{answer.missing} missing{_where(answer)}" if answer.missing else "met"
        given = f" ({', '.join(answer.given)})" if answer.given else ""
        whose = f" of {need.group}" if need.group else ""
        yield f"{need.class_.replace('_', ' ')}: {len(answer.given)} of {need.count} approvals{whose}{given}: {state}"
    yield "This plan may be applied." if found.is_met else "This plan may not be applied yet."


def _where(answer: Answer) -> str:
    """The addresses that are short of approvals, where others are not."""
    short = answer.short
    if len(short) in (0, len(answer.need.what)):
        return ""
    return f" on {', '.join(short[:5])}" + (f" and {len(short) - 5:,} more" if len(short) > 5 else "")


def approvals_document(plan: Plan, found: Ruling) -> dict[str, Any]:
    return {"format": RULING_FORMAT, "digest": plan.digest, "stack": plan.stack, **ruling_document(found)}


def ruling_document(found: Ruling) -> dict[str, Any]:
    return {
        "policy": found.source or None,
        "base": found.base or None,
        "is_met": found.is_met,
        "faults": list(found.faults),
        "findings": [
            {
                "effect": finding.effect,
                "class": finding.class_,
                "addresses": list(finding.addresses),
                "rule": finding.rule,
                "approvals": finding.approvals,
                "group": finding.group or None,
                "reason": finding.reason or None,
                "opens": finding.opens,
            }
            for finding in found.findings
        ],
        "approvals": [
            {"file": approval.file, "signer": approval.signer or None, "counts": not approval.trouble,
             "trouble": approval.trouble or None,
             "part": {"changes": approval.part[0], "of": approval.part[1]} if approval.part else None}
            for approval in found.approvals
        ],
        "needs": [
            {"class": answer.need.class_, "group": answer.need.group or None, "count": answer.need.count,
             "given": list(answer.given), "of_the_author": list(answer.of_the_author), "missing": answer.missing,
             "short": list(answer.short)}
            for answer in found.answers
        ],
    }  # fmt: skip
