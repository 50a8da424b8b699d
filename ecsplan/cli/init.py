"""`ecsplan init`: a first stack file that an editor understands, and a `.gitignore`."""

import re
from pathlib import Path

import click

from ecsplan import engine
from ecsplan.cli import exits
from ecsplan.cli.filing import write_text
from ecsplan.cli.folder import ignored_folder
from ecsplan.cli.output import result
from ecsplan.model.stack import STACK_NAME
from ecsplan.render.json_format import dumped

SCHEMA = ".ecsplan/stack.schema.json"  # fits the installed version; anyone makes it by `ecsplan schema -o`
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
    app: {{vpc: main, zone: {region}-h, cidr_block: 10.0.1.0/24}}

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


@click.command("init", help="Write a first stack file into DIRECTORY, and keep .ecsplan/ out of git.")
@click.argument("directory", default=".", type=click.Path(file_okay=False))
@click.option("--name", help="The name of the stack; that of the directory if left out.")
@click.option("--region", default="cn-hangzhou", show_default=True, help="Where the stack is to be.")
def command(directory: str, name: str | None, region: str) -> int:
    folder = Path(directory)
    existing = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if existing:
        raise click.ClickException(f"{existing[0]} exists already: init overwrites nothing")
    folder.mkdir(parents=True, exist_ok=True)
    stack = name or suggested_name(folder.resolve().name)
    if not re.search(STACK_NAME, stack):
        raise click.UsageError(f"{stack!r} is no stack name: small letters, digits and dashes, a letter first")
    ignored_folder(folder / ".ecsplan")
    write_text(str(folder / SCHEMA), dumped(engine.stack_schema()))
    write_text(str(folder / "stack.yaml"), STACK.format(schema=SCHEMA, name=stack, region=region))
    ignore(folder / ".gitignore")
    result(f"wrote {folder / 'stack.yaml'}\nnext: ecsplan plan --emulator {directory}\n")
    return exits.DONE


def suggested_name(folder: str) -> str:
    """The folder's name, as far as a stack may be called so."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.lower()).lstrip("-0123456789")
    return name[:63].strip("-") or "first"


def ignore(path: Path) -> None:
    """Adds our folder to the ignore file, once."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if IGNORED not in lines:
        write_text(str(path), "\n".join([*lines, IGNORED]) + "\n")
