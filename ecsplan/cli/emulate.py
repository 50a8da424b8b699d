"""The emulator: as a command of its own, and inside the process for `--emulator`. Alone in importing it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from ecsplan.cli import exits
from ecsplan.cli.certificates import Certificate, own_certificate
from ecsplan.cli.folder import ignored_folder
from ecsplan.cli.output import result
from ecsplan.model.quoting import shown

if TYPE_CHECKING:
    from ecsplan.emulator.service import Service
    from ecsplan.engine.scenarios import HurriedClock

KEY_ID, KEY_SECRET = "emulator", "emulator-secret"  # of an account that is not real: open to all
FOLDER = Path(".ecsplan")
FILE = click.Path(path_type=Path, dir_okay=False)


class Running(Struct, frozen=True):
    """An emulator that answers at `url`; `environ` holds the credentials it takes."""

    url: str
    environ: Mapping[str, str]
    data: Path


@contextmanager
def embedded(folder: Path = FOLDER) -> Iterator[Running]:
    """An emulator for as long as the block runs, its account kept from one command to the next."""
    from ecsplan.emulator.options import Options
    from ecsplan.emulator.server import EmulatorServer
    from ecsplan.emulator.service import Service

    ignored_folder(folder)
    data = folder / "emulator.db"
    try:
        service = Service(Options(clock="fast", data=data, credentials=(KEY_ID, KEY_SECRET)))
    except (OSError, ValueError) as error:  # the file is in use, or is no account
        raise click.ClickException(f"emulator: {error}") from None
    try:
        with EmulatorServer(service) as server:
            yield Running(server.url, environment(server.url), data)
    finally:
        service.close()


class Scratch(Struct, frozen=True):
    """An empty account in memory, for one scenario (engine/scenarios.py: World)."""

    url: str
    environ: Mapping[str, str]
    service: "Service"
    clock: "HurriedClock"

    def outside(self, product: str, action: str, params: Mapping[str, str]) -> None:
        from ecsplan.emulator.wire import Refusal

        try:
            self.service.act_outside(product, action, params)
        except Refusal as refusal:
            raise ValueError(f"{refusal.code}: {refusal.message}") from None

    def strike(self, faults: list[Mapping[str, Any]]) -> None:
        self.service.faults.add(faults)

    def calm(self) -> None:
        self.service.faults.clear()


@contextmanager
def scratch() -> Iterator[Scratch]:
    from ecsplan.emulator.options import Options
    from ecsplan.emulator.server import EmulatorServer
    from ecsplan.emulator.service import Service
    from ecsplan.engine.scenarios import HurriedClock

    clock = HurriedClock()
    service = Service(Options(clock="fast", credentials=(KEY_ID, KEY_SECRET)), clock)
    try:
        with EmulatorServer(service) as server:
            yield Scratch(server.url, environment(server.url), service, clock)
    finally:
        service.close()


def fault_schema() -> dict[str, Any]:
    """The JSON Schema of fault schedules."""
    from ecsplan.emulator.fault_forms import fault_schema as schema

    return schema()


def environment(url: str) -> dict[str, str]:
    """The environment without any real credentials, so that none is ever sent to the emulator."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ALIBABA_CLOUD_")}
    return {
        **kept,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET,
        "ECSPLAN_ENDPOINT": url,
    }


@click.command("emulator", help="Run a local emulator of the ECS and VPC APIs until interrupted.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8686,
    show_default=True,
    help="Port to listen on; 0 picks a free one.",
)
@click.option("--tls", is_flag=True, help="Serve HTTPS as well, on the same port, with a generated certificate.")
@click.option("--tls-cert", type=FILE, help="Serve HTTPS with this certificate.")
@click.option("--tls-key", type=FILE, help="Private key of the certificate.")
@click.option("--data", type=FILE, help="Keep the data in this SQLite file.  [default: in memory]")
@click.option(
    "--latency", metavar="MS", default="0", show_default=True, help="Response latency in ms, or a range: 5-50."
)
@click.option(
    "--settle",
    metavar="SECONDS",
    type=click.FloatRange(0),
    default=2.0,
    show_default=True,
    help="Duration of state transitions.",
)
@click.option("--faults", type=FILE, help="Inject faults by the schedule in this file.")
@click.option("--seed", metavar="SEED", help="Seed for reproducible ids, addresses and faults.")
@click.option("--clock", type=click.Choice(["real", "fast"]), default="real", show_default=True)
@click.option(
    "--credentials", type=FILE, help="File with the accepted access keys.  [default: emulator / emulator-secret]"
)
@click.option(
    "--print-config",
    "program",
    type=click.Choice(["ecsplan", "terraform", "aliyun-cli", "sdk", "libcloud", "ecctl"]),
    help="Print the settings that point this program at the emulator, without starting it.",
)
def command(
    host: str,
    port: int,
    tls: bool,
    tls_cert: Path | None,
    tls_key: Path | None,
    data: Path | None,
    latency: str,
    settle: float,
    faults: Path | None,
    seed: str | None,
    clock: str,
    credentials: Path | None,
    program: str | None,
) -> int:
    from ecsplan.emulator.main import serve
    from ecsplan.engine.schedules import check_schedule

    if bool(tls_cert) != bool(tls_key):
        raise click.UsageError("--tls-cert and --tls-key go together: give both")
    if tls and tls_cert:
        raise click.UsageError("--tls makes a certificate itself: leave out --tls-cert and --tls-key")
    if faults is not None:
        check_schedule(faults, fault_schema())
    own = own_certificate(FOLDER, host) if tls else None
    if program is not None:
        result(_lines_for(program, host, port, own, credentials))
        return exits.DONE
    if own is not None:
        tls_cert, tls_key = own.certificate, own.key
    authority = own.authority if own else None
    given = (data, _latency(latency), settle, faults, seed, clock, credentials, authority)
    return serve(host, port, tls_cert, tls_key, *given)


def _lines_for(program: str, host: str, port: int, own: Certificate | None, credentials: Path | None) -> str:
    from ecsplan.emulator.credentials import load_credentials
    from ecsplan.emulator.pointing import NeedsTls, Target, config

    if port == 0:
        raise click.UsageError("--print-config needs the port that the emulator will have: --port N")
    shown = f"[{host}]" if ":" in host else host
    try:
        key = load_credentials(credentials).first()
        authority = str(own.authority.resolve()) if own else ""
        return config(program, Target(f"http://{shown}:{port}", key.key_id, key.secret, authority=authority))
    except (NeedsTls, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None


def _latency(text: str) -> float | tuple[float, float]:
    """Milliseconds, or a spread of them."""
    low, dash, high = text.partition("-")
    try:
        return (float(low), float(high)) if dash else float(low)
    except ValueError:
        raise click.UsageError(f"{shown(text)} is not a latency; write milliseconds like 20, or 5-50") from None
