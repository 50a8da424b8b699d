"""Values of variables that come from outside the stack file: variable files, the environment, the command line."""

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct, field

from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.nodes import Node, mapping_of, plain
from ecsplan.config.syntax.source_files import Files
from ecsplan.model.diagnostic import Rejected, SourceRange
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import near

PREFIX = "ECSPLAN_VAR_"


class Outside(Struct, frozen=True):
    """Where values may come from. `environ` is where ECSPLAN_VAR_* are looked for."""

    var_files: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    assignments: tuple[str, ...] = ()
    files: Files = field(default_factory=lambda: Files.around("."))


class GivenValue(Struct, frozen=True):
    """A value from outside the stack file. `text` is to be read by the variable's type; otherwise `value` counts."""

    origin: str
    value: object = None
    text: str | None = None
    source: SourceRange | None = None
    node: Node | None = None


def given_values(known: Collection[str], outside: Outside, faults: Faults) -> dict[str, GivenValue]:
    """What comes from outside, by name; of several the strongest: files, environment, command line."""
    given: dict[str, GivenValue] = {}
    for path in outside.var_files:
        given |= _from_file(path, outside.files, known, faults)
    given |= _from_environment(outside.environ, known, faults)
    return given | _from_command_line(outside.assignments, known, faults)


def _from_file(path: str, files: Files, known: Collection[str], faults: Faults) -> dict[str, GivenValue]:
    """Several stacks may share a file: what it has for another one is a remark, as it may also be a slip."""
    given = {}
    for name, node in _variable_file(path, files, faults).items():
        if name in known:
            given[name] = GivenValue(path, plain(node), source=node.source, node=node)
        else:
            summary = f"{name} is not a variable of this stack, and sets nothing"
            faults.warn(summary, near(name, known, "declared"), node.key_source, rule=Rule.UNKNOWN_VARIABLE)
    return given


def _variable_file(path: str, files: Files, faults: Faults) -> Mapping[str, Node]:
    try:
        return mapping_of(files.document(path, is_named=True))
    except Rejected as error:
        for diagnostic in error.diagnostics:
            faults.take(diagnostic)
        return {}


def _from_environment(environ: Mapping[str, str], known: Collection[str], faults: Faults) -> dict[str, GivenValue]:
    given = {}
    for key in sorted(key for key in environ if key.startswith(PREFIX)):
        name = key.removeprefix(PREFIX)
        if name in known:
            given[name] = GivenValue(f"environment variable {key}", text=environ[key])
        else:  # the environment is shared by many stacks: no reason to refuse this one
            faults.warn(f"{key} sets no declared variable", near(name, known, "declared"), rule=Rule.UNKNOWN_VARIABLE)
    return given


def _from_command_line(assignments: Iterable[str], known: Collection[str], faults: Faults) -> dict[str, GivenValue]:
    given = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            faults.add(f"--var {assignment} has no =", "write --var NAME=VALUE", rule=Rule.UNKNOWN_VARIABLE)
        elif name not in known:
            faults.add(
                f"--var {name}: {name} is not a declared variable",
                near(name, known, "declared"),
                rule=Rule.UNKNOWN_VARIABLE,
            )
        else:
            given[name] = GivenValue(f"--var {name}", text=text)
    return given
