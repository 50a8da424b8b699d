"""All looks ahead of a plan, within a number of calls, and what their answers mean. Pure.

The calls go round the checks, each check's most important look first, so that none is left out for another's sake.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest

from ecsplan.model.address import Address
from ecsplan.model.asking import Checked, Probe
from ecsplan.model.call import Request
from ecsplan.model.preflight import CHECKS, Finding, Level, Mode, Need, PreflightReport
from ecsplan.preflight import bids, images, quota_center, quotas, stock, subnets, types
from ecsplan.preflight.world import Answers, Judgement, Look, World, unique

MOST: dict[Mode, int] = {"off": 0, "fast": 5, "full": 25}
"""Calls, however large a plan is."""
_LOOKS = (stock.looks, images.looks, types.looks, quotas.looks, bids.looks)
_JUDGES = (stock.judged, bids.judged, images.judged, types.judged, quotas.judged, quota_center.judged, subnets.judged)
Asked = tuple[Probe, tuple[Address, ...]]
"""A question that a kind asks of a change, and whom it is about."""


def requests_of(question: Probe) -> list[Request]:
    return [Request(call.operation, call.params, call.product, region=call.region) for call in question.calls]


def looks_of(needs: Sequence[Need], questions: Sequence[Asked], world: World, mode: Mode) -> list[Look]:
    """In the order in which they are asked, each once; all of them, of which MOST are asked."""
    by_check = [list(looks(needs, world)) for looks in _LOOKS]
    by_check.append(list(quota_center.looks(needs, world, mode)))
    by_check.append(
        [Look(_check(question), request, about) for question, about in questions for request in requests_of(question)]
    )
    found: dict[str, Look] = {}
    for look in chain.from_iterable(zip_longest(*by_check)):
        if look is not None:
            found.setdefault(look.key, look)
    return list(found.values())


def further_looks(needs: Sequence[Need], world: World, answers: Answers) -> list[Look]:
    """What an answer gives reason to ask: alternatives, and whether an empty list means anything."""
    found = {
        look.key: look
        for look in (*images.looks_for_proof(needs, world, answers), *stock.looks_for_others(needs, world, answers))
    }
    return list(found.values())


def judged(
    needs: Sequence[Need],
    questions: Sequence[Asked],
    world: World,
    answers: Answers,
    left: Sequence[Look],
    mode: Mode,
    unseen: Sequence[Finding] = (),
) -> PreflightReport:
    """`left` are the looks for which no call was left, `unseen` is what no call can tell."""
    found: list[Judgement] = [one for judge in _JUDGES for one in judge(needs, world, answers)]
    found += [*_of_questions(questions, answers, world), *_left_out(left, mode), *unseen]
    findings = tuple(sorted(filter(None, found), key=_order))
    return PreflightReport(mode, sum(one is None for one in found), _once(findings), len(answers.by_key))


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """A dry run and a list may refuse the same: the list says more of it."""
    seen: set[tuple[str, tuple[Address, ...]]] = set()
    found = []
    for one in findings:
        if one.check == "dry run" and one.level is Level.FAIL and (one.code, one.addresses) in seen:
            continue
        seen.add((one.code, one.addresses))
        found.append(one)
    return tuple(found)


def _order(finding: Finding) -> tuple[int, int]:
    return list(Level).index(finding.level), list(CHECKS).index(finding.check)


def _check(question: Probe) -> str:
    return "dry run" if is_dry_run(question) else "change"


def is_dry_run(question: Probe) -> bool:
    return any(call.params.get("DryRun") for call in question.calls)


def _of_questions(questions: Sequence[Asked], answers: Answers, world: World) -> Iterator[Judgement]:
    for question, about in questions:
        found = [answers.to(request) for request in requests_of(question)]
        given = [answer for answer in found if answer is not None]
        if len(given) < len(found):
            continue
        verdict = question.judge(given)
        what = verdict.message or verdict.code
        if _check(question) == "dry run":
            what = f"{question.calls[0].operation} would be refused: {what}"
        line = world.source_of(about[0], "instance_type")
        if verdict.finding is Checked.PASSED:
            yield None
        elif verdict.finding is Checked.REFUSED:
            yield Finding(Level.FAIL, _check(question), what, verdict.code, "", unique(about), line)
        else:
            what = f"{question.calls[0].operation}: {verdict.message or verdict.code}"
            yield Finding(Level.UNCHECKED, _check(question), what, verdict.code, addresses=unique(about))


def _left_out(left: Sequence[Look], mode: Mode) -> Iterator[Finding]:
    more = "; --preflight full asks more" if mode == "fast" else ""
    for check in CHECKS:
        rest = [look for look in left if look.check == check]
        if rest:
            told = f"{CHECKS[check]}: {len(rest)} more calls than the {MOST[mode]} that {mode} makes{more}"
            addresses = unique(address for look in rest for address in look.about)
            yield Finding(Level.UNCHECKED, check, told, addresses=addresses)
