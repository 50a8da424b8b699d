"""Plain HTTP, TLS and a proxy on one port; the certificate; and the lines that point other programs here."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_tea_openapi.models import Config

from ecsplan.cli.certificates import Certificate, own_certificate
from ecsplan.cli.main import main
from ecsplan.emulator.mixed import MixedServer
from ecsplan.emulator.pointing import CONFIGS, NeedsTls, Target, config
from ecsplan.emulator.service import Options, Service

from .client import v1_request


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return own_certificate(tmp_path_factory.mktemp("tls") / ".ecsplan", "127.0.0.1")


@pytest.fixture
def server(own: Certificate) -> Iterator[MixedServer]:
    service = Service(Options(clock="fast"))
    with MixedServer(service, tls_cert=own.certificate, tls_key=own.key) as running:
        yield running
    service.close()


def query() -> str:
    return v1_request({"Action": "DescribeRegions", "Format": "JSON"}, "ecs", time.time()).target


def test_plain_and_tls_are_answered_on_one_port(server: MixedServer, own: Certificate) -> None:
    plain = requests.get(f"http://127.0.0.1:{server.port}{query()}", timeout=10)
    secured = requests.get(f"https://127.0.0.1:{server.port}{query()}", verify=str(own.authority), timeout=10)
    assert plain.status_code == secured.status_code == 200
    assert plain.json()["Regions"] == secured.json()["Regions"]
    assert server.url == f"http://127.0.0.1:{server.port}"


def test_a_client_that_does_not_trust_the_authority_refuses(server: MixedServer) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://127.0.0.1:{server.port}{query()}", timeout=10)
    assert requests.get(f"http://127.0.0.1:{server.port}{query()}", timeout=10).status_code == 200


def test_a_client_that_knows_only_real_names_is_led_here_by_a_proxy(server: MixedServer, own: Certificate) -> None:
    context = ssl.create_default_context(cafile=str(own.authority))
    for name in ("ecs.cn-hangzhou.aliyuncs.com", "vpc.aliyuncs.com", "sts.ap-southeast-1.aliyuncs.com"):
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=10)
        connection.set_tunnel(name, 443)
        connection.request("GET", query(), headers={"Host": name})
        answer = connection.getresponse()
        assert answer.status == 200 and "Regions" in json.loads(answer.read())
        connection.close()


def test_a_proxied_client_may_go_on_in_plain_http(server: MixedServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.set_tunnel("ecs.aliyuncs.com", 80)
    connection.request("GET", query())
    assert connection.getresponse().status == 200
    connection.close()


def test_connections_that_say_nothing_or_half_a_handshake_do_no_harm(server: MixedServer) -> None:
    for first in (b"", b"\x16", b"\x16\x03\x01nonsense", b"C", b"CONNECT ", b"G"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as odd:
            odd.sendall(first)
    assert requests.get(f"http://127.0.0.1:{server.port}{query()}", timeout=10).status_code == 200


def test_the_certificate_is_kept_so_that_trust_lasts_and_its_key_is_private(tmp_path: Path) -> None:
    first = own_certificate(tmp_path / ".ecsplan", "127.0.0.1")
    before = first.authority.read_bytes(), first.key.read_bytes()
    again = own_certificate(tmp_path / ".ecsplan", "localhost")
    assert (again.authority.read_bytes(), again.key.read_bytes()) == before
    assert stat.S_IMODE(first.key.stat().st_mode) == 0o600
    assert b"PRIVATE" not in first.authority.read_bytes()
    other = own_certificate(tmp_path / ".ecsplan", "10.1.2.3")
    assert other.authority != first.authority and other.authority.read_bytes() != before[0]


TARGET = Target("http://127.0.0.1:8686", "emulator", "emulator-secret", authority="/here/ca.pem")


@pytest.mark.parametrize("program", CONFIGS)
def test_every_program_is_pointed_at_the_address_with_the_key(program: str) -> None:
    text = config(program, TARGET)
    assert "8686" in text and "127.0.0.1" in text and "emulator-secret" in text


@pytest.mark.parametrize("program", ["terraform", "ecctl"])
def test_programs_that_speak_tls_whatever_they_are_told_need_it(program: str) -> None:
    with pytest.raises(NeedsTls, match="--tls"):
        config(program, Target("http://127.0.0.1:8686", "k", "s"))


def test_the_lines_for_the_sdk_and_for_libcloud_are_python_that_works(server: MixedServer) -> None:
    target = Target(server.url, "emulator", "emulator-secret")
    names: dict[str, object] = {}
    exec(config("sdk", target), names)
    client = names["client"]
    assert isinstance(client, EcsClient)
    regions = client.describe_regions(models.DescribeRegionsRequest()).body.regions.region
    assert "cn-hangzhou" in {region.region_id for region in regions}
    exec(config("libcloud", target), names)
    assert names["driver"].list_nodes() == []  # type: ignore[attr-defined]


def test_the_official_sdk_speaks_tls_to_it(server: MixedServer, own: Certificate) -> None:
    client = EcsClient(Config(access_key_id="emulator", access_key_secret="emulator-secret", region_id="cn-hangzhou",
                              endpoint=f"127.0.0.1:{server.port}", protocol="https",
                              ca=str(own.authority)))  # fmt: skip
    assert client.describe_regions(models.DescribeRegionsRequest()).body.request_id


def test_the_command_line_prints_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["emulator", "--tls", "--print-config", "terraform", "--port", "9999"]) == 0
    out = capsys.readouterr().out
    assert 'ecs = "127.0.0.1:9999"' in out and str(tmp_path / ".ecsplan" / "emulator-tls" / "ca.pem") in out
    assert main(["emulator", "--print-config", "terraform"]) == 1
    assert "add --tls" in capsys.readouterr().err
    assert main(["emulator", "--tls", "--tls-cert", "a", "--tls-key", "b"]) == 64


def test_the_command_tells_where_its_authority_lies_and_answers_both(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ecsplan", "emulator", "--tls", "--port", "0", "--clock", "fast"]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = []
        while not lines or "Ctrl-C" not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], lines
        url = lines[0].split(" at ")[1].strip()
        authority = next(line.split("SSL_CERT_FILE=")[1].strip() for line in lines if "SSL_CERT_FILE" in line)
        assert requests.get(url + query(), timeout=10).status_code == 200
        secured = url.replace("http://", "https://") + query()
        assert requests.get(secured, verify=authority, timeout=10).status_code == 200
    finally:
        process.terminate()
        process.communicate(timeout=20)
