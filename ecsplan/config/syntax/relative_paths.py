"""Paths that a YAML file names are relative to that file."""

import os
from dataclasses import replace

from ecsplan.model.address import Secret


def beside(file: str, path: str) -> str:
    """`path` as it is reached from the working directory, when `file` names it; `~` is a home folder."""
    return os.path.normpath(os.path.join(os.path.dirname(file), os.path.expanduser(path)))


def relative_to(file: str, secret: Secret) -> Secret:
    return secret if secret.file is None else replace(secret, file=beside(file, secret.file))
