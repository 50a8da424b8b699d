"""The parameters of a command that is run by hand: those of the file, and those of `--parameter`. Pure."""

from collections.abc import Iterable, Mapping

from ecsplan.kinds._command_parameters import Parameters
from ecsplan.model.address import Address
from ecsplan.model.algebra import Value, fields
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.spelling import nearest
from ecsplan.model.values import Mistake


def with_given(values: Value, given: Mapping[str, str], names: Iterable[str], command: Address) -> Value:
    """The values of one run: those of the file, and those that a person gives instead. `names` are what the command
    takes. Raises Rejected for one that it does not take, that is no value, or that is missing."""
    known, problems = sorted(names), []
    for name in sorted(given.keys() - set(known)):
        detail = nearest(name, known, "parameters") if known else "it takes none: its content has no {{name}}"
        problems.append(Diagnostic(f"{command} has no parameter {name}", detail))
    try:
        found = {**fields(values), **dict(Parameters().parse(dict(given)))}
    except Mistake as mistake:
        problems.append(Diagnostic(f"--parameter: {mistake.summary}", mistake.detail))
        found = {}
    if not problems:
        problems = [
            Diagnostic(f"{command} needs a value for {name}", f"say --parameter {name}=VALUE")
            for name in known
            if name not in found
        ]
    if problems:
        raise Rejected(problems)
    return tuple(sorted(found.items()))
