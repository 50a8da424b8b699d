"""What folders declare: which of them hold a stack, and its environments."""

import os


def environments(path: str = ".") -> tuple[str, ...]:
    """The names of the environments that the stack at a path has, in the order of the file. Raises Rejected."""
    from ecsplan.config.files import environments_of
    from ecsplan.kinds import load_kinds

    return environments_of(path, load_kinds())


def stack_folders(folder: str = ".") -> tuple[str, ...]:
    """The folder, if it declares a stack, and those below that do, a few levels deep."""
    from ecsplan.config.foreign import stacks_below

    return tuple(os.path.normpath(os.path.join(folder, below)) for below in stacks_below(folder))
