"""The control API: what was called, resets, the clock, the whole account as JSON."""

from __future__ import annotations

import json

import pytest

from ecsplan.emulator.control import ROUTES
from ecsplan.emulator.service import HttpRequest, Options, Service, VirtualClock

from .client import CONTROL, Client, World, build_world, v3_request


def test_stats_count_calls_and_codes(client: Client) -> None:
    client.ecs("DescribeDisks")
    for _ in range(2):
        client.service.handle(v3_request({"Action": "DescribeDisks"}, "ecs", client.service.clock.now()))
    assert client.control("GET", "stats") == {
        "total": 3,
        "actions": {"DescribeDisks": {"calls": 3, "errors": {"MissingParameter": 2}}},
    }
    client.control("POST", "reset", {"what": "stats"})
    assert client.control("GET", "stats") == {"total": 0, "actions": {}}


def test_the_log_masks_secrets(world: World) -> None:
    world.run(Password="Secret-123", UserData="c2VjcmV0")
    call = world.client.control("GET", "calls")["calls"][-1]
    assert (call["action"], call["params"]["Password"], call["params"]["UserData"]) == ("RunInstances", "***", "***")
    assert call["params"]["InstanceType"] == "ecs.g7.large"
    assert "Secret-123" not in json.dumps(world.client.control("GET", "calls"))


def test_reset_empties_the_account(world: World) -> None:
    world.run(ClientToken="t")
    world.client.control("POST", "reset", {"what": "account"})
    assert world.client.control("GET", "state")["things"] == []
    world = build_world(world.client)
    assert world.run(ClientToken="t")


def test_a_state_moves_to_another_emulator(world: World) -> None:
    ids = world.run(Amount=3, Tag=[{"Key": "a", "Value": "b"}])
    state = world.client.control("GET", "state")
    other = Client(Service(Options(), VirtualClock(world.client.service.clock.now())))
    other.control("PUT", "state", json.loads(json.dumps(state)))
    other.settle()
    rows = other.ecs("DescribeInstances", Tag=[{"Key": "a"}])["Instances"]["Instance"]
    assert sorted(row["InstanceId"] for row in rows) == sorted(ids)
    assert {row["Status"] for row in rows} == {"Running"}
    assert other.control("GET", "state")["things"] != []


def test_the_clock_moves_transitions_but_not_signatures() -> None:
    """On the wall clock a client's own time stays right when the account's time is moved ahead."""
    client = Client(Service(Options(settle=1000)))
    client.vpc("CreateVpc")
    client.control("POST", "clock", {"advance": 5000})
    request = v3_request(
        {"Action": "DescribeVpcs", "RegionId": "cn-hangzhou"}, "vpc", client.service.clock.now() - 5000
    )
    (vpc,) = json.loads(client.service.handle(request).body)["Vpcs"]["Vpc"]
    assert vpc["Status"] == "Available"


def test_mistakes_are_told(client: Client) -> None:
    for method, name, body in (
        ("POST", "reset", b"{}"),
        ("POST", "clock", b'{"advance": "x"}'),
        ("PUT", "state", b'{"format": 9}'),
        ("PUT", "state", b"[1]"),
        ("POST", "faults", b"{}"),
        ("POST", "resume", b"[]"),
        ("POST", "faults", b"not json"),
    ):
        response = client.service.handle(HttpRequest(method, f"/_emulator/{name}", CONTROL, body))
        assert response.status == 400, (name, body)
        assert "error" in json.loads(response.body)
    unknown = client.service.handle(HttpRequest("GET", "/_emulator/nothing", CONTROL))
    assert unknown.status == 404
    assert b"GET /_emulator/stats" in unknown.body


@pytest.mark.door("emulator")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({**CONTROL, "host": "127.0.0.1:8686"}, 200),
        ({**CONTROL, "host": "[::1]:8686"}, 200),
        ({**CONTROL, "host": "localhost"}, 200),
        ({**CONTROL, "host": "box.example:8686"}, 200),
        ({"host": "127.0.0.1:8686"}, 403),
        ({**CONTROL, "host": "127.0.0.1:8686", "origin": "http://evil.example"}, 403),
        ({**CONTROL, "host": "127.0.0.1:8686", "origin": "null"}, 403),
        ({**CONTROL, "host": "evil.example:8686"}, 403),
        ({**CONTROL, "host": "127.0.0.1.evil.example"}, 403),
    ],
)
def test_a_web_page_can_neither_read_nor_wipe_the_account(
    client: Client, headers: dict[str, str], status: int
) -> None:  # fmt: skip
    client.service.names.add("box.example")
    vpc = client.vpc("CreateVpc")["VpcId"]
    for method, name in ROUTES:
        if (method, name) == ("GET", "stats") and status == 403 and set(headers) == {"host"}:
            continue  # the one that takes no header
        body = b'{"what": "stats"}' if name == "reset" else b""
        found = client.service.handle(HttpRequest(method, f"/_emulator/{name}", headers, body)).status
        assert found == 403 if status == 403 else found in (200, 400), (method, name)
    assert client.service.account.get("vpc", vpc) is not None


def test_the_stats_need_no_header(client: Client) -> None:
    assert client.service.handle(HttpRequest("GET", "/_emulator/stats", {"host": "127.0.0.1"})).status == 200


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("clock", '{"advance": 1e400}'), ("clock", '{"advance": NaN}'), ("clock", '{"advance": Infinity}'),
        ("clock", '{"advance": 1e300}'), ("clock", '{"advance": -1}'), ("clock", "[" * 100_000),
        ("reset", '{"what": "\\ud800"}'), ("reset", "[]"), ("faults", '{"add": [7]}'), ("faults", '[{"fault": ["x"]}]'),
        ("faults", '{"add": 5}'), ("effects", '{"outside": 3}'), ("effects", "[1]"), ("resume", "7"),
    ],
)  # fmt: skip
def test_odd_requests_are_mistakes_and_nothing_more(client: Client, name: str, body: str) -> None:
    before = client.service.clock.now()
    response = client.service.handle(HttpRequest("POST", f"/_emulator/{name}", CONTROL, body.encode()))
    assert response.status == 400 and json.loads(response.body)["error"]
    assert client.service.clock.now() == before
    assert client.ecs("DescribeDisks")["TotalCount"] == 0


def test_the_log_holds_no_more_than_it_should(client: Client) -> None:
    """Nobody has signed these."""
    for n in range(40):
        form = f"Action=RunInstances{n}&Version=2014-05-26&UserData={'x' * 1_000_000}&Note={'y' * 1_000_000}"
        request = HttpRequest("POST", "/", {"content-type": "application/x-www-form-urlencoded"}, form.encode())
        assert client.service.handle(request).status >= 400
    call = client.control("GET", "calls")["calls"][-1]
    assert call["params"]["UserData"] == "***" and call["params"]["Note"].endswith("… (1000000 characters)")
    assert len(json.dumps(client.control("GET", "calls"))) < 1_000_000
    names = "&".join(f"A{n}=1" for n in range(50_000))
    client.service.handle(HttpRequest("GET", f"/?Action=X&Version=2014-05-26&{names}"))
    assert client.control("GET", "calls")["calls"][-1]["params"]["…"] == "50002 parameters"


def test_half_of_a_surrogate_pair_is_answered(client: Client) -> None:
    for query in ("Action=DescribeVpcs&Version=2016-04-28&VpcName=%ED%A0%80", "Action=%ED%A0%80&Version=2016-04-28"):
        assert client.service.handle(HttpRequest("GET", f"/?{query}")).status == 400
    assert json.dumps(client.control("GET", "calls"))
