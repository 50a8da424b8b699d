"""Figures of the code itself: `python -m tests.benchmarks.house`.

How many switches a kind has, how often a value has no type, what encodes and what executes, and how many files one
value visits: from YAML to the wire, and from an answer to a plan. The last two are watched while a stack is planned
and applied to the emulator: a file is visited where the value itself goes into or out of one of its functions.
"""

import ast
import inspect
import re
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ecsplan
from ecsplan import engine
from ecsplan.api.connect import connect
from ecsplan.model import kind as kinds
from tests.benchmarks.fleet import emulator

PACKAGE = Path(ecsplan.__file__).parent
KEYS = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
VALUE = "a value that is followed"
STACK = f"""apiVersion: ecsplan/v1
stack: house
region: cn-hangzhou
resources:
  vpc: {{main: {{cidr_block: 10.0.0.0/16, description: {VALUE}}}}}
"""


def switches() -> dict[str, int]:
    named = ("Kind", "Update", "Create", "Detail", "Listing", "Delete")
    return {name: len(inspect.signature(getattr(kinds, name)).parameters) for name in named if hasattr(kinds, name)}


def sources(*folders: str) -> Iterator[tuple[str, str]]:
    for folder in folders or ("",):
        for path in (PACKAGE / folder).rglob("*.py"):
            name = path.relative_to(PACKAGE).as_posix()
            if not name.startswith("emulator/"):
                yield name, path.read_text(encoding="utf-8")


def untyped(folder: str) -> int:
    return sum(len(re.findall(r"\bAny\b", text)) for _, text in sources(folder))


RAW = re.compile(r"\.raw\b|\._answer\b")


def raw_reads() -> dict[str, int]:
    """Where an answer is read as it came; `cli` and `notify` have a `raw` of their own."""
    rooms = (
        "inventory",
        "model",
        "kinds",
        "planner",
        "executor",
        "engine",
        "export",
        "migrate",
        "power",
        "render",
        "preflight",
    )
    return {room: sum(len(RAW.findall(text)) for _, text in sources(room)) for room in rooms}


def decoders() -> int:
    """Facts that kinds decode."""
    return sum(len(re.findall(r"\bDecoder(?:\(|\n)", text)) for _, text in sources("kinds"))


def encoders() -> list[str]:
    """Functions that give a Secret a form in JSON."""
    found = []
    for name, text in sources("model", "planner", "executor", "config", "engine"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                made = (n.value for n in ast.walk(node) if isinstance(n, ast.Return))
                texts = (n.value for m in made if isinstance(m, ast.Dict | ast.List) for n in ast.walk(m)
                         if isinstance(n, ast.Constant))  # fmt: skip
                found += [f"{name}:{node.name}"] if {"$secret", "Secret"} & set(map(str, texts)) else []
    return sorted(found)


def guesses() -> dict[str, int]:
    """Where a value is taken for a mapping by its shape, as no type says what it is."""
    found = {name: len(re.findall(r"\bis_fields\(", text)) for name, text in sources() if "def is_fields" not in text}
    return {name: count for name, count in found.items() if count}


def executors() -> list[str]:
    """Modules with a loop of their own around a Poller: they send and wait."""
    return sorted(name for name, text in sources() if ".next_due(" in text and "def next_due" not in text)


class Followed:
    """Files of the package through whose functions a value goes while this is watching."""

    def __init__(self) -> None:
        self.files: dict[str, None] = {}

    def __call__(self, frame: Any, event: str, argument: Any) -> None:
        name = frame.f_code.co_filename
        if not name.startswith(str(PACKAGE)) or "/emulator/" in name or name in self.files:
            return
        values = [argument] if event == "return" else list(frame.f_locals.values()) if event == "call" else []
        if any(_holds(value) for value in values):
            self.files[name] = None


def _holds(value: Any) -> bool:
    if isinstance(value, dict):
        return any(item == VALUE for item in value.values() if isinstance(item, str))
    return value == VALUE if isinstance(value, str) else False


def visited(work: Callable[[], Any]) -> list[str]:
    followed = Followed()
    threading.setprofile(followed)
    sys.setprofile(followed)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    return sorted(Path(name).relative_to(PACKAGE).as_posix() for name in followed.files)


def main() -> None:
    print("switches", switches())
    print("Any", {folder: untyped(folder) for folder in ("kinds", "config", "model", "planner", "executor", "engine")})
    print("raw", raw_reads(), "facts that kinds decode", decoders())
    print("encoders", encoders())
    print("executors", executors())
    print("guesses", guesses())
    with tempfile.TemporaryDirectory() as folder, emulator("0", 0.0) as served:
        path = Path(folder, "stack.yaml")
        path.write_text(STACK, encoding="utf-8")
        options = engine.ApplyOptions(state_dir=folder, approved=True, parallelism=1)
        plan_options, environ = (
            engine.PlanOptions(state_dir=folder),
            dict(zip(KEYS, ("emulator", "emulator-secret"), strict=True)),
        )
        api = connect("cn-hangzhou", endpoint=served.url, environ=environ, home=Path(folder))
        there = visited(lambda: engine.session(engine.load(str(path)), api, plan_options, options, lambda plan: True))
        back = visited(lambda: engine.plan(engine.load(str(path)), api, plan_options))
        print("from YAML to the wire", len(there), there)
        print("from an answer to the plan", len(back), back)


if __name__ == "__main__":
    main()
