"""What was found of each assumption, and which operations are proven by which case, as two files.

Neither names an account or an id.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass
class Finding:
    """`holds` is None for what is only looked at. `seen` are codes, counts, seconds and names of members. `operations`
    were answered meanwhile."""

    assumption: str
    holds: bool | None = None
    seen: dict[str, Any] = field(default_factory=dict)
    operations: list[str] = field(default_factory=list)


@dataclass
class Findings:
    """`answered` are the operations that were answered so far, in order; whoever makes it sees to that. `host` is what
    answers them."""

    path: Path
    region: str
    host: str = ""
    rows: list[Finding] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    def saw(self, operation: str, answer: Mapping[str, Any]) -> None:
        self.answered.append(operation)

    @contextmanager
    def that(self, assumption: str) -> Iterator[Finding]:
        """A block that proves an assumption: it holds where nothing is raised. On disk at once: a run may be killed."""
        finding = Finding(assumption)
        self.rows.append(finding)
        first = len(self.answered)
        try:
            yield finding
            finding.holds = True
            finding.operations = sorted(set(self.answered[first:]))
            self._prove(finding.operations)
        except BaseException:
            finding.holds = False
            raise
        finally:
            self.write()

    @contextmanager
    def of(self, question: str) -> Iterator[Finding]:
        """A block that only looks: whatever it sees is written down."""
        finding = Finding(question)
        self.rows.append(finding)
        try:
            yield finding
        finally:
            self.write()

    def _prove(self, operations: list[str]) -> None:
        """By the case that runs, in its present version, a digest of its file."""
        file, _, case = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0].partition("::")
        source = Path(file)
        version = hashlib.sha256(source.read_bytes()).hexdigest()[:12] if source.is_file() else ""
        row = {"case": f"{file}::{case}", "version": version, "at": datetime.now(UTC).isoformat(timespec="seconds"),
               "host": self.host, "region": self.region}  # fmt: skip
        known = json.loads(self.proven.read_text(encoding="utf-8")) if self.proven.exists() else {}
        known.update(dict.fromkeys(operations, row))
        self.proven.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    @property
    def proven(self) -> Path:
        """The registry is kept from run to run; an operation has the case that proved it last."""
        return self.path.with_name("live-proven.json")

    def write(self) -> None:
        text = json.dumps({"region": self.region, "findings": list(map(asdict, self.rows))}, indent=2)
        self.path.write_text(text + "\n", encoding="utf-8")
