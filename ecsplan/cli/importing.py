"""`ecsplan import`: what another tool keeps, as a folder that adopts it."""

import re
import sys
from pathlib import Path

import click

from ecsplan.cli import exits, options
from ecsplan.cli.cloud import cloud, named_region, region_of
from ecsplan.cli.filing import read_text, write_text
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result, say
from ecsplan.engine.importing import bring_over, read_source
from ecsplan.model.migration import Migration
from ecsplan.model.quoting import shown
from ecsplan.model.stack import STACK_NAME
from ecsplan.render.json_format import dumped
from ecsplan.render.migration import migration_document, migration_markdown, migration_text

TOOLS = ("terraform", "ros", "pulumi")
MOST_BYTES = 512 << 20

SOURCE = (
    click.argument("tool", metavar="TOOL", required=False, default=""),
    click.argument("state", metavar="STATE", required=False, default=""),
    click.option("--code", metavar="DIR", help="Read the intent (lifecycle, variables, moved) from these .tf files."),
    click.option("--resources", metavar="FILE", help="For ros: the output of aliyun ros ListStackResources."),
    click.option("-o", "--out", "output", metavar="DIR", help="Write stack.yaml, removed.tf and report.md to DIR."),
    click.option(
        "--stack", "stack_name", default="imported", show_default=True, metavar="NAME", help="Name of the stack."
    ),
    click.option("--offline", is_flag=True, help="Without an account: values of the state, and no proof."),
)


@click.command(
    "import",
    help="Write a stack file of what another tool (TOOL: terraform, ros or pulumi) keeps. STATE is, for terraform, a"
    " state (terraform state pull) or the output of terraform show -json; for pulumi, that of pulumi stack export; for"
    " ros, a template. - is stdin. The first plan shows adoptions only. Exit status 4 when something was left.",
)
@takes(
    SOURCE, options.formats("text", "markdown", "json"), options.REGION, options.CLOUD, options.LOOK,
)  # fmt: skip
def command(given: Given) -> int:
    _known(given)
    name = given.stack_name or ""
    if not re.search(STACK_NAME, name):
        raise click.UsageError(f"--stack: {shown(name)} is not a stack name: use small letters, digits and dashes")
    _refuse_to_overwrite(given.output)
    text = sys.stdin.read() if given.state == "-" else read_text(given.state, "the state")
    file = "stdin" if given.state == "-" else given.state
    found = _brought(given, text, file, name)
    files = {"stack.yaml": found.made.text, **found.files}
    if given.output:
        files["report.md"] = migration_markdown(found)
        _write(given.output, files)
    _tell(found, given, {} if given.output else files)
    return exits.DONE if found.is_complete else exits.PARTLY


def _known(given: Given) -> None:
    if given.tool not in TOOLS or not given.state:
        what = f"{given.tool} is none of them" if given.tool and given.tool not in TOOLS else "name both"
        raise click.UsageError(
            f"import takes a tool ({', '.join(TOOLS)}) and its state; {what}. To take over what no tool keeps, write"
            " adopt: ID into its block, or start from `ecsplan export`."
        )


def _brought(given: Given, text: str, file: str, name: str) -> Migration:
    if given.code and given.tool != "terraform":
        raise click.UsageError("--code is for terraform: leave it out")
    if bool(given.resources) != (given.tool == "ros"):
        raise click.UsageError("--resources FILE is for ros, which needs it")
    listed = read_text(given.resources, "the list") if given.resources else None
    source = read_source(given.tool, text, file, given.code, listed)
    region = named_region(given) or source.region or region_of(given)
    if given.offline:
        return bring_over(source, None, name, region)
    with cloud(given, region) as api:
        return bring_over(source, api, name)


def _refuse_to_overwrite(folder: str | None) -> None:
    if folder is not None and (Path(folder) / "stack.yaml").exists():
        raise click.ClickException(f"{folder}/stack.yaml exists already: choose another folder, or remove it")


def _write(folder: str, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = Path(folder) / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise click.ClickException(f"cannot make {path.parent}: {error.strerror}") from None
        write_text(str(path), text)


def _tell(found: Migration, given: Given, files: dict[str, str]) -> None:
    """The report to stdout where the file is written, otherwise the file; JSON holds both."""
    if given.format == "json":
        result(dumped(migration_document(found, files)))
        return
    report = migration_markdown(found) if given.format == "markdown" else migration_text(found)
    if files:
        result(found.made.text)
        say(report.rstrip("\n"))
    else:
        result(report)
        say(f"next: ecsplan plan {given.output}")
