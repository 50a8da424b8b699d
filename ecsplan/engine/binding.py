"""Binds a saved plan to a checkout: it must have been made from the very stack that lies there. See `engine.bound`."""

from collections.abc import Iterator

from ecsplan.model.address import ForeignRef, Lookup
from ecsplan.model.algebra import special
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Refused
from ecsplan.model.plan import Asked, Plan
from ecsplan.model.resource import DECLARED, Resource
from ecsplan.model.stack import Stack

_DETAIL = "plan again from this checkout"
_BY_THEMSELVES = ("attributes", "source", "sources", "address")
_OF_A_RESOURCE = [name for name in DECLARED if name not in _BY_THEMSELVES]


def bound(plan: Plan, stack: Stack, asked: Asked) -> Plan:
    """With the files that the checkout may name, and nothing else of it: the rest is the same."""
    problems = (*_asked_otherwise(plan.asked, asked), *_differences(plan.definition, stack))
    if plan.definition is None or problems:
        raise Refused(problems[:20] or [Diagnostic("the plan holds no stack", _DETAIL)])
    return replace(plan, definition=replace(plan.definition, roots=stack.roots, files=stack.files))


_NARROWING = {"--target": "targets", "--exclude": "excludes", "--replace": "replaces", "--only": "only"}


def _asked_otherwise(planned: Asked, asked: Asked) -> Iterator[Diagnostic]:
    """What the file says that was asked beside the stack: it could end the stack, or replace what the stack keeps."""
    if planned.destroy:
        yield Diagnostic("the plan destroys the stack", "if that is meant, run ecsplan destroy, or leave out --stack")
    for option, name in (
        ("--target", "targets"),
        ("--exclude", "excludes"),
        ("--replace", "replaces"),
        ("--only", "only"),
    ):
        there, here = set(getattr(planned, name)), set(getattr(asked, name))
        for address in sorted(there - here):
            yield Diagnostic(f"the plan was made with {option} {address}", f"say so here too: {option} {address}")
        for address in sorted(here - there):
            yield Diagnostic(f"the plan was made without {option} {address}", _DETAIL)
    if planned.on_drift != asked.on_drift:
        said = f"--on-drift {planned.on_drift}"
        yield Diagnostic(f"the plan was made with {said}", f"say so here too: {said}")


def _differences(planned: Stack | None, stack: Stack) -> Iterator[Diagnostic]:
    if planned is None:
        return
    for name in ("name", "region", "account", "moved", "released", "outputs"):
        if _without_places(getattr(planned, name)) != _without_places(getattr(stack, name)):
            yield Diagnostic(f"{name} in the plan is not that of {stack.path}", _DETAIL)
    here, there = stack.by_address(), planned.by_address()
    for address in sorted(here.keys() ^ there.keys()):
        where = f"{stack.path} declares it, and the plan does not" if address in here else f"{stack.path} does not"
        yield Diagnostic(where if address in here else f"the plan has it, and {where}", _DETAIL, address=address)
    for address in sorted(here.keys() & there.keys()):
        for name in _differing(there[address], here[address]):
            yield Diagnostic(f"{name} in the plan is not that of {stack.path}", _DETAIL, address=address)


def _differing(planned: Resource, here: Resource) -> Iterator[str]:
    """What a look-up found is an id in the plan; whether that is still so is found out when it is planned again."""
    for name in sorted(planned.attributes.keys() | here.attributes.keys()):
        if not _agree(planned.attributes.get(name), here.attributes.get(name)):
            yield name
    yield from (name for name in _OF_A_RESOURCE if getattr(planned, name) != getattr(here, name))


def _agree(planned: object, here: object) -> bool:
    if isinstance(here, (Lookup, ForeignRef)):
        return isinstance(planned, str) or planned == here
    if isinstance(planned, tuple) and isinstance(here, tuple):
        if not any(isinstance(leaf, (Lookup, ForeignRef)) for leaf in special(here)):
            return planned == here
        return len(planned) == len(here) and all(any(_agree(one, other) for one in planned) for other in here)
    return bool(planned == here)


def _without_places(value: object) -> object:
    """Moves know where they are written, which a saved plan does not keep."""
    if isinstance(value, tuple):
        return tuple(replace(move, source=None) if hasattr(move, "source") else move for move in value)
    return value
