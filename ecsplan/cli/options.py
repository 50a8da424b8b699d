"""The options that commands share, each declared once, and the values that they were given."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

Decorator = Callable[[Callable[..., int]], Callable[..., int]]


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line said; a command reads what it takes, the rest keeps its default."""

    path: str = "."
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
    strict_absence: bool = False
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    refresh: str | None = None
    destroy: bool = False
    detailed_exitcode: bool = False
    output: str | None = None
    auto_approve: bool = False
    allow: tuple[str, ...] = ()
    allow_destroy: int | None = None
    all_regions: bool = False
    addresses: tuple[str, ...] = ()
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
    platform: str | None = None
    min_cpu: int | None = None
    min_memory: float | None = None
    conformance: bool = False
    policy: str | None = None
    base: str | None = None
    approvals: str | None = None
    key: str | None = None
    classes: tuple[str, ...] = ()
    hours: float = 24.0
    reason: str = ""
    any_commit: bool = False
    revoke: bool = False

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
    choice = click.option("--format", "form", type=click.Choice(names), help="How to print the result.")
    return (choice, click.option("--json", "as_json", is_flag=True, help="The same as --format json."))


PATH: tuple[Decorator, ...] = (click.argument("path", default=".", metavar="[PATH]"),)

STACK: tuple[Decorator, ...] = (
    click.option("-f", "--file", "overlays", multiple=True, metavar="FILE", help="An overlay; repeatable."),
    click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="The value of a variable."),
    click.option("--var-file", "var_files", multiple=True, metavar="FILE", help="A YAML file of variables."),
    click.option("--region", metavar="REGION", help="Instead of the region in the stack file."),
    click.option(
        "--allow-path",
        "allow_paths",
        type=click.Path(),
        envvar="ECSPLAN_ALLOW_PATH",
        multiple=True,
        metavar="DIR",
        help="A folder outside the repository whose files the stack may name; repeatable.",
    ),
)

POLICY: tuple[Decorator, ...] = (
    click.option("--policy", type=click.Path(), metavar="FILE", help="A policy.  [default: ecsplan.policy.yaml above]"),
    click.option("--base", envvar="ECSPLAN_BASE", metavar="REVISION",
                 help="The Git branch or commit that policy and signers are read from."),
    click.option("--approvals", type=click.Path(), metavar="DIR", help="Where approvals lie, if not beside it."),
)  # fmt: skip

REGION: tuple[Decorator, ...] = (
    click.option("--region", metavar="REGION", help="Where to look.  [default: ALIBABA_CLOUD_REGION_ID]"),
)

CLOUD: tuple[Decorator, ...] = (
    click.option("--profile", metavar="NAME", help="A profile of ~/.aliyun/config.json."),
    click.option("--endpoint", envvar="ECSPLAN_ENDPOINT", metavar="URL", help="Where all services are, for tests."),
    click.option(
        "--signature", type=click.Choice(["v1", "v3"]), help="Signature version.  [default: ECSPLAN_SIGNATURE, or v3]"
    ),
    click.option("--emulator", is_flag=True, help="Use the built-in emulator, kept in .ecsplan/emulator.db."),
    click.option(
        "--parallelism", type=click.IntRange(1, 100), default=10, show_default=True, help="Requests at once, at most."
    ),
    click.option("--log-file", metavar="FILE", help="Write each API call there, secrets masked."),
)

LOOK: tuple[Decorator, ...] = (
    click.option("-v", "--verbose", count=True, help="More: calls with parameters; twice: each request."),
    click.option("--no-color", is_flag=True, help="No colours (as NO_COLOR)."),
)

EVENTS: tuple[Decorator, ...] = (
    click.option("--events", metavar="FILE|-", help="Write event lines (JSON) to a file, or to stdout."),
)

PLANNING: tuple[Decorator, ...] = (
    click.option("--target", "targets", multiple=True, metavar="ADDRESS", help="Only this and what it needs."),
    click.option("--exclude", "excludes", multiple=True, metavar="ADDRESS", help="Leave this and what needs it."),
    click.option("--replace", "replaces", multiple=True, metavar="ADDRESS", help="Replace this."),
    click.option("--refresh", type=click.Choice(["full"]), help="full: also read what has to be read one by one."),
    click.option("--strict-absence", is_flag=True, help="Refuse when an empty list may mean no permission."),
)

LOCK: tuple[Decorator, ...] = (
    click.option(
        "--lock-timeout",
        type=click.FloatRange(0),
        default=0.0,
        metavar="SECONDS",
        help="How long to wait for the lock.",
    ),
    click.option("--no-lock", is_flag=True, help="For keys that may not lock."),
)

APPROVAL: tuple[Decorator, ...] = (
    click.option("--auto-approve", is_flag=True, help="Do not ask."),
    click.option("--allow", multiple=True, metavar="ADDRESS", help="This may lose its data or its address."),
    click.option("--allow-destroy", type=click.IntRange(0), metavar="N", help="So many may be destroyed or replaced."),
    *LOCK,
)
