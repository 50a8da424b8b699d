"""`ecsplan explain`: kinds, attributes and sections of the file, from the same tables and schema that plan by them."""

import sys
from collections.abc import Iterable
from difflib import get_close_matches

import click

from ecsplan import engine
from ecsplan.cli import completing, exits, options
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import paint_for, result
from ecsplan.model.kind import Kind
from ecsplan.render.explain import attribute_text, kind_document, kind_text, kinds_text
from ecsplan.render.explain_schema import found, members_of, schema_document, schema_text, topics
from ecsplan.render.json_format import dumped

SUBJECT = (
    click.argument("path", default="", metavar="[KIND | SECTION][.ATTRIBUTE...]", shell_complete=completing.subjects),
)


@click.command("explain", help="Document a kind, an attribute or a section of the file; without a name, list them.")
@takes(SUBJECT, options.formats("text", "json"), options.LOOK)
def command(given: Given) -> int:
    kinds = engine.kinds()
    paint = paint_for(sys.stdout, given.no_color)
    name, _, attribute = given.path.partition(".")
    if not name:
        documents = [kind_document(kinds[known]) for known in sorted(kinds)]
        sections = "Also: " + ", ".join(topics(engine.stack_schema())) + "\n"
        result(dumped({"kinds": documents}) if given.format == "json" else kinds_text(kinds, paint) + sections)
    elif name in kinds and _is_attribute(kinds[name], attribute):
        kind = kinds[name]
        if given.format == "json":
            result(dumped(kind_document(kind, attribute)))
        else:
            result(attribute_text(kind, attribute, paint) if attribute else kind_text(kind, paint))
    else:
        _explain_section(given, list(kinds))
    return exits.DONE


def _is_attribute(kind: Kind, path: str) -> bool:
    """Whether it is the kind itself, one of its attributes, or a block of them."""
    return not path or any(a.name == path or a.name.startswith(path + ".") for a in kind.attributes)


def _explain_section(given: Given, kinds: list[str]) -> None:
    schema = engine.stack_schema()
    path = given.path
    if found(schema, path) is None:
        above, _, last = path.rpartition(".")
        while above and found(schema, above) is None:
            above, _, last = above.rpartition(".")
        known = members_of(schema, above) if above else [*kinds, *topics(schema)]
        where = f"{above} has no member" if above else "there is no kind or section"
        raise click.UsageError(f"{where} {last or path}; {_near(last or path, known)}")
    paint = paint_for(sys.stdout, given.no_color)
    result(dumped(schema_document(schema, path)) if given.format == "json" else schema_text(schema, path, paint))


def _near(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(name, names, 3)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names[:30]) or 'none'}"
