"""The options of a command as requests to the engine: how to plan, and what an apply may do."""

from collections.abc import Iterable
from difflib import get_close_matches

import click

from ecsplan import engine
from ecsplan.cli.options import Given
from ecsplan.model.address import Address


def classes(texts: Iterable[str], option: str) -> tuple[str, ...]:
    """Classes of change, several in one text with commas. Raises UsageError for one that is none."""
    found = tuple(name.strip() for text in texts for name in text.split(","))
    for name in found:
        if name not in engine.classes():
            near = get_close_matches(name, engine.classes(), 1)
            hint = f"did you mean {near[0]}?" if near else f"classes: {', '.join(engine.classes())}"
            raise click.UsageError(f"{option} {name}: no class of change is called so; {hint}")
    return found


def plan_options(given: Given) -> engine.PlanOptions:
    return engine.PlanOptions(
        targets=given.targets,
        excludes=given.excludes,
        replaces=given.replaces,
        destroy=given.destroy,
        refresh_full=given.refresh == "full",
        strict_absence=given.strict_absence,
        only=classes(given.only, "--only"),
        deny=classes(given.deny, "--deny"),
        on_drift=given.on_drift,
        preflight=given.preflight or "fast",
        price=given.price != "off",
        store=given.store or None,
    )


def apply_options(given: Given, approved: bool) -> engine.ApplyOptions:
    allow = [name for text in given.allow for name in _parted(text)]
    for text in allow:
        if text in engine.classes():
            continue
        try:
            Address.parse(text)
        except ValueError as error:
            raise click.UsageError(f"--allow: {error}") from None
    return engine.ApplyOptions(
        allow=tuple(allow),
        deny=classes(given.deny, "--deny"),
        allow_destroy=given.allow_destroy,
        approved=approved,
        parallelism=given.parallelism,
        lock=not given.no_lock,
        lock_timeout=given.lock_timeout,
        allow_paths=given.allow_paths,
        skip_stale=given.skip_stale,
        store=given.store,
        runs_commands=given.allow_local_checks,
    )


def _parted(text: str) -> list[str]:
    """Several classes in one text; an address may have commas of its own."""
    names = [name.strip() for name in text.split(",")]
    return names if all(name in engine.classes() for name in names) else [text]
