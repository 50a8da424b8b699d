"""Makes provider_calls.jsonl of a run of the official Terraform provider: `make_provider_calls.py CALLS_FOLDER WORLD`.

CALLS_FOLDER has create.jsonl, change.jsonl and destroy.jsonl, every call in order; WORLD is the account after create,
as `GET /_emulator/state` tells it. All of it was sent to this emulator. Kept are all writes, and each read once in a
form: its action and the names of its parameters. An id is written as `{vpc.0}`: its prefix, and which it is in order of
creation; the address of the second EIP as `{address.1}`.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

ID = re.compile(r"\b([a-z]{1,5})-bp1[a-z0-9]{10,}\b")
PHASES = ("create", "change", "destroy")
OUT = Path(__file__).with_name("provider_calls.jsonl")


def ids_in(things: list[dict[str, Any]], names: dict[str, str]) -> None:
    """Adds the placeholder of each id of an account that has none yet: first those of things, then what they hold."""
    in_order = sorted(things, key=lambda thing: int(thing["body"][1]))
    for text in (*(thing["id"] for thing in in_order), *(json.dumps(thing["body"]) for thing in in_order)):
        for match in ID.finditer(text):
            named(match, names)
    eips = (thing for thing in in_order if thing["kind"] == "eip")
    for eip in eips:
        names[eip["body"][2]["IpAddress"]] = names[eip["id"]].replace("eip.", "address.")


def named(match: re.Match[str], names: dict[str, str]) -> str:
    """The placeholder of an id: the next of its prefix where it is new."""
    found = names.get(match[0])
    if found is None:
        place = sum(1 for other in names if other.startswith(f"{match[1]}-"))
        found = names[match[0]] = f"{{{match[1]}.{place}}}"
    return found


def kept(folder: Path, names: dict[str, str]) -> list[dict[str, Any]]:
    rows, forms = [], set()
    for phase in PHASES:
        for line in (folder / f"{phase}.jsonl").read_text(encoding="utf-8").splitlines():
            call = json.loads(line)
            form = (phase, call["action"], *sorted(call["params"]))
            if call["status"] != 200 or (call["action"].startswith(("Describe", "List")) and form in forms):
                continue
            forms.add(form)
            text = ID.sub(lambda match: named(match, names), json.dumps(call["params"]))
            for address, name in names.items():
                text = text.replace(address, name) if name.startswith("{address") else text
            params = json.loads(text)
            rows.append({"phase": phase, "product": call["product"], "action": call["action"], "params": params})
    return rows


def main(folder: str, world: str) -> None:
    names: dict[str, str] = {}
    ids_in(json.loads(Path(world).read_text(encoding="utf-8"))["things"], names)
    OUT.write_text("".join(json.dumps(row) + "\n" for row in kept(Path(folder), names)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
