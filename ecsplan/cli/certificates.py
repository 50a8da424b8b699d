"""A certificate for the emulator, of an authority of its own. Needs trustme: the extra `tls`."""

import os
from pathlib import Path

import click
from msgspec import Struct

from ecsplan.cli.folder import ignored_folder
from ecsplan.model.regions import KNOWN

LOCAL = ("localhost", "127.0.0.1", "::1")
# For programs that are led here by a proxy: they ask for the real names.
REAL = ("*.aliyuncs.com", *(f"*.{region}.aliyuncs.com" for region in sorted(KNOWN)))


class Certificate(Struct, frozen=True):
    """Files: `authority` is what clients must trust."""

    authority: Path
    certificate: Path
    key: Path

    @property
    def is_whole(self) -> bool:
        return all(path.is_file() for path in (self.authority, self.certificate, self.key))


def own_certificate(folder: Path, host: str) -> Certificate:
    """That of the last time, so that who trusted it goes on trusting it; else a new one.

    The authority's own key is kept nowhere: nobody can issue another certificate in its name.
    """
    name = "emulator-tls" if host in LOCAL else f"emulator-tls-{host.replace(':', '_')}"
    place = folder / name
    found = Certificate(place / "ca.pem", place / "cert.pem", place / "key.pem")
    if found.is_whole:
        return found
    try:
        import trustme
    except ImportError:
        raise click.ClickException("--tls needs the extra tls: pip install 'ecsplan[tls]'") from None
    ignored_folder(folder)
    place.mkdir(mode=0o700, exist_ok=True)
    authority = trustme.CA(organization_name="ecsplan emulator, for this machine alone")
    issued = authority.issue_cert(*dict.fromkeys((*LOCAL, host, *REAL)))
    chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
    _write(found.authority, authority.cert_pem.bytes())
    _write(found.certificate, chain)
    _write(found.key, issued.private_key_pem.bytes())
    return found


def _write(path: Path, content: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
