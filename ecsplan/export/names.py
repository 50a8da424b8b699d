"""Names of blocks, made of cloud names: valid, unique, and short, as a person would choose them. Pure."""

import re
from collections.abc import Collection

LONGEST = 60
_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")  # a reader of YAML may take them for values


def block_name(word: str, cloud_name: str, stack: str, taken: Collection[str], id_shapes: Collection[str]) -> str:
    """`web-prod-db` of the stack web-prod is `db`. A name in the shape of a cloud id would be read as that id.

    `word` begins a name that would be none without.
    """
    short = cloud_name.removeprefix(f"{stack}-") or cloud_name
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", short).strip("_-")[:LONGEST].rstrip("_-")
    if not re.search(r"[A-Za-z]", name) or name.lower() in _WORDS:
        name = f"{word}_{name}".rstrip("_")
    if not re.match(r"[A-Za-z_]", name):
        name = f"_{name}"
    if name.startswith(tuple(id_shapes)):
        name = name.replace("-", "_", 1)
    return _unique(name, taken)


def kept_name(name: str, taken: Collection[str], id_shapes: Collection[str]) -> str:
    """The name that another tool has for a block, changed as little as can be."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:LONGEST] or "_"
    if not re.match(r"[A-Za-z_]", name):
        name = f"_{name}"
    if name.startswith(tuple(id_shapes)):
        name = f"r_{name}"
    return _unique(name, taken)


def _unique(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
