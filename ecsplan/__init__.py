"""The public names: a stack is loaded, planned and applied. Each is imported when it is first used."""

from importlib import import_module
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
    from ecsplan.model.cloud import Cloud as Cloud
    from ecsplan.model.diagnostic import Refused as Refused
    from ecsplan.model.diagnostic import Rejected as Rejected
    from ecsplan.model.plan import Plan as Plan
    from ecsplan.model.plan import Report as Report
    from ecsplan.model.stack import Stack as Stack

__version__ = "0.1.0"

_HOMES = {
    "ApiError": "model.call",
    "ApplyOptions": "engine",
    "Cloud": "model.cloud",
    "Plan": "model.plan",
    "PlanOptions": "engine",
    "Refused": "model.diagnostic",
    "Rejected": "model.diagnostic",
    "Report": "model.plan",
    "Stack": "model.stack",
    "apply": "engine",
    "connect": "engine",
    "graph": "engine",
    "load": "engine",
    "plan": "engine",
}

__all__ = [
    *("load", "plan", "apply", "connect", "graph", "Stack", "Cloud", "Plan", "Report", "PlanOptions", "ApplyOptions"),
    *("Rejected", "Refused", "ApiError", "__version__"),
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"ecsplan.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
