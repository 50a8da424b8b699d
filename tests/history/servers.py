"""A PostgreSQL server of the tests' own, started from the binaries of its package; a socket in a folder, no port."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest


def binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def why_not() -> str:
    """Why no server can be started; empty where one can."""
    try:
        import psycopg  # noqa: F401
        import sqlalchemy  # noqa: F401
    except ImportError as error:
        return f"{error.name} is not installed (extra postgres)"
    if binaries() is None:
        return "there is no PostgreSQL server (apt-get install postgresql)"
    if os.geteuid() == 0 and not shutil.which("runuser"):
        return "PostgreSQL does not run as root, and there is no runuser"
    return ""


@contextmanager
def server() -> Iterator[str]:
    """Its URL. initdb refuses to run as root: there it runs as the user of the package."""
    if reason := why_not():
        pytest.skip(reason)
    home = Path(mkdtemp(prefix="ecsplan-pg-", dir="/tmp"))
    folder, programs = home / "data", binaries()
    assert programs is not None
    as_user = []
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
        home.chmod(0o755)
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(program: str, *arguments: str) -> None:
        command = [*as_user, str(programs / program), *arguments]
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    try:
        run("initdb", "-D", str(folder), "-U", "ecsplan", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        settings = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
        run("pg_ctl", "-D", str(folder), "-l", str(home / "log"), "-w", "-o", settings, "start")
        try:
            yield f"postgresql://ecsplan@/postgres?host={home}"
        finally:
            run("pg_ctl", "-D", str(folder), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
