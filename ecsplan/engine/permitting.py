"""The RAM policies that a plan needs: for its calls, for reading what it was made of, and for the lock of its stack."""

from collections.abc import Iterable, Iterator

from ecsplan.engine.preflighting import asked_once
from ecsplan.engine.rights import elsewhere_of, writes_of
from ecsplan.gates.cloud import sent_by
from ecsplan.model.call import Api, ApiError, ErrorClass, Product
from ecsplan.model.capabilities.preflight import preflight
from ecsplan.model.gate import Pairs, checks_of
from ecsplan.model.kind import Kinds, Under
from ecsplan.model.marks import key_of
from ecsplan.model.plan import Plan
from ecsplan.model.stack import Stack
from ecsplan.permissions.policy import Scope, Statement, documents, statements
from ecsplan.permissions.resources import NOT_NARROWED, arns_of
from ecsplan.preflight.dryruns import dry_runs
from ecsplan.preflight.judging import MOST, requests_of
from ecsplan.preflight.quota_center import ACTION
from ecsplan.provider.alibaba import opened

_LOCK = ("ImportKeyPair", "DeleteKeyPairs", "TagResources")
"""The lock is a key pair of its own, made and deleted in each run."""
MANY = 40  # actions of one statement, so that a policy is not too long
_AHEAD = (
    "DescribeAccountAttributes", "DescribeAvailableResource", "DescribeImageFromFamily", "DescribeInstanceTypes",
    "DescribeInstanceModificationPrice", "DescribePrice", "DescribeRenewalPrice", "DescribeResourcesModification",
    "DescribeSpotPriceHistory",
)  # fmt: skip
"""What a plan asks ahead; without them it says what was not checked."""


def policies_for(plan: Plan | None, kinds: Kinds, region: str, account: str) -> tuple[dict[str, object], ...]:
    """RAM policy documents, the same for the same plan; without one, those that a job needs to plan."""
    scope = Scope(region, account, *((plan.stack, _marked(plan)) if plan is not None else ()))
    calls = [call for step in plan.steps for call in step.calls] if plan is not None else []
    checks = (
        {check.pairs for step in plan.steps if step.gate for check in step.gate.checks} if plan is not None else set()
    )
    stack = plan.definition if plan is not None else None
    found = statements(calls, (*_reads(kinds), *_aside(stack, kinds), *_looks(checks)), scope, arns_of(kinds))
    if plan is not None:
        found.append(_lock(scope))
    return tuple(documents(found))


def policies_for_life(stack: Stack, kinds: Kinds) -> tuple[dict[str, object], ...]:
    """RAM policy documents for whatever a stack of these kinds may come to: all actions of its kinds, in its region and
    account."""
    scope = Scope(stack.region, stack.account or "")
    used = {resource.address.kind for resource in stack.resources}
    checks = {pairs for resource in stack.resources for pairs in resource.lifecycle.checks}
    found = statements((), (*_reads(kinds), *_aside(stack, kinds), *_looks(checks)), scope, arns_of(kinds))
    actions = writes_of(used, kinds)
    wide = {action for action in actions if action.partition(":")[2] in NOT_NARROWED}
    wide |= elsewhere_of({(one.address.kind, name) for one in stack.resources for name in one.attributes}, kinds)
    account = stack.account or "*"
    here = tuple(f"acs:{service}:{stack.region}:{account}:*" for service in ("ecs", "vpc"))
    for some, where in ((wide, ("*",)), (actions - wide, here)):
        names = sorted(some)
        found += [Statement(tuple(names[at : at + MANY]), where) for at in range(0, len(names), MANY)]
    if "instance" in used:
        found.append(Statement(("ram:PassRole",), (f"acs:ram:*:{account}:role/*",)))
    return tuple(documents([*found, _lock(scope)]))


def _looks(checks: Iterable[Pairs]) -> Iterator[tuple[Product, str]]:
    """What the checks of a rollout call, the command that is run inside of a machine too."""
    for check in checks_of(checks):
        yield from sent_by(check)


def _lock(scope: Scope) -> Statement:
    return Statement(tuple(sorted(f"ecs:{one}" for one in _LOCK)), (scope.arn("ecs:keypair", "*"),))


def _marked(plan: Plan) -> frozenset[str]:
    """The ids of the live objects that carry the mark of the stack."""
    live = [change.before for change in plan.changes if change.before is not None]
    return frozenset(one.id for one in live if one.tags.get(key_of(one.kind), "").startswith(f"{plan.stack}/"))


def lacking(plan: Plan, api: Api, kinds: Kinds) -> tuple[list[str], list[str]]:
    """The actions of a plan that the key may not call, as far as dry runs tell, and those that none can tell of."""
    questions, unseen = dry_runs(plan.steps, frees_room=True)
    with opened(api, kinds) as source:
        asked = [(question.calls[0], requests_of(question)[0]) for question, _ in questions][: MOST["full"]]
        answers = list(source.reading.map(lambda pair: asked_once(source, pair[1]), asked))
    denied = sorted(
        {
            f"{call.product.value}:{call.operation}"
            for (call, _), answer in zip(asked, answers, strict=True)
            if isinstance(answer, ApiError) and answer.error_class is ErrorClass.DENIED
        }
    )
    return denied, [finding.summary for finding in unseen]


def _reads(kinds: Kinds) -> Iterator[tuple[Product, str]]:
    """Whatever the kinds read, whether this plan needs it or not: a right that lacks turns a list empty."""
    for kind in kinds.values():
        yield kind.listing.product, kind.listing.operation
        yield from ((detail.product, detail.operation) for detail in kind.listing.details if not detail.is_aside)
        yield from ((inquiry.product, inquiry.operation) for inquiry in preflight(kind).inquiries)
    yield from ((Product.ECS, operation) for operation in _AHEAD)
    yield Product.QUOTAS, ACTION


def _aside(stack: Stack | None, kinds: Kinds) -> Iterator[tuple[Product, str]]:
    """Reads of services that only those need who declare what they tell of."""
    declared = {(one.address.kind, name) for one in stack.resources for name in one.attributes} if stack else set()
    for kind in kinds.values():
        for detail in kind.listing.details:
            if detail.is_aside and any((kind.name, name) in declared for name in detail.attributes):
                yield detail.product, detail.operation
                yield from ((detail.product, under.operation) for under in _above(detail.under))


def _above(under: Under | None) -> Iterator[Under]:
    while under is not None:
        yield under
        under = under.under
