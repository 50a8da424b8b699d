"""Whether a file of keys is its owner's alone. Called by `connect`."""

import os
import stat
from pathlib import Path


def exposure(path: Path) -> str:
    """What is wrong with the rights of a file of keys, for a warning; empty where its owner alone has any."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:  # whoever reads it says so
        return ""
    if os.name != "posix" or not mode & 0o077:
        return ""
    who = "written" if mode & 0o022 else "read"
    return f"{path} holds access keys and can be {who} by other users of this machine: chmod 600 {path}"
