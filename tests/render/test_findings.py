"""What validate found, as the formats of other programs, held against their schemas and readers."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft202012Validator

from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Diagnostic, Hint, Severity, SourceRange
from ecsplan.model.rules import Rule
from ecsplan.render.findings import (
    Finding,
    annotations,
    code_quality,
    finding_document,
    fingerprint,
    junit_of,
    rules_page,
    sarif,
)

SARIF = Path(__file__).parent / "data" / "sarif-2.1.0.schema.json"  # that of OASIS, without its descriptions
HOSTILE = "bad\x1b[31m\n::error::ünsafe]]>, %0A <&"

# As GitLab documents it: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
CODE_QUALITY: dict[str, Any] = {
    "type": "array",
    "items": {
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string"},
            "check_name": {"type": "string"},
            "fingerprint": {"type": "string"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/]"},
                    "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def finding(summary: str = "odd", line: int = 3, severity: Severity = Severity.ERROR) -> Finding:
    detail = Hint("did you mean even?", "odd", ["even"])
    source = SourceRange("stacks/a b/stack.yaml", line, 7)
    found = Diagnostic(summary, detail, source, Address("vpc", "main"), severity, rule=Rule.VALUE)
    return Finding(found, source.file, line, 10)


EVERY_SORT = (
    finding(),
    finding(),
    finding(HOSTILE, 9, Severity.WARNING),
    Finding(Diagnostic("nowhere", rule=Rule.NO_STACK)),
    Finding(Diagnostic("and 3 more errors")),
)


@pytest.mark.parametrize("findings", [(), EVERY_SORT], ids=["none", "every sort"])
def test_sarif_holds_against_its_schema(findings: tuple[Finding, ...]) -> None:
    document = json.loads(sarif(findings, "web-prod", "1.2.3"))
    Draft4Validator(json.loads(SARIF.read_text(encoding="utf-8"))).validate(document)
    (run,) = document["runs"]
    assert run["automationDetails"]["id"] == "ecsplan/web-prod/"
    for result in run["results"]:
        if "ruleIndex" in result:
            assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_region_of_sarif_has_all_four_numbers() -> None:
    (result,) = json.loads(sarif([finding()], "s", "1"))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 3, "startColumn": 7, "endLine": 3, "endColumn": 10}
    assert place["artifactLocation"]["uri"] == "stacks/a%20b/stack.yaml"


def test_code_quality_holds_against_its_schema_and_no_two_entries_collapse() -> None:
    entries = json.loads(code_quality(EVERY_SORT))
    Draft202012Validator(CODE_QUALITY).validate(entries)
    assert len({entry["fingerprint"] for entry in entries}) == len(EVERY_SORT)


def test_a_fingerprint_stays_when_lines_move() -> None:
    assert fingerprint(finding(line=3), Counter()) == fingerprint(finding(line=30), Counter())
    assert fingerprint(finding(), Counter()) != fingerprint(finding("other"), Counter())


def test_junit_is_read_by_a_reader_of_junit() -> None:
    junitparser = pytest.importorskip("junitparser", reason="the extra dev reads reports")
    report = junitparser.JUnitXml.fromstring(junit_of(EVERY_SORT, "web").encode())
    (suite,) = report
    assert (suite.name, suite.tests, suite.failures, len(list(suite))) == ("web", 5, 4, 5)
    (valid,) = junitparser.JUnitXml.fromstring(junit_of((), "web").encode())
    assert [(case.name, case.is_passed) for case in valid] == [("web is valid", True)]


def test_an_annotation_cannot_be_broken_out_of() -> None:
    lines = annotations(EVERY_SORT).splitlines()
    assert lines[0] == (
        "::error file=stacks/a b/stack.yaml,line=3,col=7,endLine=3,endColumn=10,title=ECS203 wrong-value::"
        "vpc.main: odd (did you mean even?)"
    )
    assert len(lines) == len(EVERY_SORT)
    assert all(line.startswith(("::error ", "::warning ")) for line in lines)


def test_ten_annotations_of_a_level_are_shown_and_the_rest_is_counted() -> None:
    lines = annotations([finding(line=n) for n in range(1, 14)]).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "3 more of level error are not shown."


def test_what_would_be_right_is_data() -> None:
    assert finding_document(finding())["instead"] == ["even"]


def test_the_page_of_rules_has_an_anchor_for_each() -> None:
    page = rules_page()
    assert all(f"\n## {rule.id}\n" in page for rule in Rule)
