"""The version of the installed package; read late, as it costs a search of the disk."""


def own_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("ecsplan")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"
