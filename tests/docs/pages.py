"""The pages of the documentation as their code blocks, with the comment that says what a block is.

`<!-- file: PATH -->` writes the block to PATH. `<!-- not run: REASON -->` keeps it from being run.
`<!-- output of: COMMAND -->` is what that command printed above. Other comments are names for other programs.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if path.name not in ("CHANGELOG.md", "README.zh.md")
)
BLOCK = re.compile(r"(?:^<!-- ([^\n]*) -->\n)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    page: Path
    line: int
    marker: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    def marked(self, name: str) -> str | None:
        """What the marker of that name says."""
        found, _, value = self.marker.partition(": ")
        return value if found == name else None

    @property
    def is_run(self) -> bool:
        return self.marked("not run") is None and not self.marker.startswith("set up and ")

    def command_lines(self) -> Iterator[str]:
        """The lines of a shell block, continued lines joined, without empty lines and comments."""
        for line in self.text.replace("\\\n", " ").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                yield line.strip()


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, found.start(2)) + 1, found[1] or "", found[2], found[3])
        for found in BLOCK.finditer(text)
    ]


EVERY = [block for page in PAGES for block in blocks(page)]


def words(line: str) -> list[str]:
    """A command line as its words, the comment left out."""
    return shlex.split(line, comments=True)


def expected_status(line: str) -> int:
    found = re.search(r"#.*exit status (\d+)", line)
    return int(found[1]) if found else 0
