"""What was found of each assumption, as a file. It names no account and no id."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Finding:
    """`holds` is None for what is only looked at. `seen` are codes, counts, seconds and names of members."""

    assumption: str
    holds: bool | None = None
    seen: dict[str, Any] = field(default_factory=dict)


@dataclass
class Findings:
    path: Path
    region: str
    rows: list[Finding] = field(default_factory=list)

    @contextmanager
    def that(self, assumption: str) -> Iterator[Finding]:
        """A block that proves an assumption: it holds where nothing is raised. On disk at once: a run may be killed."""
        finding = Finding(assumption)
        self.rows.append(finding)
        try:
            yield finding
            finding.holds = True
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

    def write(self) -> None:
        text = json.dumps({"region": self.region, "findings": list(map(asdict, self.rows))}, indent=2)
        self.path.write_text(text + "\n", encoding="utf-8")
