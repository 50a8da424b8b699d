"""`ecsplan compare`: two environments of a stack held against each other, offline."""

import click

from ecsplan import engine
from ecsplan.cli import completing, exits, options
from ecsplan.cli.cloud import load
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result
from ecsplan.model.copying import replace
from ecsplan.render.compare import Compared, compare_document, compare_text
from ecsplan.render.json_format import dumped

TWO = (
    click.option(
        "-e",
        "--environment",
        "environments",
        multiple=True,
        metavar="NAME",
        shell_complete=completing.environments,
        help="One of the two environments; give it twice.",
    ),
)


@click.command("compare", help="Show how two environments of a stack differ, as they are declared. Offline.")
@takes(options.PATH, TWO, options.OF_A_STACK, options.formats("text", "json"), options.LOOK)
def command(given: Given) -> int:
    if len(given.environments) != 2:
        raise click.UsageError("name two environments: -e staging -e prod")
    one, other = (load(replace(given, environment=name)) for name in given.environments)
    compared = Compared((one, other), given.environments, engine.compare(one, other), engine.kinds())
    result(dumped(compare_document(compared)) if given.format == "json" else compare_text(compared))
    return exits.DONE
