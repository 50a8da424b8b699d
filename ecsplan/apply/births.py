"""Which ids earlier runs of this folder made, by address: a trace for drift, never the truth. Reads journals only."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def births(state_dir: Path, stack: str) -> dict[str, str]:
    """The last id that each address was given here, without those that were deleted here too.

    Members made by one call may have their ids exchanged: the answer does not say whose is whose.
    """
    found: dict[str, str] = {}
    for path in sorted((state_dir / "journal").glob(f"{stack}-*.jsonl")):
        records = list(_records(path))
        if records and records[0].get("start", {}).get("stack") == stack:
            _take(records, found)
    return found


def _take(records: list[dict[str, Any]], found: dict[str, str]) -> None:
    kinds: dict[int, str] = {}
    for record in records:
        if "intent" in record:
            intent = record["intent"]
            kinds[intent["number"]] = intent.get("kind", "")
            gone = set(intent.get("removes") or ())
            for address in [address for address, object_id in found.items() if object_id in gone]:
                del found[address]
        elif "answer" in record:
            kind = kinds.get(record["answer"]["number"], "")
            ids = record["answer"]["ids"].items()
            found |= {address: object_id for address, object_id in ids if address.startswith(f"{kind}.")}


def _records(path: Path) -> Iterator[dict[str, Any]]:
    """Up to the first line that is no record: the power went out on it."""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.strip():
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                return
            if isinstance(record, dict):
                yield record
