"""The public names: a stack is loaded, planned and applied. Each is imported when it is first used.

`plan` and `apply` are also the names of sub-packages, which Python binds here as soon as anybody imports them; so
these two packages are made callable, and `ecsplan.plan(stack, cloud)` works whatever was imported before.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecsplan.engine import ApplyOptions as ApplyOptions
    from ecsplan.engine import PlanOptions as PlanOptions
    from ecsplan.engine import apply as apply
    from ecsplan.engine import connect as connect
    from ecsplan.engine import graph as graph
    from ecsplan.engine import load as load
    from ecsplan.engine import plan as plan
    from ecsplan.model.call import ApiError as ApiError
    from ecsplan.model.diagnostic import Refused as Refused
    from ecsplan.model.diagnostic import Rejected as Rejected
    from ecsplan.model.plan import Plan as Plan
    from ecsplan.model.plan import Report as Report
    from ecsplan.model.stack import Stack as Stack

    __version__: str

_CALLABLE = ("apply", "plan")
_HOMES = {
    "ApiError": "model.call",
    "ApplyOptions": "engine",
    "Plan": "model.plan",
    "PlanOptions": "engine",
    "Refused": "model.diagnostic",
    "Rejected": "model.diagnostic",
    "Report": "model.plan",
    "Stack": "model.stack",
    "connect": "engine",
    "graph": "engine",
    "load": "engine",
}

__all__ = [
    *("load", "plan", "apply", "connect", "graph", "Stack", "Plan", "Report", "PlanOptions", "ApplyOptions"),
    *("Rejected", "Refused", "ApiError", "__version__"),
]


class _Stage(ModuleType):
    """A sub-package that is called like the engine's function of its name."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        engine = import_module("ecsplan.engine")
        return getattr(engine, self.__name__.rpartition(".")[2])(*arguments, **options)


class _Package(ModuleType):
    """Sees the import system bind a sub-package, the one moment at which that can be made callable."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _CALLABLE and isinstance(value, ModuleType):
            value.__class__ = _Stage
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _CALLABLE:
        return import_module(f"ecsplan.{name}")
    if name in _HOMES:
        return getattr(import_module(f"ecsplan.{_HOMES[name]}"), name)
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("ecsplan")
        except PackageNotFoundError:
            return "0"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
