"""How the other tool is made to forget, before the first apply of ours writes a tag; and the way back. Pure."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from ecsplan.model.migration import Entry, Fate, MigrationOutcome

HEAD = """\
# Makes Terraform (1.7 or newer) forget what ecsplan keeps from now on; nothing is destroyed. In this order:
# 1. delete the blocks of these resources from your .tf files, and put this file beside them
# 2. terraform plan: it must say "will no longer be managed" of each, and destroy nothing; then terraform apply
# 3. ecsplan plan, which shows adoptions only; then ecsplan apply
# 4. delete this file
"""
BACK = """\
# The way back: release these in the stack file (released:), put this file beside the old .tf files, terraform apply.
"""


def of(
    tool: str, outcomes: Sequence[MigrationOutcome], entries: Iterable[Entry]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Files by name, and lines of a shell, for what was brought over or folded."""
    by_address = {entry.address: entry for entry in entries}
    taken = [by_address[one.address] for one in outcomes if one.fate is not Fate.LEFT and one.address in by_address]
    if tool == "pulumi":
        return {}, tuple(f"pulumi state delete {quoted(entry.handle)} --force" for entry in taken)
    if tool == "ros":
        retain = "set DeletionPolicy: Retain on every resource of the template, and update the stack with it"
        return {}, (f"# {retain}", "aliyun ros DeleteStack --StackId STACK_ID --RetainAllResources true")
    whole = _whole_blocks({entry.address for entry in taken}, by_address)
    blocks = [f"removed {{\n  from = {address}\n  lifecycle {{\n    destroy = false\n  }}\n}}\n" for address in whole]
    imports = [f"import {{\n  to = {_in_hcl(entry)}\n  id = {_text(entry.id)}\n}}\n" for entry in taken]
    files = {"removed.tf": HEAD + "".join(f"\n{one}" for one in blocks)} if blocks else {}
    files |= {"back/imports.tf": BACK + "".join(f"\n{one}" for one in imports)} if imports else {}
    return files, tuple(f"terraform state rm {quoted(address)}" for address in _fewest(taken, set(whole)))


def _fewest(taken: Iterable[Entry], whole: Collection[str]) -> list[str]:
    """The address of a block stands for all its members, where no module on the way has a key."""
    found = dict.fromkeys(
        _block(entry) if _block(entry) in whole and all(key is None for _, key in entry.path) else entry.address
        for entry in taken
    )
    return list(found)


def _in_hcl(entry: Entry) -> str:
    """The address as an expression: a key may hold what a string would interpolate."""
    steps = [f"module.{name}{_key(key)}" for name, key in entry.path]
    return ".".join([*steps, entry.type, f"{entry.logical}{_key(entry.key)}"])


def _key(key: int | str | None) -> str:
    return "" if key is None else f"[{key if isinstance(key, int) else _text(key)}]"


def _block(entry: Entry) -> str:
    return ".".join([*(f"module.{name}" for name, _ in entry.path), entry.type, entry.logical])


def _whole_blocks(taken: set[str], entries: Mapping[str, Entry]) -> list[str]:
    """Blocks of which every member goes: a removed block takes no key, in modules neither."""
    members: dict[str, list[str]] = {}
    for address, entry in entries.items():
        if not entry.is_data:
            members.setdefault(_block(entry), []).append(address)
    return sorted(block for block, own in members.items() if all(address in taken for address in own))


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def quoted(text: str) -> str:
    """For a shell: nothing in it is read."""
    return "'" + text.replace("'", "'\\''") + "'"
