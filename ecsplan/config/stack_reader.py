"""Joins the steps of config/: a path to a Stack. Called by engine.py."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct, field

from ecsplan.config.expressions.scope import Scope
from ecsplan.config.expressions.variable_sources import Outside
from ecsplan.config.expressions.variables import Names
from ecsplan.config.resources.collisions import names_are_apart, values_are_apart
from ecsplan.config.resources.declared_blocks import Declared
from ecsplan.config.resources.dependency_order import in_dependency_order
from ecsplan.config.resources.echoes import fill_echoes
from ecsplan.config.resources.expansion import Blocks, blocks_of
from ecsplan.config.resources.inheritance import inherit
from ecsplan.config.resources.mark_lengths import marks_fit, tags_fit
from ecsplan.config.resources.moved_and_released import read_moved, read_released
from ecsplan.config.resources.nested_blocks import shapes_of
from ecsplan.config.resources.resolution import resolve
from ecsplan.config.resources.rollouts_section import with_rollouts
from ecsplan.config.resources.schema_gate import hold_against_schema
from ecsplan.config.resources.stack_digest import digest_of
from ecsplan.config.resources.top_level import (
    Header,
    check_version,
    in_its_environment,
    read_header,
    read_outputs,
)
from ecsplan.config.resources.validation import drafts_of
from ecsplan.config.syntax.budget import Budget, OverBudget
from ecsplan.config.syntax.environments import Environment
from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.layers import load_stack
from ecsplan.config.syntax.nodes import Node
from ecsplan.config.syntax.relative_paths import from_folder
from ecsplan.config.syntax.source_files import Files, secret_files
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Rejected, Severity
from ecsplan.model.garbage import no_collection
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.once import once
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.stack import Stack
from ecsplan.model.suppression import Suppression
from ecsplan.model.texts import FilePath

LARGE = 1000  # resources of a stack whose values take a while to be resolved
RESERVED_NAMES = ("stack", "each", "index", "true", "false", "none", "True", "False", "None", "and", "or", "not", "in")


class Options(Struct, frozen=True):
    """What the command line adds: overlays, variables, a region, folders whose files the stack may name too.

    `environment` chooses one of those that the stack has. `environ` is where ECSPLAN_VAR_* are looked for.
    `only_to_compare`: nothing is made of it, so that what the checks of the kinds refuse is a warning.
    `when_large` is told the region of a large stack as soon as it is known, if nothing was found wrong by then.
    """

    overlays: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    var_files: tuple[str, ...] = ()
    region: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    allow_paths: tuple[str, ...] = ()
    environment: str | None = None
    unsaved: Mapping[str, str] = field(default_factory=dict)
    only_to_compare: bool = False
    when_large: Callable[[str], object] | None = None


_NO_OPTIONS = Options()


def read_stack(path: str, kinds: Kinds, options: Options = _NO_OPTIONS) -> Stack:
    """The stack that a file or folder declares, with all values resolved. Raises Rejected with every fault."""
    with no_collection():
        return _read(path, kinds, options)


def _read(path: str, kinds: Kinds, options: Options) -> Stack:
    faults, budget = Faults(), Budget()
    files = Files.around(path, *options.overlays, allowed=options.allow_paths)
    files.unsaved = options.unsaved
    try:
        stack = _read_within(path, kinds, options, files, faults, budget)
        return replace(stack, overlays=tuple(from_folder(path, name) for name in options.overlays))
    except OverBudget as error:
        faults.add(error.summary, error.detail, error.node.source if error.node else None, rule=Rule.TOO_LARGE)
        raise Rejected(faults.errors, tuple(files.shown)) from None
    except Rejected as error:
        raise Rejected(error.diagnostics, tuple(files.shown)) from None


def _read_within(path: str, kinds: Kinds, options: Options, files: Files, faults: Faults, budget: Budget) -> Stack:
    root, environment = load_stack(path, options.overlays, budget, faults, kinds, files, options.environment)
    shapes = shapes_of(kinds)
    tell_the_rest = hold_against_schema(root, kinds, shapes, faults)
    check_version(root, faults)
    outside = Outside(options.var_files, options.environ, options.variables, files)
    names = Names(root, outside, (*RESERVED_NAMES, *kinds), budget, faults)
    header = read_header(root, Scope(names, used=names.used, budget=budget), options.region, faults)
    header = in_its_environment(header, environment, root, faults)
    names.know_stack(
        name=header.name, region=header.region, account=header.account, environment=environment.name or None
    )
    values, broken = names.settled()
    scope = Scope(values, used=names.used, broken=broken, budget=budget)
    blocks = blocks_of(root.value.get("resources"), root.value.get("defaults"), kinds, shapes, scope, faults)
    declared = Declared(header.name, blocks, shapes, files)
    if options.when_large is not None and not faults.errors and _members(blocks) >= LARGE:
        options.when_large(header.region)
    try:
        stack = _resolved(
            root,
            _Parts(path, header, environment, blocks, declared, scope, names, kinds, options.only_to_compare),
            faults,
        )
    except Rejected:
        tell_the_rest()
        raise Rejected(faults.errors) from None
    tell_the_rest()
    faults.reject_if_any()
    return stack


def _members(blocks: Blocks) -> int:
    return sum(1 if block.keys is None else len(block.keys) for block in blocks.values())


class _Parts(Struct, frozen=True):
    path: str
    header: Header
    environment: Environment
    blocks: Blocks
    declared: Declared
    scope: Scope
    names: Names
    kinds: Kinds
    only_to_compare: bool


def _resolved(root: Node, parts: _Parts, faults: Faults) -> Stack:
    scope, files = parts.scope, parts.declared.files
    scope.resources = parts.declared
    blocks = parts.blocks
    found = resolve(drafts_of(parts.declared, faults), blocks, faults)
    inherit(found, blocks, faults)
    fill_echoes(found, blocks)
    stack = Stack(
        name=parts.header.name,
        region=parts.header.region,
        account=parts.header.account,
        resources=with_rollouts(root, scope, in_dependency_order(found, faults), parts.kinds, faults),
        moved=read_moved(root, blocks, parts.kinds, faults),
        released=read_released(root, blocks, parts.kinds, faults),
        outputs=read_outputs(root, scope, faults),
        path=parts.path,
        environment=parts.environment.name,
        siblings=parts.environment.siblings,
        roots=files.reach.roots,
        files=tuple(files.shown),
    )
    of = [(resource, blocks[resource.address.group]) for resource in stack.resources]
    names_are_apart(((resource, block.kind, block.is_group) for resource, block in of), faults)
    faults.reject_if_any()
    values_are_apart(((resource, block.kind) for resource, block in of), faults)
    marks_fit(stack.name, of, faults)
    tags_fit(stack.resources, faults)
    _run_checks(stack, blocks, Severity.WARNING if parts.only_to_compare else Severity.ERROR, faults)
    _check_paths(stack, blocks, files, faults)
    _warn_of_unused(parts.names, faults)
    faults.reject_if_any()
    for written in files.suppressions:
        if isinstance(written, Diagnostic):
            faults.take(written)
    suppressions = tuple(written for written in files.suppressions if isinstance(written, Suppression))
    return replace(stack, warnings=faults.warnings, digest=digest_of(stack), suppressions=suppressions)


def _run_checks(stack: Stack, blocks: Blocks, at_most: Severity, faults: Faults) -> None:
    """What a kind can tell from one look at all declarations."""

    def take(diagnostic: Diagnostic) -> None:
        faults.take(replace(diagnostic, severity=at_most) if diagnostic.severity is Severity.ERROR else diagnostic)

    everything = stack.by_address()
    of_kind: dict[str, list[Resource]] = {}
    sound: set[tuple[object, ...]] = set()
    for resource in stack.resources:
        of_kind.setdefault(resource.address.kind, []).append(resource)
        shape = _shape(resource)
        checks = blocks[resource.address.group].kind.capability(Checks) if shape not in sound else None
        found = [diagnostic for check in checks.each for diagnostic in check(resource, everything)] if checks else []
        for diagnostic in found:
            take(diagnostic)
        if not found:
            sound.add(shape)
    for resources in of_kind.values():
        checks = blocks[resources[0].address.group].kind.capability(Checks)
        for together in checks.together if checks else ():
            for diagnostic in together(resources):
                take(diagnostic)


def _shape(resource: Resource) -> tuple[object, ...]:
    """The same for members of a group that differ in nothing but their names: what they share is one object."""
    values = [id(value) for name, value in resource.attributes.items() if name != "name"]
    return (resource.address.group, resource.adopt, id(resource.lifecycle), resource.inherited, *values)


def _check_paths(stack: Stack, blocks: Blocks, files: Files, faults: Faults) -> None:
    """Secrets and private keys are read and written only by apply; a path that it would refuse is told now."""
    names = once(_names_of_paths)
    for resource in stack.resources:
        for name, path, is_key in _paths(resource, names(blocks[resource.address.group].kind)):
            bad = files.refused(path, is_key=is_key)
            if bad is not None:
                summary, place = f"{name}: {path} {bad.reason}", resource.sources.get(name)
                faults.add(summary, bad.detail, place, resource.address, rule=Rule.UNREADABLE)


def _names_of_paths(kind: Kind) -> tuple[str, ...]:
    return tuple(attribute.name for attribute in kind.attributes if isinstance(attribute.type, FilePath))


def _paths(resource: Resource, keys: Iterable[str]) -> Iterator[tuple[str, str, bool]]:
    """The attribute, the path, and whether it is that of a private key: those of `keys` are."""
    for name in keys:
        path = resource.attributes.get(name)
        if isinstance(path, str):
            yield name, path, True
    for name, leaf in resource.held:
        yield from ((name, path, False) for path in secret_files(leaf))


def _warn_of_unused(names: Names, faults: Faults) -> None:
    for what, node in names.unused():
        faults.warn(f"{what} is never used", "remove it", node.key_source, rule=Rule.UNUSED)
