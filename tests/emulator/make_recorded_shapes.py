"""Makes cases/recorded_shapes.json of a folder of recorded answers: which fields there are, never what is in them.

usage: make_recorded_shapes.py FOLDER, which holds ACTION/NN.json and SOURCES.md, whose lines tell `(recorded)` ones.
"""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "cases"
WORDS = {str: "s", bool: "b", int: "i", float: "f", dict: "o", list: "l", type(None): "null"}
# Keys that are data: the map of an action's own names, like those of tags.
NO_FIELDS = re.compile(r"^(Errors?|RequestId|RecommendUrl)$")


def walk(value: Any, path: str, found: dict[str, dict[str, Any]]) -> None:
    """Counts each path, and the objects that could have it."""
    row = found[path]
    row["n"] += 1
    row["t"].add(WORDS[type(value)])
    if value == "":
        row["empty"] += 1
    if isinstance(value, dict):
        for key, inner in value.items():
            if not NO_FIELDS.match(key):
                walk(inner, f"{path}.{key}" if path else key, found)
    for item in value if isinstance(value, list) else ():
        walk(item, f"{path}[]", found)


def shape_of(answers: list[Any]) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = defaultdict(lambda: {"n": 0, "t": set(), "empty": 0})
    for answer in answers:
        walk(answer, "", found)
    rows = {}
    for path, row in sorted(found.items()):
        if path and not path.endswith("[]"):
            owner = path.rpartition(".")[0]
            rows[path] = [
                "|".join(sorted(row["t"])), row["n"], found[owner]["n"], row["empty"],
            ]  # fmt: skip
        elif path:
            rows[path] = ["|".join(sorted(row["t"])), row["n"], row["n"], row["empty"]]
    return {"answers": len(answers), "fields": rows}


def main(folder: Path) -> None:
    recorded = set(re.findall(r"`(\w+/\d+\.json)` \(recorded\)", (folder / "SOURCES.md").read_text(encoding="utf-8")))
    actions: dict[str, list[Any]] = defaultdict(list)
    for name in sorted(recorded):
        actions[name.partition("/")[0]].append(json.loads((folder / name).read_text(encoding="utf-8")))
    shapes = {action: shape_of(answers) for action, answers in sorted(actions.items())}
    text = json.dumps(shapes, indent=0, sort_keys=True, separators=(",", ":"))
    text = re.sub(r"\[\n(.*?)\n\]", lambda m: "[" + m[1].replace("\n", "") + "]", text, flags=re.S)
    (HERE / "recorded_shapes.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
