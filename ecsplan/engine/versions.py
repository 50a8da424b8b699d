"""The version of ecsplan, as plans and records hold it."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    try:
        return version("ecsplan")
    except PackageNotFoundError:
        return "0"
