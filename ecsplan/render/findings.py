"""Findings of validate, for programs: SARIF 2.1.0, JUnit, GitLab's Code Quality and GitHub's annotations.

Pure: diagnostics with the end of their range, to text. Paths are relative to the repository, with forward slashes.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from msgspec import Struct

from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.rules import Rule
from ecsplan.model.unseen import spelled
from ecsplan.render.json_format import DIAGNOSTICS_FORMAT, diagnostic_document

PAGES = "https://github.com/ecsplan/ecsplan/blob/main/docs/"
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MOST_ANNOTATIONS = 10  # of each level in one step, as GitHub shows them


class Finding(Struct, frozen=True):
    """A diagnostic with the exclusive end of its range, both counted from 1; `path` is the file as reports name it."""

    diagnostic: Diagnostic
    path: str = ""
    end_line: int = 0
    end_column: int = 0

    @property
    def text(self) -> str:
        found = self.diagnostic
        who = f"{found.address}: " if found.address else ""
        return spelled(who + found.summary.replace("\n", " "))

    @property
    def full_text(self) -> str:
        detail = " ".join(self.diagnostic.detail.split())
        return self.text + (f" ({spelled(detail)})" if detail else "")

    @property
    def rule_id(self) -> str:
        return self.diagnostic.rule.id if self.diagnostic.rule else "ECS000"


def help_link(rule: Rule | None) -> str:
    return PAGES + rule.anchor if rule else ""


def findings_document(findings: Sequence[Finding]) -> dict[str, Any]:
    """The JSON of `validate`: the diagnostics, each with its rule, the end of its range, and what would be right."""
    return {
        "format": DIAGNOSTICS_FORMAT,
        "valid": not any(one.diagnostic.severity is Severity.ERROR for one in findings),
        "diagnostics": [finding_document(one) for one in findings],
    }


def finding_document(one: Finding) -> dict[str, Any]:
    found = one.diagnostic
    has_end = found.source is not None and one.end_line > 0
    return {
        **diagnostic_document(found),
        "rule": found.rule.id if found.rule else None,
        "help": help_link(found.rule) or None,
        "end": {"line": one.end_line, "column": one.end_column} if has_end else None,
        "instead": list(found.hint.instead) if found.hint else [],
    }


def sarif(findings: Sequence[Finding], stack: str, version: str) -> str:
    """One run of SARIF 2.1.0. `stack` makes the category, one for each stack."""
    rules = sorted({one.diagnostic.rule for one in findings if one.diagnostic.rule}, key=lambda rule: rule.id)
    driver = {
        "name": "ecsplan",
        "semanticVersion": version,
        "informationUri": "https://github.com/ecsplan/ecsplan",
        "rules": [_sarif_rule(rule) for rule in rules],
    }
    seen: Counter[str] = Counter()
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"ecsplan/{stack}/"},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(one, rules, seen) for one in findings],
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.slug.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": rule.explanation, "markdown": f"{rule.explanation} [{rule.id}]({help_link(rule)})"},
        "helpUri": help_link(rule),
        "properties": {"tags": ["config"], "precision": "very-high"},
    }


def _sarif_result(one: Finding, rules: Sequence[Rule], seen: Counter[str]) -> dict[str, Any]:
    found = one.diagnostic
    result: dict[str, Any] = {
        "ruleId": one.rule_id,
        "level": found.severity.value,
        "message": {"text": one.full_text},
        "partialFingerprints": {"primaryLocationLineHash": fingerprint(one, seen)},
    }
    if found.rule:
        result["ruleIndex"] = rules.index(found.rule)
    location: dict[str, Any] = {}
    if found.source:
        region = {"startLine": found.source.line, "startColumn": found.source.column}
        if one.end_line:
            region |= {"endLine": one.end_line, "endColumn": one.end_column}
        location["physicalLocation"] = {"artifactLocation": {"uri": _uri(one.path)}, "region": region}
    if found.address:
        location["logicalLocations"] = [{"fullyQualifiedName": str(found.address), "kind": "resource"}]
    if location:
        result["locations"] = [location]
    return result


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path)


def fingerprint(one: Finding, seen: Counter[str]) -> str:
    """The same for the same fault when lines move: its rule, file, address and words; equal ones are counted."""
    found = one.diagnostic
    parts = (one.rule_id, one.path, str(found.address or ""), found.summary)
    key = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    seen[key] += 1
    return f"{key}:{seen[key]}"


_LEVELS = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def code_quality(findings: Sequence[Finding]) -> str:
    """GitLab's report: a list, each entry with a fingerprint of its own."""
    seen: Counter[str] = Counter()
    entries = [
        {
            "description": one.full_text,
            "check_name": one.rule_id,
            "fingerprint": fingerprint(one, seen),
            "severity": _LEVELS[one.diagnostic.severity],
            "location": {
                "path": one.path or ".",
                "lines": {"begin": one.diagnostic.source.line if one.diagnostic.source else 1},
            },
        }
        for one in findings
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


class Case(Struct, frozen=True):
    """A test case of a JUnit report; `failure` is why it failed, empty where it passed."""

    name: str
    failure: str = ""
    kind: str = ""
    text: str = ""
    file: str = ""
    seconds: float = 0.0


def junit(suite: str, classname: str, cases: Sequence[Case]) -> str:
    """A JUnit report with one suite."""
    failures = sum(1 for case in cases if case.failure)
    numbers = {"tests": str(len(cases)), "failures": str(failures), "errors": "0"}
    top = ElementTree.Element("testsuites", numbers)
    inner = ElementTree.SubElement(top, "testsuite", {"name": _xml(suite), **numbers, "skipped": "0", "time": "0"})
    for case in cases:
        about = {"classname": classname, "name": _xml(case.name), "time": f"{case.seconds:.3f}"}
        element = ElementTree.SubElement(inner, "testcase", about | ({"file": _xml(case.file)} if case.file else {}))
        if case.failure:
            failure = {"message": _xml(case.failure), "type": case.kind}
            ElementTree.SubElement(element, "failure", failure).text = _xml(case.text)
    ElementTree.indent(top)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(top, encoding="unicode") + "\n"


def _xml(text: str) -> str:
    """XML 1.0 has no control characters and no surrogates."""
    return "".join(c if c in "\t\n" or (" " <= c <= "\ud7ff") or c >= "\ue000" else "�" for c in text)


def junit_of(findings: Sequence[Finding], stack: str) -> str:
    """A failed case for each error, a passed one for each warning; one passed case where nothing was found."""
    cases = [
        Case(
            name=f"{one.rule_id} {one.diagnostic.address or one.path or stack}: {one.diagnostic.summary}",
            failure=one.full_text if one.diagnostic.severity is Severity.ERROR else "",
            kind=one.rule_id,
            text=f"{one.diagnostic.source or ''}\n{one.diagnostic.detail}",
            file=one.path,
        )
        for one in findings
    ]
    return junit(stack, "ecsplan.validate", cases or [Case(name=f"{stack} is valid")])


def annotations(findings: Sequence[Finding]) -> str:
    """GitHub's workflow commands, errors first; it shows ten of each level."""
    lines = []
    for severity in Severity:
        rows = [one for one in findings if one.diagnostic.severity is severity]
        lines += [_annotation(one) for one in rows[:_MOST_ANNOTATIONS]]
        if len(rows) > _MOST_ANNOTATIONS:
            lines.append(f"{len(rows) - _MOST_ANNOTATIONS} more of level {severity.value} are not shown.")
    return "".join(f"{line}\n" for line in lines)


def _annotation(one: Finding) -> str:
    found = one.diagnostic
    names: dict[str, str | int] = {}
    if found.source:
        names = {"file": one.path, "line": found.source.line, "col": found.source.column}
        if one.end_line:
            names |= {"endLine": one.end_line, "endColumn": one.end_column}
    names["title"] = f"{one.rule_id} {found.rule.slug}" if found.rule else "ecsplan"
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in names.items())
    return f"::{found.severity.value} {properties}::{_data(one.full_text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def rules_page() -> str:
    """docs/reference/rules.md."""
    rows = "".join(f"| [{rule.id}](#{rule.id.lower()}) | `{rule.slug}` | {rule.title} |\n" for rule in Rule)
    parts = "".join(f"\n## {rule.id}\n\n**{rule.title}** (`{rule.slug}`). {rule.explanation}\n" for rule in Rule)
    return (
        "# Rules of validate\n\n"
        "Written by `python -m ecsplan.cli.reference`. Each diagnostic of `ecsplan validate` has one of these ids. An "
        "id is never given to another rule. The first digit says which step finds it: 1 files and syntax, 2 keys and "
        "values, 3 expressions and variables, 4 references, 5 what does not fit together, 6 the catalogue, "
        "9 suppressions. How to suppress a warning is in [the stack file](../stack-file.md#suppress-a-warning).\n\n"
        "| rule | name | meaning |\n|---|---|---|\n" + rows + parts
    )
