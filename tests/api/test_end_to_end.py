"""The whole client over real sockets, against the emulator: signatures, keep-alive, and what a network does."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ecsplan.api.client import Client
from ecsplan.api.connect import connect
from ecsplan.api.paging import ByNumber, ByToken, pages
from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.service import Options, Service, VirtualClock
from ecsplan.emulator.wire import ConnectionDropped, HttpRequest, HttpResponse
from ecsplan.model.call import ApiError, Product, Replay, Request

KEYS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret"}
CREATE_VPC = Request(
    "CreateVpc", {"CidrBlock": "10.0.0.0/16", "VpcName": "web *~+/=&% 服务器"},
    product=Product.VPC, write=True, replay=Replay.TOKEN, client_token="one",
)  # fmt: skip
LIST_VPCS = Request("DescribeVpcs", product=Product.VPC)
IMPORT = Request("ImportKeyPair", {"KeyPairName": "key-1", "PublicKeyBody": "ssh-rsa AAAAB3NzaC1yc2E= me"}, write=True,
                 replay=Replay.NEVER)  # fmt: skip


class Trouble(Service):
    """The emulator, with a list of things that go wrong first."""

    def __init__(self) -> None:
        super().__init__(Options(clock="fast", settle=0))
        self.plan: list[Callable[[HttpRequest], HttpResponse]] = []
        self.guard = threading.Lock()

    def handle(self, request: HttpRequest) -> HttpResponse:
        with self.guard:
            fault = self.plan.pop(0) if self.plan else super().handle
        return fault(request)

    def drop_before(self, request: HttpRequest) -> HttpResponse:
        raise ConnectionDropped

    def drop_after(self, request: HttpRequest) -> HttpResponse:
        super().handle(request)
        raise ConnectionDropped

    def cut(self, request: HttpRequest) -> HttpResponse:
        whole = super().handle(request)
        return HttpResponse(whole.status, whole.headers, whole.body[:-9], cut=True)

    def throttle(self, request: HttpRequest) -> HttpResponse:
        body = b'{"RequestId":"R","Code":"Throttling.User","Message":"slower"}'
        return self.answer(400, body, **{"x-acs-retry-after": "50"})

    def bad_gateway(self, request: HttpRequest) -> HttpResponse:
        return self.answer(502, b"<html>Bad Gateway</html>")

    def answer(self, status: int, body: bytes, **headers: str) -> HttpResponse:
        return HttpResponse(status, {"Content-Length": str(len(body)), **headers}, body)


@pytest.fixture
def service() -> Trouble:
    return Trouble()


@pytest.fixture
def server(service: Trouble) -> Iterator[EmulatorServer]:
    with EmulatorServer(service) as running:
        yield running


@pytest.fixture
def join(server: EmulatorServer, tmp_path: Path) -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(**options: Any) -> Client:
        settings = {"environ": KEYS, "home": tmp_path, "endpoint": server.url} | options
        made.append(connect("cn-hangzhou", **settings))
        return made[-1]

    yield make
    for client in made:
        client.close()


def vpc_count(client: Client) -> int:
    return int(client.send(LIST_VPCS)["TotalCount"])


@pytest.mark.parametrize("signature", ["v1", "v3"])
def test_the_emulator_accepts_our_signatures(signature: str, join: Callable[..., Client]) -> None:
    client = join(signature=signature)
    made = client.send(CREATE_VPC)
    found = client.send(Request("DescribeVpcs", {"VpcId": made["VpcId"]}, product=Product.VPC))
    assert found["Vpcs"]["Vpc"][0]["VpcName"] == "web *~+/=&% 服务器"
    assert client.send(Request("GetCallerIdentity", product=Product.STS))["AccountId"]


@pytest.mark.parametrize("signature", ["v1", "v3"])
def test_the_emulator_refuses_a_wrong_secret(signature: str, join: Callable[..., Client]) -> None:
    client = join(signature=signature, environ=KEYS | {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "wrong"})
    with pytest.raises(ApiError, match="access key secret is wrong") as caught:
        client.send(LIST_VPCS)
    assert (caught.value.code, client.calls) == ("SignatureDoesNotMatch", 1)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "cut", "throttle", "bad_gateway"])
def test_a_create_with_a_token_is_made_once_whatever_happens_to_its_answer(
    fault: str, service: Trouble, join: Callable[..., Client]
) -> None:
    client = join()
    client.send(LIST_VPCS)
    service.plan = [getattr(service, fault)] * 2
    made = client.send(CREATE_VPC)
    assert client.calls == 4
    assert made["VpcId"].startswith("vpc-")
    assert vpc_count(client) == 1


def test_a_write_without_a_guard_comes_out_as_unknown(service: Trouble, join: Callable[..., Client]) -> None:
    client = join()
    client.send(LIST_VPCS)
    service.plan = [service.drop_after]
    with pytest.raises(ApiError) as caught:
        client.send(IMPORT)
    assert caught.value.unknown_outcome
    with pytest.raises(ApiError) as again:
        client.send(IMPORT)
    assert again.value.code == "KeyPair.AlreadyExist"
    assert not again.value.unknown_outcome


def test_a_delete_whose_answer_was_lost_is_done(service: Trouble, join: Callable[..., Client]) -> None:
    client = join()
    vpc = client.send(CREATE_VPC)["VpcId"]
    service.plan = [service.drop_after]
    client.send(Request("DeleteVpc", {"VpcId": vpc}, product=Product.VPC, write=True))
    assert vpc_count(client) == 0


def test_ten_workers_share_ten_connections(server: EmulatorServer, join: Callable[..., Client]) -> None:
    client = join(parallelism=10)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: client.send(LIST_VPCS), range(200)))
    assert client.calls == 200
    assert len(server._open) <= 10


@pytest.mark.parametrize("shift", [3600.0, -3600.0])
def test_a_clock_that_is_off_costs_ten_workers_one_call(
    shift: float, service: Trouble, join: Callable[..., Client]
) -> None:
    service.clock = VirtualClock(time.time() + shift)
    client = join(parallelism=10)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: client.send(LIST_VPCS), range(40)))
    assert client.calls == 41


def test_lists_of_both_styles_are_read_whole_in_parallel(join: Callable[..., Client]) -> None:
    client = join()
    for number in range(8):
        client.send(Request("CreateVpc", {"VpcName": f"v{number}"}, product=Product.VPC, write=True))
        client.send(Request("CreateDisk", {"ZoneId": "cn-hangzhou-h", "Size": 20}, write=True))
    with ThreadPoolExecutor(4) as pool:
        by_number = pages(client, LIST_VPCS, "Vpcs.Vpc", style=ByNumber(3), item_id="VpcId", map_pages=pool.map)
    by_token = pages(client, Request("DescribeDisks"), "Disks.Disk", style=ByToken(3), item_id="DiskId")
    assert sum(map(len, by_number)) == 8
    assert sum(map(len, by_token)) == 8
