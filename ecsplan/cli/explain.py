"""`ecsplan explain`: what a kind or an attribute is, and how it changes, from the same tables that plan by it."""

import sys
from difflib import get_close_matches

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import paint_for, result
from ecsplan.model.kind import Kind
from ecsplan.render.explain import attribute_text, kind_document, kind_text, kinds_text
from ecsplan.render.json_format import dumped

SUBJECT = (click.argument("path", default="", metavar="[KIND[.ATTRIBUTE]]"),)


@click.command("explain", help="Document a kind or one of its attributes; without a name, list the kinds.")
@takes(SUBJECT, options.formats("text", "json"), options.LOOK)
def command(given: Given) -> int:
    kinds = engine.kinds()
    paint = paint_for(sys.stdout, given.no_color)
    name, _, attribute = given.path.partition(".")
    if not name:
        documents = [kind_document(kinds[known]) for known in sorted(kinds)]
        result(dumped({"kinds": documents}) if given.format == "json" else kinds_text(kinds, paint))
        return exits.DONE
    if name not in kinds:
        raise click.UsageError(f"there is no kind {name}; {_near(name, sorted(kinds))}")
    kind = kinds[name]
    _check_attribute(kind, attribute)
    if given.format == "json":
        result(dumped(kind_document(kind, attribute)))
    else:
        result(attribute_text(kind, attribute, paint) if attribute else kind_text(kind, paint))
    return exits.DONE


def _check_attribute(kind: Kind, attribute: str) -> None:
    names = [known.name for known in kind.attributes]
    if attribute and not any(n == attribute or n.startswith(attribute + ".") for n in names):
        raise click.UsageError(f"{kind.name} has no attribute {attribute}; {_near(attribute, names)}")


def _near(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
