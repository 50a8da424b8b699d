"""A small signed client for the emulator's tests: in process or over a socket, v1 or V3, JSON or XML."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from ecsplan.emulator import contract
from ecsplan.emulator.clock import Movable
from ecsplan.emulator.service import HttpRequest, HttpResponse, RealClock, Service

CONTROL = {"x-ecsplan-emulator": "1"}
VERSIONS = {"ecs": "2014-05-26", "vpc": "2016-04-28", "sts": "2015-04-01", "tag": "2018-08-28",
            "slb": "2014-05-15", "alb": "2020-06-16", "nlb": "2022-04-30", "cms": "2019-01-01",
            "quotas": "2020-05-10"}  # fmt: skip


def misfits(shape: Any, value: Any, path: str = "") -> list[str]:
    """Where a body has a key or a type that the API's contract does not have."""
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [found for item in value for found in misfits(shape[0], item, f"{path}[]")]
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no object"]
        unknown = [f"{path}.{key}: unknown" for key in value if key not in shape]
        return unknown + [f for key in value if key in shape for f in misfits(shape[key], value[key], f"{path}.{key}")]
    fits = {"s": isinstance(value, str), "b": isinstance(value, bool), "m": isinstance(value, dict)}
    fits["i"] = isinstance(value, int) and not isinstance(value, bool)
    fits["f"] = fits["i"] or isinstance(value, float)
    return [] if fits[shape] else [f"{path}: {value!r} is not {shape}"]


class Failed(Exception):
    """An answer that is not 200."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {body.get('Code')}: {body.get('Message')}")
        self.status = status
        self.code = body.get("Code")
        self.body = body


def flatten(value: Any, name: str = "") -> dict[str, str]:
    """Nested values to the wire's flat names, indexes from 1."""
    if isinstance(value, Mapping):
        pairs = [(f"{name}.{key}" if name else key, inner) for key, inner in value.items()]
    elif isinstance(value, list | tuple):
        pairs = [(f"{name}.{place}", inner) for place, inner in enumerate(value, 1)]
    else:
        return {name: ("true" if value else "false") if isinstance(value, bool) else str(value)}
    return {key: text for path, inner in pairs if inner is not None for key, text in flatten(inner, path).items()}


def enc(text: str) -> str:
    return quote(text, safe="-_.~")


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def v1_request(
    params: Mapping[str, str],
    product: str,
    now: float,
    key: tuple[str, str] = ("emulator", "emulator-secret"),
    method: str = "GET",
    form: bool = False,
    as_format: str = "JSON",
    token: str = "",
) -> HttpRequest:
    whole = {
        **params,
        "Version": VERSIONS[product],
        "Format": as_format,
        "AccessKeyId": key[0],
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": uuid.uuid4().hex,
        "Timestamp": stamp(now),
    }
    if token:
        whole["SecurityToken"] = token
    canonical = "&".join(f"{enc(k)}={enc(whole[k])}" for k in sorted(whole))
    text = f"{method}&%2F&{enc(canonical)}"
    digest = hmac.new(f"{key[1]}&".encode(), text.encode(), hashlib.sha1).digest()
    query = f"{canonical}&Signature={enc(base64.b64encode(digest).decode())}"
    headers = {"host": "127.0.0.1"}
    if form:
        headers["content-type"] = "application/x-www-form-urlencoded"
        return HttpRequest(method, "/", headers, query.encode())
    return HttpRequest(method, f"/?{query}", headers)


def v3_request(
    params: Mapping[str, str],
    product: str,
    now: float,
    key: tuple[str, str] = ("emulator", "emulator-secret"),
    method: str = "POST",
    host: str = "127.0.0.1",
    token: str = "",
    body: bytes = b"",
) -> HttpRequest:
    rest = dict(params)
    headers = {
        "host": host,
        "accept": "application/json",
        "x-acs-action": rest.pop("Action"),
        "x-acs-version": VERSIONS[product],
        "x-acs-date": stamp(now),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
    }
    if token:
        headers["x-acs-accesskey-id"] = key[0]
        headers["x-acs-security-token"] = token
    if body:
        headers["content-type"] = "application/x-www-form-urlencoded"
    query = "&".join(f"{enc(k)}={enc(rest[k])}" for k in sorted(rest))
    signed = sorted(name for name in headers if name != "accept")
    lines = "".join(f"{name}:{headers[name]}\n" for name in signed)
    canonical = "\n".join((method, "/", query, lines, ";".join(signed), headers["x-acs-content-sha256"]))
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key[1].encode(), text.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={key[0]},SignedHeaders={';'.join(signed)},Signature={signature}"
    headers["authorization"] = f"ACS3-HMAC-SHA256 {credential}"
    return HttpRequest(method, f"/?{query}" if query else "/", headers, body)


@dataclass
class Client:
    """Calls a Service in process; what breaks the API's contract fails the test, a refusal is `Failed`."""

    service: Service
    region: str = "cn-hangzhou"
    key: tuple[str, str] = ("emulator", "emulator-secret")
    token: str = ""
    seen: list[tuple[str, str]] = field(default_factory=list)

    def call(self, product: str, action: str, **params: Any) -> dict[str, Any]:
        agreed = contract.find(product, action)
        if agreed is not None:
            unknown = params.keys() - agreed.request.types.keys() - {"RegionId"}
            assert not unknown, f"{action} has no parameter {', '.join(sorted(unknown))}"
        params.setdefault("RegionId", self.region)
        flat = flatten({"Action": action, **params})
        request = v3_request(flat, product, self.now(), self.key, token=self.token)
        body = read(self.service.handle(request))
        assert agreed is not None
        assert misfits(agreed.response, body) == [], action
        self.seen.append((product, action))
        return body

    def ecs(self, action: str, **params: Any) -> dict[str, Any]:
        return self.call("ecs", action, **params)

    def vpc(self, action: str, **params: Any) -> dict[str, Any]:
        return self.call("vpc", action, **params)

    def settle(self) -> None:
        """Long enough for every transition."""
        clock = self.service.clock
        assert isinstance(clock, Movable)
        clock.advance(3600)

    def now(self) -> float:
        """The time that signatures are checked by."""
        clock = self.service.clock
        return time.time() if isinstance(clock, RealClock) else clock.now()

    def control(self, method: str, name: str, body: Any = None) -> Any:
        data = json.dumps(body).encode() if body is not None else b""
        response = self.service.handle(HttpRequest(method, f"/_emulator/{name}", CONTROL, data))
        assert response.status == 200, response.body
        return json.loads(response.body)


def read(response: HttpResponse) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(response.body)
    if response.status != 200:
        raise Failed(response.status, body)
    return body


@dataclass
class World:
    """A VPC with one vSwitch and one group, to put things into."""

    client: Client
    vpc: str
    vswitch: str
    group: str
    zone: str = "cn-hangzhou-h"

    def run(self, **params: Any) -> list[str]:
        wanted: dict[str, Any] = {
            "ImageFamily": "acs:ubuntu_22_04_x64",
            "InstanceType": "ecs.g7.large",
            "VSwitchId": self.vswitch,
            "SecurityGroupId": self.group,
        }
        ids: list[str] = self.client.ecs("RunInstances", **{**wanted, **params})["InstanceIdSets"]["InstanceIdSet"]
        return ids

    def running(self, **params: Any) -> list[str]:
        ids = self.run(**params)
        self.client.settle()
        return ids


def build_world(client: Client, cidr: str = "10.0.0.0/8", block: str = "10.0.0.0/16") -> World:
    vpc = client.vpc("CreateVpc", CidrBlock=cidr)["VpcId"]
    client.settle()
    vswitch = client.vpc("CreateVSwitch", VpcId=vpc, CidrBlock=block, ZoneId="cn-hangzhou-h")["VSwitchId"]
    client.settle()
    group = client.ecs("CreateSecurityGroup", VpcId=vpc, SecurityGroupName="web")["SecurityGroupId"]
    return World(client, vpc, vswitch, group)
