"""The control API: what was called, resets, the clock, the whole account as JSON."""

from __future__ import annotations

import json

from ecsplan.emulator.service import HttpRequest, Options, Service, VirtualClock

from .client import Client, World, build_world, v3_request


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
        response = client.service.handle(HttpRequest(method, f"/_emulator/{name}", {}, body))
        assert response.status == 400, (name, body)
        assert "error" in json.loads(response.body)
    unknown = client.service.handle(HttpRequest("GET", "/_emulator/nothing"))
    assert unknown.status == 404
    assert b"GET /_emulator/stats" in unknown.body
