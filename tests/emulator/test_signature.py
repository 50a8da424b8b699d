"""Both signatures: the published vectors are reproduced, and whatever was touched after signing is refused."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from ecsplan.emulator.clock import parse_time
from ecsplan.emulator.credentials import Credential, Credentials
from ecsplan.emulator.service import HttpRequest, Options, Service, VirtualClock
from ecsplan.emulator.signature import Verifier
from ecsplan.emulator.wire import Refusal
from ecsplan.model.copying import replace

from .client import Client, flatten, read, v1_request, v3_request

VECTORS = json.loads((Path(__file__).parent / "cases" / "signature_vectors.json").read_text(encoding="utf-8"))
TAMPERED = 700


def v1_vector(case: dict[str, Any]) -> tuple[HttpRequest, list[tuple[str, str]], list[tuple[str, str]]]:
    query = [*case["query_params"].items()]
    form = [*case["body_params"].items()]
    (query if query else form).append(("Signature", case["signature"]))
    return HttpRequest(case["method"], "/", {}), query, form


@pytest.mark.parametrize("case", VECTORS["rpc_v1"], ids=lambda case: case["name"])
def test_a_v1_vector_verifies(case: dict[str, Any]) -> None:
    request, query, form = v1_vector(case)
    params = dict(query + form)
    token = params.get("SecurityToken", "")
    verifier = Verifier(Credentials([Credential(params["AccessKeyId"], case["key"][:-1], token=token)]))
    now = parse_time(params["Timestamp"])
    assert now is not None
    assert verifier.verify(request, query, form, now).key_id == params["AccessKeyId"]


@pytest.mark.parametrize("case", VECTORS["v3"], ids=lambda case: case["name"])
def test_a_v3_vector_verifies(case: dict[str, Any]) -> None:
    headers = {name.lower(): value for name, value in case["signed_headers_in"].items()}
    headers["authorization"] = case["authorization"]
    token = headers.get("x-acs-security-token", "")
    key = Credential(case["access_key_id"], case["access_key_secret"], token=token)
    now = parse_time(headers["x-acs-date"])
    assert now is not None
    query = [(name, str(value)) for name, value in case["query_params"].items()]
    request = HttpRequest(case["method"], case["path"], headers, (case["body"] or "").encode())
    assert Verifier(Credentials([key])).verify(request, query, [], now) == key


PARAMS = {
    "Action": "CreateDisk",
    "RegionId": "cn-hangzhou",
    "ZoneId": "cn-hangzhou-h",
    "Size": "40",
    "DiskName": "a+b *~",
}


def signed(dice: random.Random, now: float) -> tuple[HttpRequest, str]:
    """One of the ways to sign a call, and its name."""
    way = dice.choice(("v1 get", "v1 form", "v3 query", "v3 form"))
    if way == "v1 get":
        return v1_request(PARAMS, "ecs", now), way
    if way == "v1 form":
        return v1_request(PARAMS, "ecs", now, method="POST", form=True), way
    if way == "v3 query":
        return v3_request(PARAMS, "ecs", now), way
    body = "&".join(f"{k}={quote_plus(v)}" for k, v in PARAMS.items() if k != "Action")
    return v3_request({"Action": "CreateDisk"}, "ecs", now, body=body.encode()), way


def changed_text(dice: random.Random, request: HttpRequest) -> HttpRequest | None:
    """Another size, wherever the parameters travel."""
    old, new = "Size=40", f"Size={dice.randint(41, 2000)}"
    if old in request.target:
        return replace(request, target=request.target.replace(old, new))
    return replace(request, body=request.body.replace(old.encode(), new.encode()))


def added_parameter(dice: random.Random, request: HttpRequest) -> HttpRequest | None:
    more = f"&Description=x{dice.randint(0, 999)}"
    if "=" in request.target:
        return replace(request, target=request.target + more)
    return replace(request, body=request.body + more.encode())


def another_method(dice: random.Random, request: HttpRequest) -> HttpRequest | None:
    return replace(request, method="POST" if request.method == "GET" else "GET")


def changed_header(dice: random.Random, request: HttpRequest) -> HttpRequest | None:
    names = [n for n in request.headers if n.startswith("x-acs-")]
    if not names:
        return None
    name = dice.choice(names)
    return replace(request, headers={**request.headers, name: request.headers[name] + "0"})


def added_header(dice: random.Random, request: HttpRequest) -> HttpRequest | None:
    if "authorization" not in request.headers:
        return None
    return replace(request, headers={**request.headers, "x-acs-parent-id": str(dice.randint(0, 99))})


def test_an_unsigned_header_commands_nothing(client: Client) -> None:
    """Under v1 no header is signed: one that names an action must not turn a read into a write."""
    disk = client.ecs("CreateDisk", ZoneId="cn-hangzhou-h", Size=40)["DiskId"]
    client.settle()
    params = flatten({"Action": "DescribeDisks", "RegionId": "cn-hangzhou", "DiskId": disk})
    request = v1_request(params, "ecs", client.service.clock.now())
    headers = {**request.headers, "x-acs-action": "DeleteDisk", "x-acs-version": "2014-05-26"}
    assert read(client.service.handle(replace(request, headers=headers)))["TotalCount"] == 1
    assert client.ecs("DescribeDisks")["TotalCount"] == 1


def another_nonce(dice: random.Random, request: HttpRequest) -> HttpRequest | None:
    where = "SignatureNonce="
    if where in request.target:
        return replace(request, target=request.target.replace(where, f"{where}{dice.randint(0, 99)}"))
    if where.encode() in request.body:
        return replace(request, body=request.body.replace(where.encode(), f"{where}{dice.randint(0, 99)}".encode()))
    headers = {**request.headers, "x-acs-signature-nonce": f"n{dice.random()}"}
    return replace(request, headers=headers)


def changed_body(dice: random.Random, request: HttpRequest) -> HttpRequest | None:
    """V3 signs the body's bytes even where they mean nothing."""
    return replace(request, body=request.body + b"&") if "authorization" in request.headers else None


def changed_signature(dice: random.Random, request: HttpRequest) -> HttpRequest | None:
    if "authorization" not in request.headers:
        return None
    head, _, signature = request.headers["authorization"].rpartition("=")
    place = dice.randrange(len(signature))
    other = "0" if signature[place] != "0" else "1"
    forged = f"{head}={signature[:place]}{other}{signature[place + 1 :]}"
    return replace(request, headers={**request.headers, "authorization": forged})


def another_time(dice: random.Random, request: HttpRequest) -> HttpRequest | None:
    """Within the window, so that only the signature can tell."""
    if "authorization" in request.headers:
        old = request.headers["x-acs-date"]
        new = old[:-3] + f"{(int(old[-3:-1]) + dice.randint(1, 59)) % 60:02d}Z"
        return replace(request, headers={**request.headers, "x-acs-date": new})
    old, digit = "Timestamp=20", dice.choice("13579")
    if old in request.target:
        return replace(request, target=request.target.replace(old, f"Timestamp={digit}0"))
    return replace(request, body=request.body.replace(old.encode(), f"Timestamp={digit}0".encode()))


def another_key(dice: random.Random, request: HttpRequest) -> HttpRequest | None:
    """One that exists, with another secret, in the place of the signer's."""
    if "authorization" in request.headers:
        forged = request.headers["authorization"].replace("Credential=emulator", "Credential=guest")
        return replace(request, headers={**request.headers, "authorization": forged})
    old, new = "AccessKeyId=emulator", "AccessKeyId=guest"
    if old in request.target:
        return replace(request, target=request.target.replace(old, new))
    return replace(request, body=request.body.replace(old.encode(), new.encode()))


TAMPERINGS: list[Callable[[random.Random, HttpRequest], HttpRequest | None]] = [
    changed_text, added_parameter, another_method, changed_header, added_header, another_nonce, changed_body,
    changed_signature, another_time, another_key,
]  # fmt: skip
REFUSED = {"SignatureDoesNotMatch", "IncompleteSignature"}


def test_tampered_requests_are_all_refused(service: Service) -> None:
    service.credentials.put(Credential("guest", "guest-secret"))
    dice, tried = random.Random(5), 0
    now = service.clock.now()
    while tried < TAMPERED:
        request, way = signed(dice, now)
        tampering = dice.choice(TAMPERINGS)
        forged = tampering(dice, request)
        if forged is None:
            continue
        tried += 1
        response = service.handle(forged)
        code = json.loads(response.body)["Code"] if response.body[:1] == b"{" else response.body.decode()
        assert response.status == 400, (way, tampering.__name__, code)
        assert any(word in code for word in REFUSED), (way, tampering.__name__, code)
    assert service.account.count("disk", "cn-hangzhou") == 0


@pytest.mark.parametrize("way", [v1_request, v3_request])
@pytest.mark.parametrize(("seconds", "code"), [(-1800, "Expired"), (1800, "Expired"), (899, None), (-899, None)])
def test_the_time_window(service: Service, way: Any, seconds: float, code: str | None) -> None:
    response = service.handle(way({"Action": "DescribeRegions"}, "ecs", service.clock.now() + seconds))
    if code is None:
        assert response.status == 200
    else:
        assert json.loads(response.body)["Code"] == f"InvalidTimeStamp.{code}"


@pytest.mark.parametrize("way", [v1_request, v3_request])
def test_a_nonce_works_once(service: Service, way: Any) -> None:
    request = way({"Action": "DescribeRegions"}, "ecs", service.clock.now())
    assert service.handle(request).status == 200
    again = service.handle(request)
    assert (again.status, json.loads(again.body)["Code"]) == (400, "SignatureNonceUsed")


@pytest.mark.parametrize("way", [v1_request, v3_request])
def test_an_unknown_key(service: Service, way: Any) -> None:
    response = service.handle(way({"Action": "DescribeRegions"}, "ecs", service.clock.now(), key=("who", "x")))
    assert (response.status, json.loads(response.body)["Code"]) == (404, "InvalidAccessKeyId.NotFound")


def test_a_missing_signature_names_what_is_missing(service: Service) -> None:
    response = service.handle(HttpRequest("GET", "/?Action=DescribeRegions&Version=2014-05-26&Format=JSON"))
    assert json.loads(response.body)["Code"] == "MissingAccessKeyId"


def test_names_with_reserved_characters_survive(client: Client) -> None:
    name = "a+b *~/=&% 中文"
    disk = client.ecs("CreateDisk", ZoneId="cn-hangzhou-h", Size=40, Description=name)["DiskId"]
    params = flatten({"Action": "DescribeDisks", "RegionId": "cn-hangzhou", "DiskIds": json.dumps([disk])})
    body = read(client.service.handle(v1_request(params, "ecs", client.service.clock.now(), method="POST", form=True)))
    assert body["Disks"]["Disk"][0]["Description"] == name


STS = {
    "access_key_id": "STS.a",
    "access_key_secret": "s",
    "security_token": "token",
    "expires": "2026-01-01T01:00:00Z",
}


@pytest.fixture
def sts(tmp_path: Path) -> Service:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps([STS]), encoding="utf-8")
    start = parse_time("2026-01-01T00:00:00Z")
    return Service(Options(credentials=path), VirtualClock(start))


@pytest.mark.parametrize("way", [v1_request, v3_request])
@pytest.mark.parametrize(
    ("token", "code"), [("token", None), ("", "MissingSecurityToken"), ("other", "InvalidSecurityToken.Malformed")]
)
def test_an_sts_key_needs_its_token(sts: Service, way: Any, token: str, code: str | None) -> None:
    request = way({"Action": "DescribeRegions"}, "ecs", sts.clock.now(), key=("STS.a", "s"), token=token)
    assert json.loads(sts.handle(request).body).get("Code") == code


def test_an_sts_token_ends(sts: Service) -> None:
    sts.clock.sleep(3600)
    request = v3_request({"Action": "DescribeRegions"}, "ecs", sts.clock.now(), key=("STS.a", "s"), token="token")
    assert json.loads(sts.handle(request).body)["Code"] == "InvalidSecurityToken.Expired"


def test_a_token_does_not_fit_a_plain_key(service: Service) -> None:
    request = v3_request({"Action": "DescribeRegions"}, "ecs", service.clock.now(), token="token")
    assert json.loads(service.handle(request).body)["Code"] == "InvalidSecurityToken.MismatchWithAccessKey"


def test_the_caller_of_an_sts_key_is_a_role(sts: Service) -> None:
    client = Client(sts, key=("STS.a", "s"), token="token")
    assert client.call("sts", "GetCallerIdentity")["IdentityType"] == "AssumedRoleUser"
    with pytest.raises(Refusal):
        sts.credentials.check_token(sts.credentials.first(), "x", 0)
