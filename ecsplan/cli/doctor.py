"""`ecsplan doctor`: what to run first on an account. Reads only."""

import sys

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import cloud, region_of
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import paint_for, result
from ecsplan.render.doctor import conformance_document, conformance_text, doctor_document, doctor_text
from ecsplan.render.json_format import dumped

CONFORMANCE = (
    click.option(
        "--conformance",
        is_flag=True,
        help="Only tell how answers differ from what the API says of them: types and places, no values.",
    ),
)


@click.command(
    "doctor",
    help="Look over the account, key and region before a first plan; read-only. Exit status 1 when something would"
    " fail.",
)
@takes(options.REGION, CONFORMANCE, options.formats("text", "json"), options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    with cloud(given, region_of(given)) as api:
        found = engine.doctor(api, conformance=given.conformance)
    as_json = given.format == "json"
    if found.conformance is not None:
        result(dumped(conformance_document(found.conformance)) if as_json else conformance_text(found.conformance))
        return exits.DONE
    text = dumped(doctor_document(found)) if as_json else doctor_text(found, paint_for(sys.stdout, given.no_color))
    result(text)
    return exits.DONE if found.is_sound else exits.ERROR
