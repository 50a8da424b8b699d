"""The RAM policies that a plan needs: for its calls, for reading what it was made of, and for the lock of its stack."""

from collections.abc import Iterator
from typing import Any

from ecsplan.model.call import Product
from ecsplan.model.capabilities.preflight import preflight
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan
from ecsplan.permissions.policy import Scope, Statement, documents, statements
from ecsplan.permissions.resources import arns_of

_LOCK = ("ImportKeyPair", "DeleteKeyPairs", "TagResources")
"""The lock is a key pair of its own, made and deleted in each run."""
_AHEAD = (
    "DescribeAccountAttributes", "DescribeAvailableResource", "DescribeImageFromFamily", "DescribeInstanceTypes",
    "DescribeInstanceModificationPrice", "DescribePrice", "DescribeRenewalPrice", "DescribeResourcesModification",
)  # fmt: skip
"""What a plan asks ahead; without them it says what was not checked."""


def policies_for(plan: Plan | None, kinds: Kinds, region: str, account: str) -> tuple[dict[str, Any], ...]:
    """RAM policy documents, the same for the same plan; without one, those that a job needs to plan."""
    scope = Scope(region, account)
    calls = [call for step in plan.steps for call in step.calls] if plan is not None else []
    found = statements(calls, _reads(kinds), scope, arns_of(kinds))
    if plan is not None:
        locks = tuple(sorted(f"ecs:{operation}" for operation in _LOCK))
        found.append(Statement(locks, (scope.arn("ecs:keypair", "*"),)))
    return tuple(documents(found))


def _reads(kinds: Kinds) -> Iterator[tuple[Product, str]]:
    """Whatever the kinds read, whether this plan needs it or not: a right that lacks turns a list empty."""
    for kind in kinds.values():
        yield kind.listing.product, kind.listing.operation
        yield from ((detail.product, detail.operation) for detail in kind.listing.details)
        yield from ((inquiry.product, inquiry.operation) for inquiry in preflight(kind).inquiries)
    yield from ((Product.ECS, operation) for operation in _AHEAD)
