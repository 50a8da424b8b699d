"""`ecsplan unlock`: breaks the lock of a stack whose run is known to be dead."""

from datetime import UTC, datetime

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import cloud, region_of
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result
from ecsplan.render.json_format import dumped

STACK = (
    click.argument("path", metavar="STACK"),
    click.option("--region", metavar="REGION", help="Region of the stack.  [default: ALIBABA_CLOUD_REGION_ID]"),
)


@click.command("unlock", help="Release the lock of the stack named STACK. Make sure that no run holds it.")
@takes(STACK, options.formats("text", "json"), options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    region = region_of(given)
    with cloud(given, region) as api:
        broken = engine.unlock(given.path, api)
    if given.format == "json":
        result(dumped({"stack": given.path, "region": region, "broken": broken}))
    elif broken is None:
        result(f"{given.path} is not locked in {region}.\n")
    else:
        told = ", ".join(f"{name} {_shown(name, value)}" for name, value in broken.items() if value not in (None, ""))
        result(f"broke the lock of {given.path} in {region}" + (f" ({told})" if told else "") + ".\n")
    return exits.DONE


def _shown(name: str, value: object) -> str:
    """A moment as people read it; anything else as it is."""
    if name in ("since", "expires") and isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return str(value)
