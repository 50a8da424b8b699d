"""Faults by name: which rule hits which call. What a hit then does is in `strikes`; the JSON form is in README.md."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ecsplan.emulator.fault_forms import ONCE, check


@dataclass(slots=True)
class Rule:
    """One fault of a schedule. `seen` counts the calls it selected, `fired` those it hit."""

    id: int
    name: str
    spec: dict[str, Any]
    random: random.Random
    seen: int = 0
    fired: int = 0
    memory: dict[Any, Any] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        return self.spec.get(name, default)

    def selects(self, entry: Mapping[str, Any]) -> bool:
        """By action and region alone."""
        patterns = self.spec.get("action", "*")
        names = (entry["action"], f"{entry['product']}:{entry['action']}")
        given = [patterns] if isinstance(patterns, str) else patterns
        if not any(fnmatchcase(name, pattern) for name in names for pattern in given):
            return False
        region = self.spec.get("region")
        return region is None or entry["params"].get("RegionId") == region

    def hits(self, entry: Mapping[str, Any]) -> bool:
        """Counts a selected call and says whether it is hit; standing faults count their hits themselves."""
        self.seen += 1
        spec = self.spec
        if "at_call" in spec and entry["n"] not in _numbers(spec["at_call"]):
            return False
        if "nth" in spec and self.seen not in _numbers(spec["nth"]):
            return False
        if self.seen < spec.get("from", 1):
            return False
        times = spec.get(
            "times", 1 if self.name in ONCE and not spec.keys() & {"nth", "probability", "at_call"} else None
        )
        if times is not None and self.fired >= times:
            return False
        return "probability" not in spec or self.random.random() < spec["probability"]

    def shown(self) -> dict[str, Any]:
        return {"id": self.id, **self.spec, "seen": self.seen, "fired": self.fired}


def _numbers(value: Any) -> list[int]:
    return [value] if isinstance(value, int) else list(value)


class Faults:
    """The schedule in force. The same seed and the same calls give the same hits."""

    def __init__(self, seed: str | None = None) -> None:
        self._seed = seed or "0"
        self._lock = threading.Lock()
        self._next_id = 1
        self.rules: list[Rule] = []
        self.holds = Holds()

    def add(self, specs: Iterable[Mapping[str, Any]]) -> list[Rule]:
        """All or none: a name or parameter that the menu does not have refuses the whole list."""
        given = list(specs)
        for spec in given:
            check(spec)
        with self._lock:
            added = []
            for spec in given:
                seed = f"{self._seed}/{self._next_id}/{spec.get('seed', '')}"
                added.append(Rule(self._next_id, spec["fault"], dict(spec), random.Random(seed)))
                self._next_id += 1
            self.rules = [*self.rules, *added]
        return added

    def clear(self, ids: Iterable[int] | None = None) -> None:
        with self._lock:
            gone = None if ids is None else set(ids)
            self.rules = [rule for rule in self.rules if gone is not None and rule.id not in gone]

    def standing(self, name: str) -> list[Rule]:
        return [rule for rule in self.rules if rule.name == name]

    def strike(self, entry: dict[str, Any]) -> list[Rule]:
        """The rules that hit this call; each once-fault is logged with it."""
        if not self.rules:
            return []
        struck = []
        with self._lock:
            for rule in self.rules:
                if rule.selects(entry) and rule.hits(entry):
                    struck.append(rule)
                    if rule.name in ONCE:
                        record(rule, entry)
        return struck


def record(rule: Rule, entry: dict[str, Any]) -> None:
    """Writes the fault into the log entry of the call that it hit."""
    rule.fired += 1
    entry.setdefault("faults", []).append({"fault": rule.name, "id": rule.id})


def read_schedule(source: Path | list[dict[str, Any]] | None) -> tuple[str | None, list[dict[str, Any]]]:
    """A list of faults, or `{"seed": …, "faults": […]}`."""
    if source is None:
        return None, []
    try:
        whole = json.loads(source.read_text(encoding="utf-8")) if isinstance(source, Path) else source
        seed, faults = (whole.get("seed"), whole.get("faults", [])) if isinstance(whole, dict) else (None, whole)
        if not isinstance(faults, list) or not isinstance(seed, str | None):
            raise ValueError("a schedule is a list of faults, or an object with `seed`, a string, and `faults`")
        for spec in faults:
            check(spec)
    except ValueError as error:
        raise ValueError(f"{source}: {error}" if isinstance(source, Path) else str(error)) from None
    return seed, faults


class Holds:
    """Calls that wait until a test lets them go; meanwhile they can be seen."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: dict[int, dict[str, Any]] = {}
        self._freed: dict[int, bool] = {}
        self._next = 1

    def hold(self, entry: Mapping[str, Any], when: str) -> bool:
        """Blocks the calling thread. False means: hang up on the client."""
        with self._changed:
            number = self._next
            self._next += 1
            self._held[number] = {"id": number, "when": when, "n": entry["n"], "action": entry["action"]}
            self._changed.notify_all()
            self._changed.wait_for(lambda: number in self._freed)
            del self._held[number]
            return self._freed.pop(number)

    def held(self) -> list[dict[str, Any]]:
        with self._changed:
            return list(self._held.values())

    def wait(self, count: int, seconds: float) -> bool:
        """For tests: until that many calls are held."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._held) >= count, seconds)

    def resume(self, ids: Iterable[int] | None = None, answer: bool = True) -> list[int]:
        with self._changed:
            chosen = [n for n in self._held if n not in self._freed and (ids is None or n in set(ids))]
            self._freed.update(dict.fromkeys(chosen, answer))
            self._changed.notify_all()
            return chosen
