"""One name, one thing: which class names stand for two, in rooms that never meet. A new one is given another name."""

import ast
from collections import defaultdict
from pathlib import Path

import ecsplan

PACKAGE = Path(ecsplan.__file__).parent
TWICE = {
    *("Asked", "Became", "Block", "Budget", "Carrier", "Check", "Comment", "Compared", "Declared", "Dialect"),
    *("Difference", "Edit", "Entries", "Entry", "Fact", "Finding", "Folder", "Gate", "GitFailed", "Health", "Hint"),
    *(
        "Host",
        "Hours",
        "Image",
        "Known",
        "Limit",
        "Look",
        "Moved",
        "Named",
        "Names",
        "Node",
        "Offer",
        "Outside",
        "Page",
    ),
    *("Parts", "Piece", "Place", "Plans", "Policy", "Preflight", "Progress", "Question", "Reach", "Region", "Result"),
    *("Rule", "Run", "Scope", "Seen", "Settings", "Source", "Span", "Stack", "Start", "Statement", "Stop", "Subject"),
    *("Told", "Trace", "Verdict", "Watch", "World"),
}


def test_no_other_class_name_stands_for_two_things():
    found = defaultdict(list)
    for path in PACKAGE.rglob("*.py"):
        if "emulator" not in path.parts:
            names = (node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if hasattr(node, "bases"))
            for name in names:
                if not name.startswith("_"):
                    found[name].append(path.relative_to(PACKAGE).as_posix())

    assert {name for name, places in found.items() if len(places) > 1} <= TWICE
