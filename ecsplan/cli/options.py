"""The options that commands share, each declared once, and the values that they were given."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Literal
from urllib.parse import urlsplit

import click
from msgspec import Struct, field

from ecsplan.cli import completing
from ecsplan.model.call import Api
from ecsplan.model.preflight import MODES, Mode
from ecsplan.model.stack import Stack

Decorator = Callable[[Callable[..., int]], Callable[..., int]]


class Given(Struct, frozen=True):
    """What the command line said; a command reads what it takes, the rest keeps its default."""

    path: str = "."
    old: str = ""
    since: str | None = None
    skip_stale: bool = False
    check: bool = False
    expires: str | None = None
    bind_commit: bool = False
    paths: tuple[str, ...] = ()
    every: bool = False
    turns: Callable[[str], Api] | None = None  # where several stacks share what they read
    stacks: Mapping[str, Stack] = field(default_factory=dict)  # those that are loaded already, by their paths
    subject: str = ""
    environment: str | None = None
    environments: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    var_files: tuple[str, ...] = ()
    allow_paths: tuple[str, ...] = ()
    region: str | None = None
    profile: str | None = None
    endpoint: str | None = None
    emulator: bool = False
    signature: str | None = None
    parallelism: int = 10
    verbose: int = 0
    log_file: str | None = None
    no_color: bool = False
    form: str | None = None
    as_json: bool = False
    events: str | None = None
    lock_timeout: float = 0.0
    no_lock: bool = False
    no_drain: bool = False
    strict_absence: bool = False
    preflight: Mode | None = None
    price: str | None = None
    strict: bool = False
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    refresh: str | None = None
    destroy: bool = False
    detailed_exitcode: bool = False
    output: str | None = None
    auto_approve: bool = False
    bound_to: str | None = None
    allow: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    on_drift: Literal["revert", "refuse", "keep"] = "revert"
    allow_destroy: int | None = None
    all_regions: bool = False
    addresses: tuple[str, ...] = ()
    named: str = ""
    parameters: tuple[str, ...] = ()
    force: bool = False
    stop_charging: bool = False
    snapshot: str | None = None
    chosen_kinds: tuple[str, ...] = ()
    vpc: str | None = None
    tags: tuple[str, ...] = ()
    stack_name: str | None = None
    with_tools: bool = False
    zone: str | None = None
    family: str | None = None
    name: str | None = None
    raw: bool = False
    platform: str | None = None
    min_cpu: int | None = None
    min_memory: float | None = None
    conformance: bool = False
    policy: str | None = None
    base: str | None = None
    approvals: tuple[str, ...] = ()
    key: str | None = None
    classes: tuple[str, ...] = ()
    hours: float = 24.0
    reason: str = ""
    any_commit: bool = False
    problems: str | None = None
    forge: str | None = None
    repo: str | None = None
    change: str | None = None
    sha: str | None = None
    api: str | None = None
    link: str | None = None
    no_status: bool = False
    dry_run: bool = False
    issue: bool = False
    who: bool = False
    on: str | None = None
    once: bool = False
    accept: str | None = None
    pull_request: bool = False
    into: str | None = None
    remote: str = "origin"
    revert: str | None = None
    notify: str | None = None
    diff: bool = False
    folders: bool = False
    network: Literal["private", "public"] = "private"
    port: int = 9100
    revoke: bool = False
    writes: tuple[str, ...] = ()
    tool: str = ""
    state: str = ""
    code: str | None = None
    offline: bool = False
    resources: str | None = None
    target: str = "ecsplan"
    store: str = ""
    allow_local_checks: bool = False
    limit: int = 20
    run: str = ""

    @property
    def format(self) -> str:
        return "json" if self.as_json else self.form or "text"


def takes(*groups: tuple[Decorator, ...]) -> Callable[[Callable[[Given], int]], Callable[..., int]]:
    """Gives a command the options of some groups, and their values as one `Given`."""

    def decorate(command: Callable[[Given], int]) -> Callable[..., int]:
        @wraps(command)
        def run(**values: Any) -> int:
            return command(Given(**values))

        wrapped: Callable[..., int] = run
        for option in reversed([option for group in groups for option in group]):
            wrapped = option(wrapped)
        return wrapped

    return decorate


def formats(*names: str) -> tuple[Decorator, ...]:
    """`--format`, with text first, and its alias `--json`."""
    choice = click.option("--format", "form", type=click.Choice(names), help="Output format.")
    return (choice, click.option("--json", "as_json", is_flag=True, help="Same as --format json."))


def without_password(_context: click.Context, option: click.Parameter, url: str) -> str:
    """A password on a command line can be read by all on the machine; from the environment it is taken."""
    source = _context.get_parameter_source(option.name or "")
    if source is click.core.ParameterSource.COMMANDLINE and urlsplit(url).password:
        raise click.UsageError(f"--{option.name}: leave out the password: use ECSPLAN_STORE, PGPASSWORD or ~/.pgpass")
    return url


PATH: tuple[Decorator, ...] = (click.argument("path", default=".", metavar="[PATH]"),)

OF_A_STACK: tuple[Decorator, ...] = (
    click.option(
        "-f",
        "--file",
        "overlays",
        multiple=True,
        metavar="FILE",
        help="Merge this file or folder over the stack; repeatable.",
    ),
    click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="Set a variable; repeatable."),
    click.option(
        "--var-file", "var_files", multiple=True, metavar="FILE", help="Read variables from a YAML file; repeatable."
    ),
    click.option(
        "--region",
        metavar="REGION",
        shell_complete=completing.regions,
        help="Use this region instead of the one in the stack file.",
    ),
    click.option(
        "--allow-path",
        "allow_paths",
        type=click.Path(),
        envvar="ECSPLAN_ALLOW_PATH",
        multiple=True,
        metavar="DIR",
        help="Allow the stack to read files in a folder outside its repository; repeatable.",
    ),
)

STACK: tuple[Decorator, ...] = (
    click.option(
        "-e",
        "--environment",
        metavar="NAME",
        shell_complete=completing.environments,
        help="Use this environment of the stack.",
    ),
    *OF_A_STACK,
)

POLICY: tuple[Decorator, ...] = (
    click.option("--policy", type=click.Path(), metavar="FILE", help="A policy.  [default: ecsplan.policy.yaml above]"),
    click.option("--base", envvar="ECSPLAN_BASE", metavar="REVISION",
                 help="The Git branch or commit that policy and signers are read from."),
    click.option("--approvals", type=click.Path(), multiple=True, metavar="DIR",
                 help="A further folder of approvals, like those of an earlier plan; repeatable."),
)  # fmt: skip

REGION: tuple[Decorator, ...] = (
    click.option(
        "--region",
        metavar="REGION",
        shell_complete=completing.regions,
        help="Region.  [default: ALIBABA_CLOUD_REGION_ID, or the profile's]",
    ),
)

CLOUD: tuple[Decorator, ...] = (
    click.option(
        "--profile",
        metavar="NAME",
        shell_complete=completing.profiles,
        help="Use this profile of ~/.aliyun/config.json.",
    ),
    click.option("--endpoint", envvar="ECSPLAN_ENDPOINT", metavar="URL", help="Override the endpoint of all services."),
    click.option(
        "--signature", type=click.Choice(["v1", "v3"]), help="Signature version.  [default: ECSPLAN_SIGNATURE, or v3]"
    ),
    click.option(
        "--emulator", is_flag=True, help="Use the built-in emulator; its data is kept in .ecsplan/emulator.db."
    ),
    click.option(
        "--parallelism",
        type=click.IntRange(1, 100),
        default=10,
        show_default=True,
        help="Maximum number of concurrent requests.",
    ),
    click.option("--log-file", metavar="FILE", help="Write every API call to FILE, with secrets masked."),
)

LOOK: tuple[Decorator, ...] = (
    click.option("-v", "--verbose", count=True, help="Show calls with their parameters; -vv shows every request."),
    click.option("--no-color", is_flag=True, help="Disable colors (like NO_COLOR)."),
)

EVENTS: tuple[Decorator, ...] = (
    click.option("--events", metavar="FILE|-", help="Write events as JSON lines to FILE, or to stdout."),
)

PLANNING: tuple[Decorator, ...] = (
    click.option(
        "--target",
        "targets",
        multiple=True,
        metavar="ADDRESS",
        shell_complete=completing.addresses,
        help="Plan only ADDRESS and its dependencies; repeatable. Takes patterns: instance.web[0..4], instance.w*.",
    ),
    click.option(
        "--exclude",
        "excludes",
        multiple=True,
        metavar="ADDRESS",
        shell_complete=completing.addresses,
        help="Skip ADDRESS and its dependents; repeatable. Takes patterns.",
    ),
    click.option(
        "--replace",
        "replaces",
        multiple=True,
        metavar="ADDRESS",
        shell_complete=completing.addresses,
        help="Replace ADDRESS even if nothing differs; repeatable.",
    ),
    click.option(
        "--refresh", type=click.Choice(["full"]), help="full: also read the details that need one call per resource."
    ),
    click.option(
        "--only",
        multiple=True,
        metavar="CLASS,…",
        shell_complete=completing.classes,
        help="Plan only changes of these classes, such as create,update; leave out the others and what needs them.",
    ),
    click.option(
        "--deny",
        multiple=True,
        metavar="CLASS,…",
        shell_complete=completing.classes,
        help="Refuse a plan that has changes of these classes.",
    ),
    click.option(
        "--on-drift",
        type=click.Choice(["revert", "refuse", "keep"]),
        default="revert",
        show_default=True,
        help="What was changed outside since the last apply: revert it, refuse the plan, or keep it.",
    ),
    click.option(
        "--preflight",
        type=click.Choice(MODES),
        help="How much the service is asked ahead whether it would take the plan.  [default: fast]",
    ),
    click.option("--price", type=click.Choice(["on", "off"]), help="Whether prices are asked for.  [default: on]"),
    click.option("--strict-absence", is_flag=True, help="Refuse if an empty list may mean missing permission."),
)

LOCK: tuple[Decorator, ...] = (
    click.option(
        "--lock-timeout",
        type=click.FloatRange(0),
        default=0.0,
        metavar="SECONDS",
        help="Wait this long for the lock.",
    ),
    click.option("--no-lock", is_flag=True, help="Skip locking (if the key lacks the permission)."),
)

STORE: tuple[Decorator, ...] = (
    click.option(
        "--store", default="", envvar="ECSPLAN_STORE", metavar="URL", callback=without_password,
        help="Where runs are recorded: postgresql://USER@HOST/DATABASE.  [default: .ecsplan/history.db]",
    ),
)  # fmt: skip

ALLOW: tuple[Decorator, ...] = (
    click.option(
        "--allow",
        multiple=True,
        metavar="ADDRESS|CLASS,…",
        shell_complete=completing.addresses,
        help="Permit ADDRESS, or all changes of a CLASS, to lose data or a public address; repeatable.",
    ),
)

APPROVAL: tuple[Decorator, ...] = (
    click.option("--auto-approve", is_flag=True, help="Apply without asking."),
    *ALLOW,
    click.option(
        "--allow-destroy",
        type=click.IntRange(0),
        metavar="N",
        help="Allow up to N resources to be destroyed or replaced.",
    ),
    click.option(
        "--allow-local-checks", is_flag=True, help="Allow checks of a rollout to run their commands on this machine."
    ),
    *LOCK,
)
