"""Looks that the runner itself makes: a TCP connection, an HTTP request, a command of its own. One look each, no retry.

A name is looked up and a certificate verified as any client would; redirects are not followed, as where they lead says
nothing of the machine.
"""

import http.client
import re
import socket
import ssl
import subprocess
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ecsplan.model.gate import CheckResult, Measurement, Target
from ecsplan.model.quoting import shown

WITHIN = 3.0  # seconds for one look
LARGEST_BODY = 1 << 20
SHOWN_OUTPUT = 200


def passed(text: str = "") -> Measurement:
    return Measurement(CheckResult.PASSED, text)


def failed(text: str, *, is_final: bool = False) -> Measurement:
    return Measurement(CheckResult.FAILED, text, is_final)


def tcp(settings: Mapping[str, Any], target: Target) -> Measurement:
    """`port`, and `host` where it is not the private address."""
    host, port = target.filled(str(settings.get("host") or "{private_ip}")), int(settings["port"])
    if not host:
        return failed("the machine has no such address")
    try:
        with socket.create_connection((host, port), timeout=WITHIN):
            return passed(f"{host}:{port} is open")
    except OSError as error:
        return failed(f"{host}:{port}: {_why(error)}")


def web(settings: Mapping[str, Any], target: Target) -> Measurement:
    """`url`; `status` as `200` or `200-299`; `body` is a text that must be in it."""
    url = target.filled(str(settings["url"]))
    try:
        status, body = _get(url, bool(settings.get("insecure", False)))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return failed(f"{url}: {_why(error)}")
    low, _, high = str(settings.get("status", "200-399")).partition("-")
    if not int(low) <= status <= int(high or low):
        return failed(f"{url}: HTTP {status}")
    wanted = settings.get("body")
    if wanted is not None and str(wanted) not in body:
        return failed(f"{url}: HTTP {status}, without {shown(wanted)} in the body")
    return passed(f"{url}: HTTP {status}")


def _get(url: str, insecure: bool) -> tuple[int, str]:
    parts = urlsplit(url)
    host, path = parts.hostname or "", (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "https":
        context = ssl.create_default_context()
        if insecure:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        link: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=WITHIN, context=context
        )
    else:
        link = http.client.HTTPConnection(host, parts.port, timeout=WITHIN)
    try:
        link.request("GET", path, headers={"User-Agent": "ecsplan", "Connection": "close"})
        answer = link.getresponse()
        return answer.status, answer.read(LARGEST_BODY).decode(errors="replace")
    finally:
        link.close()


def local(settings: Mapping[str, Any], target: Target) -> Measurement:
    """`run` is a list: no shell sees it. It may take as long as `within` seconds."""
    command = [target.filled(str(word)) for word in settings["run"]]
    within = float(settings.get("within", 30.0))
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=within, stdin=subprocess.DEVNULL, text=True,
            errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return failed(f"{command[0]}: no end within {within:.0f} s")
    except OSError as error:
        return failed(f"{command[0]}: {_why(error)}", is_final=True)
    told = shortened(done.stderr or done.stdout)
    return passed() if done.returncode == 0 else failed(f"{command[0]}: exit code {done.returncode}{told}")


def shortened(output: str) -> str:
    """The end of an output on one line, for a message; empty for an empty one."""
    text = re.sub(r"\s+", " ", output).strip()[-SHOWN_OUTPUT:]
    return f": {text}" if text else ""


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {WITHIN:.0f} s"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
