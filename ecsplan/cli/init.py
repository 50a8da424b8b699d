"""`ecsplan init`: a first stack file that an editor understands, and a `.gitignore`."""

import re
from difflib import get_close_matches
from pathlib import Path

import click

from ecsplan import engine
from ecsplan.cli import exits
from ecsplan.cli.filing import write_text
from ecsplan.cli.output import result
from ecsplan.model.quoting import shown
from ecsplan.model.stack import STACK_NAME
from ecsplan.render.json_format import dumped

SCHEMA = "ecsplan.schema.json"  # goes into git with the stack, so that every clone has it; fits the installed version
IGNORED = ".ecsplan/"

STACK = """\
# yaml-language-server: $schema={schema}
apiVersion: ecsplan/v1
stack: {name}                # with account and region, whose resources these are; never change it lightly
region: {region}

variables:
  web_count: {{type: integer, default: 1}}

defaults:
  tags: {{stack: {name}}}

resources:
  vpc:
    main: {{cidr_block: 10.0.0.0/16}}

  vswitch:
    app: {{vpc: main, zone: {zone}, cidr_block: 10.0.1.0/24}}

  security_group:
    web:
      vpc: main
      ingress:
        - {{protocol: tcp, ports: [80, 443], cidr: 0.0.0.0/0}}

  instance:
    web:
      count: "${{web_count}}"    # ecsplan plan --var web_count=3
      instance_type: ecs.g7.large
      image: {{family: "acs:ubuntu_22_04_x64"}}
      vswitch: app
      security_groups: [web]
      system_disk: {{category: cloud_essd, size: 40}}
"""


@click.command("init", help="Write a first stack file and its schema into DIRECTORY, and add .ecsplan/ to .gitignore.")
@click.argument("directory", default=".", type=click.Path(file_okay=False))
@click.option("--name", help="Name of the stack.  [default: the directory's name]")
@click.option("--region", default="cn-hangzhou", show_default=True, help="Region of the stack.")
@click.option("--zone", help="Zone of the first vSwitch.  [default: one of the region]")
def command(directory: str, name: str | None, region: str, zone: str | None) -> int:
    folder = Path(directory)
    existing = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if existing:
        raise click.ClickException(f"{existing[0]} exists already, and init overwrites nothing: choose another folder")
    zone = zone or first_zone(region)
    folder.mkdir(parents=True, exist_ok=True)
    stack = name or suggested_name(folder.resolve().name)
    if not re.search(STACK_NAME, stack):
        raise click.UsageError(
            f"{shown(stack)} is not a valid stack name: write small letters, digits and dashes, starting with a letter"
        )
    write_text(str(folder / SCHEMA), dumped(engine.stack_schema()))
    write_text(str(folder / "stack.yaml"), STACK.format(schema=SCHEMA, name=stack, region=region, zone=zone))
    ignore(folder / ".gitignore")
    result(
        f"wrote {folder / 'stack.yaml'}, and {folder / SCHEMA} for editors (commit both)\n"
        f"next: ecsplan plan --emulator {directory}\n"
    )
    return exits.DONE


def first_zone(region: str) -> str:
    """A zone of the region that the catalogue knows. Raises UsageError for a region of which it knows none."""
    zones = engine.zones()
    if region not in zones:
        near = get_close_matches(region, zones, 3, 0.7)
        hint = f"did you mean {' or '.join(near)}?" if near else f"regions: {', '.join(sorted(zones))}"
        raise click.UsageError(f"the catalogue has no region {region}; {hint} (for a new one, add --zone ZONE)")
    known = zones[region]
    return next((zone for zone in known if zone.endswith("h")), known[-1])


def suggested_name(folder: str) -> str:
    """The folder's name, as far as a stack may be called so."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.lower()).lstrip("-0123456789")
    return name[:63].strip("-") or "first"


def ignore(path: Path) -> None:
    """Adds our folder to the ignore file, once."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if IGNORED not in lines:
        write_text(str(path), "\n".join([*lines, IGNORED]) + "\n")
