"""The calls of a plan as a RAM policy: each action with the resources that it names, the same for the same plan.

Reads stand in one statement on `*`: without the right to read, many lists are empty instead of refused, and a plan
would take what it cannot see for missing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Ref
from ecsplan.model.call import Call, Product
from ecsplan.permissions.resources import EVERYTHING, NOT_NARROWED, WITHOUT_RIGHTS, Arns

FEW = 20
"""Resources of one type that a statement names one by one; beyond, it says TYPE/*, and that they carry the mark."""

LONGEST = 2048
"""Characters of a custom policy that every account takes."""


class Statement(Struct, frozen=True):
    """`tag` is a key and a pattern: only resources that carry it."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    tag: tuple[str, str] | None = None

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources)}
        if self.tag is not None:
            found["Condition"] = {"StringLike": {f"acs:ResourceTag/{self.tag[0]}": [self.tag[1]]}}
        return found


class Scope(Struct, frozen=True):
    """Where the resources are, an unknown account is `*`; `marked` are the ids of those with the mark of `stack`."""

    region: str
    account: str = ""
    stack: str = ""
    marked: frozenset[str] = frozenset()

    def arn(self, type_: str, id_: str) -> str:
        service, _, name = type_.partition(":")
        region = "*" if service == "ram" else self.region
        return f"acs:{service}:{region}:{self.account or '*'}:{name}/{id_}"


def statements(
    calls: Iterable[Call], reads: Iterable[tuple[Product, str]], scope: Scope, arns: Arns
) -> list[Statement]:
    """One statement for the reads, then one for all actions that need the same resources."""
    found: dict[str, set[tuple[str, str]]] = {}
    for call in calls:
        if call.operation:
            found.setdefault(_action(call.product, call.operation), set()).update(_resources(call, arns))
            if _roles(call):
                found.setdefault("ram:PassRole", set()).update(("ram:role", role) for role in _roles(call))
    looks = sorted({_action(product, operation) for product, operation in reads if operation not in WITHOUT_RIGHTS})
    return [*([Statement(tuple(looks), (EVERYTHING,))] if looks else []), *_grouped(found, scope, arns)]


def document(found: Sequence[Statement]) -> dict[str, Any]:
    """The policy as RAM takes it."""
    return {"Version": "1", "Statement": [statement.document() for statement in found]}


def documents(found: Sequence[Statement]) -> Iterator[dict[str, Any]]:
    """As many policies as it takes for none to be longer than LONGEST; a single statement is not divided."""
    left: list[Statement] = []
    for statement in found:
        if left and _length([*left, statement]) > LONGEST:
            yield document(left)
            left = []
        left.append(statement)
    if left:
        yield document(left)


def _length(found: Sequence[Statement]) -> int:
    return len(json.dumps(document(found), separators=(",", ":")))


def _action(product: Product, operation: str) -> str:
    return f"{product.value}:{operation}"


def _grouped(found: Mapping[str, set[tuple[str, str]]], scope: Scope, arns: Arns) -> Iterator[Statement]:
    by_resources: dict[tuple[tuple[str, ...], tuple[str, str] | None], list[str]] = {}
    for action, resources in found.items():
        tagged = _tagged(action, resources, scope, arns)
        rest = {one for one in resources if one[0] not in tagged}
        if rest or not tagged:
            by_resources.setdefault((tuple(sorted(_arns(rest, scope))), None), []).append(action)
        for type_, tag in tagged.items():
            by_resources.setdefault(((scope.arn(type_, EVERYTHING),), tag), []).append(action)
    for (named, mark), actions in sorted(by_resources.items(), key=lambda item: (sorted(item[1]), item[0][0])):
        yield Statement(tuple(sorted(actions)), named, mark)


def _tagged(action: str, resources: set[tuple[str, str]], scope: Scope, arns: Arns) -> dict[str, tuple[str, str]]:
    """Types of which a call names too many to list, all of them known: the stack's own, by the mark that they carry.

    What writes tags may name what has no mark yet.
    """
    if not scope.stack or "TagResources" in action or ("", EVERYTHING) in resources:
        return {}
    found = {}
    for type_, key in arns.marks.items():
        ids = {id_ for other, id_ in resources if other == type_}
        if len(ids) > FEW and ids <= scope.marked:
            found[type_] = (key, f"{scope.stack}/*")
    return found


def _arns(resources: set[tuple[str, str]], scope: Scope) -> Iterator[str]:
    if ("", EVERYTHING) in resources or not resources:
        yield EVERYTHING
        return
    for type_ in sorted({type_ for type_, _ in resources}):
        ids = {id_ for other, id_ in resources if other == type_}
        several = EVERYTHING in ids or len(ids) > FEW
        yield from (scope.arn(type_, id_) for id_ in ([EVERYTHING] if several else sorted(ids)))


def _resources(call: Call, arns: Arns) -> Iterator[tuple[str, str]]:
    """The types and ids that a call names; an id that the plan does not know yet is `*`."""
    if call.operation in NOT_NARROWED:
        yield "", EVERYTHING
        return
    yield from ((type_, EVERYTHING) for type_ in arns.made.get(call.operation, ()))
    tagged = arns.by_tagged.get(str(call.params.get("ResourceType", "")).lower())
    named = {**arns.by_parameter, **({"ResourceId": tagged} if tagged else {})}
    if call.merge is not None and call.merge.param in named:
        yield from ((named[call.merge.param], _id(target)) for target in call.targets)
    for parameter, value in call.params.items():
        if parameter in named and value is not None:
            yield from ((named[parameter], _id(one)) for one in _each(value))


def _each(value: Any) -> Sequence[Any]:
    """A parameter is an id, a list of them, or a text with a JSON array."""
    if isinstance(value, str) and value.startswith("["):
        try:
            decoded = json.loads(value)
        except ValueError:
            return [value]
        return decoded if isinstance(decoded, list) else [value]
    return value if isinstance(value, (list, tuple)) else [value]


def _id(value: Any) -> str:
    """A Ref, and whatever else apply has yet to fill, is any of its type."""
    return value if isinstance(value, str) and not isinstance(value, Ref) else EVERYTHING


def _roles(call: Call) -> tuple[str, ...]:
    role = call.params.get("RamRoleName")
    return (_id(role),) if role and call.operation in ("RunInstances", "AttachInstanceRamRole") else ()
