"""Paths that a YAML file names are relative to that file."""

import os

from ecsplan.model.address import Secret
from ecsplan.model.copying import replace


def beside(file: str, path: str) -> str:
    """`path` as it is reached from the working directory, when `file` names it; `~` is a home folder."""
    return os.path.normpath(os.path.join(os.path.dirname(file), os.path.expanduser(path)))


def relative_to(file: str, secret: Secret) -> Secret:
    return secret if secret.file is None else replace(secret, file=beside(file, secret.file))


def from_folder(path: str, name: str) -> str:
    """The path of an overlay from the folder of the stack, the same wherever the command is run."""
    folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
    return os.path.relpath(os.path.realpath(name), os.path.realpath(folder)).replace(os.sep, "/")
