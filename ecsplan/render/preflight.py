"""The preflight of a plan, for every format. Used by text.py, markdown.py and json_format.py."""

from collections.abc import Iterator

from ecsplan.model.preflight import Finding, Level, PreflightReport
from ecsplan.render.words import members, plural

WORDS = {Level.FAIL: "FAIL", Level.WARN: "WARN", Level.UNCHECKED: "not checked"}


def summary(found: PreflightReport) -> str:
    """`Preflight (fast): 4 passed, 1 failed, 1 warning, 2 not checked.`; empty where none was made."""
    if found.mode == "off" or not (found.passed or found.findings):
        return ""
    counts = {
        f"{found.passed} passed": True,
        f"{len(found.of(Level.FAIL))} failed": found.of(Level.FAIL),
        plural(len(found.of(Level.WARN)), "warning"): found.of(Level.WARN),
        f"{len(found.of(Level.UNCHECKED))} not checked": found.of(Level.UNCHECKED),
    }
    return f"Preflight ({found.mode}): {', '.join(text for text, holds in counts.items() if holds)}."


def finding_words(finding: Finding) -> str:
    """`instance.web[0…9]: ecs.g6.large is sold out in cn-hangzhou-h (WithoutStock)`."""
    who = f"{members(finding.addresses)}: " if finding.addresses else ""
    return f"{who}{finding.summary}"


def finding_lines(finding: Finding) -> Iterator[str]:
    """What is found, with its place, and below it what to do."""
    place = f"   {finding.source.file}:{finding.source.line}" if finding.source else ""
    yield f"{WORDS[finding.level]} {finding_words(finding)}{place}"
    if finding.advice:
        yield f"    {finding.advice}"
