"""Builds the compact contract and catalogue in `ecsplan/emulator/data/` from the API reference folder.

    python tests/emulator/build_contract.py [API_FOLDER]      (or set ECSPLAN_API_REFERENCE)

The output is data only: names and types of every action's request and answer, and the catalogue's numbers.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "ecsplan" / "emulator" / "data"
SCALARS = {
    "String": "s", "Integer": "i", "Long": "i", "Boolean": "b", "Float": "f", "Double": "f", "Json": "s",
}  # fmt: skip
# The words of these are checked where they mean something, or their lists are known to be incomplete.
FREE = frozenset((
    "AcceptLanguage", "Category", "DataDiskCategory", "DiskCategory", "Encrypted", "EventCycleStatus",
    "EventType", "HealthStatus", "IpProtocol", "Isp", "Key", "NewNextHopType", "NextHopType",
    "PerformanceLevel", "PeriodUnit", "Policy", "PriceUnit", "ResourceType", "StoppedMode",
    "SystemDiskCategory", "TaskStatus",
))  # fmt: skip
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
VERSIONS = {"ecs": "2014-05-26", "vpc": "2016-04-28"}
NEIGHBOURS = {
    "slb": "2014-05-15", "alb": "2020-06-16", "nlb": "2022-04-30", "cms": "2019-01-01", "quotas": "2020-05-10",
}  # fmt: skip


def request_tree(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """`{"RegionId!": "s", "Tag": [{"Key": "s"}], "SystemDisk": {"Size": "s"}}`; `!` marks a required one."""
    tree: dict[str, Any] = {}
    for field in fields:
        name = field["name"].removesuffix(".N").rsplit(".", 1)[-1]
        tree[name + ("!" if field["required"] else "")] = request_type(field)
    return tree


def request_type(field: dict[str, Any]) -> Any:
    kind, sub = field["type"], field.get("sub")
    if kind == "RepeatList":
        return [request_tree(sub) if sub else SCALARS[field.get("item", "String")]]
    if kind == "Struct":
        return request_tree(sub or [])
    words = listed_words(field) if kind == "String" else ()
    return "s=" + "|".join(words) if words else SCALARS[kind]


def listed_words(field: dict[str, Any]) -> list[str]:
    """The words that the text lists as valid; none when the list is cut or holds more than plain words."""
    text = field.get("doc", "")
    found = re.search(r"Valid values:\s*(.+?)(?:\.\s|\.$|$)", text)
    if found is None or "..." in text or field["name"].rsplit(".", 1)[-1] in FREE:
        return []
    words = [re.split(r":\s|\s\(", part.strip())[0].strip() for part in found[1].split(";")]
    return words if len(words) > 1 and all(WORD.fullmatch(word) for word in words) else []


def response_tree(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """`{"Vpcs": {"Vpc": [{"VpcId": "s"}]}}`; `m` is a map of any keys."""
    tree: dict[str, Any] = {}
    for field in fields:
        kind = field["type"].removesuffix("[]")
        inner = "m" if kind == "Map" else response_tree(field.get("sub", [])) if kind == "Struct" else SCALARS[kind]
        tree[field["name"]] = [inner] if field["type"].endswith("[]") else inner
    return tree


def contract(source: Path) -> dict[str, Any]:
    return contract_of(json.loads(source.read_text(encoding="utf-8")))


def contract_of(actions: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {
            "q": request_tree(action["request"]),
            "r": response_tree(action.get("response", [])),
            **({"d": 1} if action["deprecated"] else {}),
        }
        for name, action in sorted(actions.items())
    }


def contracts(folder: Path) -> dict[str, Any]:
    """By version. What VPC has beyond vpc.json stands with its neighbours."""
    whole = {VERSIONS[product]: contract(folder / f"{product}.json") for product in VERSIONS}
    more = json.loads((folder / "neighbours.json").read_text(encoding="utf-8"))["vpc"]
    whole[VERSIONS["vpc"]] = dict(sorted((whole[VERSIONS["vpc"]] | contract_of(more)).items()))
    return whole


def catalogue(source: Path) -> dict[str, Any]:
    """The same records without the notes on where each number was read."""
    whole = json.loads(source.read_text(encoding="utf-8"))
    dropped = {"src", "confidence", "note", "os_name_seen", "unit"}
    return {
        part: [{k: v for k, v in record.items() if k not in dropped} for record in whole[part]]
        for part in ("regions", "instance_types", "disk_categories", "images", "quotas")
    }


def write(path: Path, parts: dict[str, Any]) -> None:
    """One record a line, so that a diff of the data can be reviewed."""
    lines = []
    for part, records in parts.items():
        if isinstance(records, dict):
            rows = [f"{json.dumps(k)}:{dump(v)}" for k, v in records.items()]
            lines.append(f"{json.dumps(part)}:{{\n" + ",\n".join(rows) + "\n}")
        else:
            lines.append(f"{json.dumps(part)}:[\n" + ",\n".join(dump(row) for row in records) + "\n]")
    path.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main(folder: Path) -> None:
    write(DATA / "contract.json", contracts(folder))
    whole = json.loads((folder / "neighbours.json").read_text(encoding="utf-8"))
    write(DATA / "neighbours.json", {version: contract_of(whole[p]) for p, version in NEIGHBOURS.items()})
    write(DATA / "catalogue.json", catalogue(folder / "catalogue.json"))


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ECSPLAN_API_REFERENCE", "")
    if not given:
        sys.exit("give the API reference folder as argument or in ECSPLAN_API_REFERENCE")
    main(Path(given))
