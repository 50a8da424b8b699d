"""`ecsplan inventory`: the machines of a stack for Ansible, OpenSSH and Prometheus."""

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import cloud, load
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result, say
from ecsplan.render.hosts import ansible_inventory, hosts_csv, hosts_of, prometheus_targets, ssh_config

SHAPE = (
    click.option(
        "--format",
        "form",
        type=click.Choice(("ansible", "ssh-config", "prometheus-sd", "csv")),
        default="ansible",
        show_default=True,
        help="Output format.",
    ),
    click.option(
        "--network",
        type=click.Choice(("private", "public")),
        default="private",
        show_default=True,
        help="Which address the machines are reached by.",
    ),
    click.option(
        "--port",
        type=click.IntRange(1, 65535),
        default=9100,
        show_default=True,
        help="The port of a target, for prometheus-sd.",
    ),
)


@click.command("inventory", help="Print the machines that the stack owns, for other tools. Reads only.")
@takes(options.PATH, SHAPE, options.STACK, options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    stack = load(given)
    with cloud(given, stack.region) as api:
        found = hosts_of(engine.list_objects(stack, api))
    if given.form == "csv":
        result(hosts_csv(found))
        return exits.DONE
    hosts = [host for host in found if host.reached_by(given.network)]
    for host in found:
        if host not in hosts:
            say(f"warning: {host.address} ({host.id}) has no {given.network} address: left out")
    if given.form == "ssh-config":
        result(ssh_config(hosts, given.network))
    elif given.form == "prometheus-sd":
        result(prometheus_targets(hosts, given.network, given.port))
    else:
        result(ansible_inventory(hosts, given.network))
    return exits.DONE
