"""Where each product answers, and which endpoint of a user is refused."""

import json
from pathlib import Path

import pytest

from ecsplan.api.endpoints import BadEndpoint, endpoints, host
from ecsplan.model.call import Product

VECTORS = json.loads((Path(__file__).parent / "signature_vectors.json").read_text(encoding="utf-8"))
PUBLIC = [vector for vector in VECTORS["endpoints"] if vector["network"] != "vpc"]


@pytest.mark.parametrize("vector", PUBLIC, ids=lambda vector: vector["region"])
def test_ecs_answers_where_the_vendors_client_asks(vector: dict[str, str]) -> None:
    assert host(Product.ECS, vector["region"]) == vector["host"]


def test_every_region_of_the_vendors_clients_has_their_host() -> None:
    """Finance, gov and edge regions are asked elsewhere than the pattern says."""
    from alibabacloud_ecs20140526.client import Client as Ecs
    from alibabacloud_tea_openapi.utils_models import Config
    from alibabacloud_vpc20160428.client import Client as Vpc

    config = Config(access_key_id="id", access_key_secret="s", region_id="cn-hangzhou")
    for product, client in ((Product.ECS, Ecs(config)), (Product.VPC, Vpc(config))):
        assert {region: host(product, region) for region in client._endpoint_map} == client._endpoint_map


@pytest.mark.door("hosts")
@pytest.mark.parametrize(
    "region",
    [
        "x@evil.example/",
        "evil.example",
        "cn-hangzhou.evil.example",
        "cn-hangzhou\n",
        "x#",
        "x:8443",
        "..",
        "",
        "CN",
        "cn",
    ],
)
@pytest.mark.parametrize("override", [None, "http://127.0.0.1:1"])
def test_what_is_no_region_makes_no_host(region: str, override: str | None) -> None:
    for product in Product:
        with pytest.raises(BadEndpoint, match="is not a region"):
            host(product, region)
        with pytest.raises(BadEndpoint):
            endpoints(override).url(product, region)


@pytest.mark.parametrize(
    ("product", "region", "wanted"),
    [
        (Product.ECS, "cn-hangzhou-finance", "ecs.aliyuncs.com"),
        (Product.ECS, "xx-new-1", "ecs.xx-new-1.aliyuncs.com"),
        (Product.VPC, "cn-hangzhou", "vpc.aliyuncs.com"),
        (Product.VPC, "cn-beijing", "vpc.cn-beijing.aliyuncs.com"),
        (Product.VPC, "xx-new-1", "vpc.xx-new-1.aliyuncs.com"),
        (Product.STS, "cn-hangzhou", "sts.cn-hangzhou.aliyuncs.com"),
        (Product.STS, "cn-nanjing", "sts.aliyuncs.com"),
    ],
)
def test_each_product_has_its_own_host(product: Product, region: str, wanted: str) -> None:
    assert host(product, region) == wanted
    assert endpoints(None).url(product, region) == f"https://{wanted}"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://localhost:8686", "http://localhost:8686"),
        ("http://127.3.2.1:1/", "http://127.3.2.1:1"),
        ("http://[::1]:8686", "http://[::1]:8686"),
        ("HTTPS://Example.com", "https://example.com"),
        ("ecs.internal", "https://ecs.internal"),
        ("ecs.internal:8443", "https://ecs.internal:8443"),
    ],
)
def test_an_endpoint_of_the_user_serves_every_product(text: str, url: str) -> None:
    assert {endpoints(text).url(product, "cn-beijing") for product in Product} == {url}


@pytest.mark.parametrize(
    "text", ["http://example.com", "http://10.0.0.1:80", "http://localhost.example.com", "http://128.0.0.1"]
)
def test_plain_http_to_another_machine_is_refused(text: str) -> None:
    with pytest.raises(BadEndpoint, match="plain http to another machine"):
        endpoints(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ftp://localhost", "is not a URL"),
        ("https://", "is not a URL"),
        ("https://host:port", "is not a URL"),
        ("https://host/path", "has a path"),
        ("https://host?x=1", "has a path"),
        ("https://me:hush@host", "no user name"),
    ],
)
def test_an_endpoint_that_is_none_says_why(text: str, why: str) -> None:
    with pytest.raises(BadEndpoint, match=why) as caught:
        endpoints(text)
    assert "hush" not in str(caught.value)


def test_loopback_is_known() -> None:
    assert endpoints("https://localhost:1").is_loopback
    assert not endpoints("https://example.com").is_loopback
    assert not endpoints(None).is_loopback
