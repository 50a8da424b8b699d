"""Where each product answers in each region, or the one endpoint that replaces them all.

Called by `client`. Regions that are not in the tables follow the vendor's pattern.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from ecsplan.model.call import Product
from ecsplan.model.quoting import shown
from ecsplan.model.regions import is_region

# Hosts and the regions that they serve, as in the official SDKs (ecs20140526 7.11, vpc20160428 7.2, sts20150401 1.2,
# tag20180828 1.1).
# What is not here follows the pattern.
_PATTERN = "{product}.{region}.aliyuncs.com"
_ECS = {
    "ecs-cn-hangzhou.aliyuncs.com": (
        "cn-beijing-nu16-b01 cn-fujian cn-haidian-cm12-c01 cn-hangzhou cn-hangzhou-bj-b01 "
        "cn-hangzhou-internal-prod-1 cn-hangzhou-internal-test-1 cn-hangzhou-internal-test-2 "
        "cn-hangzhou-internal-test-3 cn-hangzhou-test-306 cn-shanghai-et15-b01 cn-shanghai-et2-b01 "
        "cn-shanghai-finance-1 cn-shanghai-internal-test-1 cn-shenzhen-finance-1 cn-shenzhen-st4-d01 "
        "cn-shenzhen-su18-b01 cn-zhangbei-na61-b01"
    ),
    "ecs.aliyuncs.com": (
        "ap-northeast-2-pop cn-beijing-finance-pop cn-beijing-gov-1 cn-hangzhou-finance "
        "cn-hongkong-finance-pop cn-north-2-gov-1 cn-shanghai-inner cn-shenzhen-inner cn-wuhan cn-yushanfang "
        "cn-zhangbei rus-west-1-pop"
    ),
    "ecs.cn-qingdao-nebula.aliyuncs.com": "cn-edge-1 cn-huhehaote-nebula-1 cn-zhengzhou-nebula-1",
    "ecs.cn-zhangjiakou.aliyuncs.com": "cn-zhangjiakou-na62-a01",
    "ecs.cn-shenzhen-cloudstone.aliyuncs.com": "eu-west-1-oxs",
}

_VPC = {
    "vpc.aliyuncs.com": (
        "ap-northeast-2-pop cn-beijing-finance-pop cn-beijing-gov-1 cn-beijing-nu16-b01 cn-fujian "
        "cn-haidian-cm12-c01 cn-hangzhou cn-hangzhou-bj-b01 cn-hangzhou-finance cn-hangzhou-internal-prod-1 "
        "cn-hongkong-finance-pop cn-north-2-gov-1 cn-shanghai-et2-b01 cn-shanghai-finance-1 cn-shanghai-inner "
        "cn-shenzhen-finance-1 cn-shenzhen-inner cn-shenzhen-st4-d01 cn-shenzhen-su18-b01 cn-wuhan "
        "cn-yushanfang cn-zhangbei cn-zhangbei-na61-b01 rus-west-1-pop"
    ),
    "vpc-nebula.cn-qingdao-nebula.aliyuncs.com": (
        "cn-edge-1 cn-huhehaote-nebula-1 cn-qingdao-nebula cn-zhengzhou-nebula-1"
    ),
    "vpc-pre.cn-hangzhou.aliyuncs.com": (
        "cn-hangzhou-internal-test-1 cn-hangzhou-internal-test-3 cn-hangzhou-test-306 cn-shanghai-et15-b01 "
        "cn-shanghai-internal-test-1"
    ),
    "vpc-inner-pre.cn-hangzhou.aliyuncs.com": "cn-hangzhou-internal-test-2",
    "vpc.cn-zhangjiakou.aliyuncs.com": "cn-zhangjiakou-na62-a01",
    "vpc-nebula.cn-shenzhen-cloudstone.aliyuncs.com": "eu-west-1-oxs",
}

# Among these are regions that have no STS of their own: the central one answers for every region.
_STS = {
    "sts.aliyuncs.com": (
        "ap-northeast-2-pop ap-south-1 ap-southeast-2 cn-beijing-finance-pop cn-beijing-gov-1 "
        "cn-beijing-nu16-b01 cn-edge-1 cn-fujian cn-fuzhou cn-haidian-cm12-c01 cn-hangzhou-bj-b01 "
        "cn-hangzhou-finance cn-hangzhou-internal-prod-1 cn-hangzhou-internal-test-1 "
        "cn-hangzhou-internal-test-2 cn-hangzhou-internal-test-3 cn-hangzhou-test-306 cn-heyuan-acdr-1 "
        "cn-hongkong-finance-pop cn-huhehaote-nebula-1 cn-nanjing cn-shanghai-et15-b01 cn-shanghai-et2-b01 "
        "cn-shanghai-inner cn-shanghai-internal-test-1 cn-shenzhen-inner cn-shenzhen-st4-d01 "
        "cn-shenzhen-su18-b01 cn-wuhan cn-wuhan-lr cn-yushanfang cn-zhangbei cn-zhangbei-na61-b01 "
        "cn-zhangjiakou-na62-a01 cn-zhengzhou-nebula-1 eu-west-1-oxs rus-west-1-pop"
    ),
}

_TAG = {
    "tag.us-east-1.aliyuncs.com": "us-west-1",
    "tag.cn-hangzhou.aliyuncs.com": (
        "cn-hangzhou-finance cn-beijing-nu16-b01 cn-fujian cn-hangzhou-internal-test-2 cn-hangzhou-internal-test-3 "
        "cn-hangzhou-test-306 cn-shanghai-et15-b01 cn-shenzhen-st4-d01 cn-zhangbei-na61-b01"
    ),
    "tag.aliyuncs.com": (
        "cn-shanghai-finance-1 ap-northeast-2-pop cn-beijing-finance-pop cn-beijing-gov-1 cn-edge-1 "
        "cn-hangzhou-bj-b01 cn-hangzhou-internal-prod-1 cn-hangzhou-internal-test-1 cn-hongkong-finance-pop "
        "cn-shanghai-et2-b01 cn-shanghai-inner cn-shanghai-internal-test-1 cn-shenzhen-inner cn-shenzhen-su18-b01 "
        "cn-wuhan cn-yushanfang cn-zhangbei cn-zhangjiakou-na62-a01 rus-west-1-pop"
    ),
    "tag.cn-north-2-gov-1.aliyuncs.com": "cn-haidian-cm12-c01",
    "tag.cn-qingdao-nebula.aliyuncs.com": "cn-huhehaote-nebula-1 cn-zhengzhou-nebula-1",
    "tag.cn-shenzhen-cloudstone.aliyuncs.com": "eu-west-1-oxs",
}


_QUOTA_CENTER = "quotas.aliyuncs.com"  # for all regions (quotas20200510 1.2)


def _by_region(hosts: Mapping[str, str]) -> dict[str, str]:
    return {region: host for host, regions in hosts.items() for region in regions.split()}


_HOSTS = {
    Product.ECS: _by_region(_ECS),
    Product.VPC: _by_region(_VPC),
    Product.STS: _by_region(_STS),
    Product.TAG: _by_region(_TAG),
    Product.ACTIONTRAIL: {},  # all by the pattern
}


class BadEndpoint(ValueError):
    """An endpoint that must not or cannot be used; the message is for the user."""


class Endpoints(Struct, frozen=True):
    """`override` is a checked URL without a path, or None for the regional table."""

    override: str | None = None

    def url(self, product: Product, region: str) -> str:
        named = host(product, region)
        return self.override or f"https://{named}"

    @property
    def is_loopback(self) -> bool:
        return self.override is not None and _is_loopback(urlsplit(self.override).hostname or "")


def endpoints(override: str | None) -> Endpoints:
    """The table, or `override` for all products; raises BadEndpoint."""
    return Endpoints(_checked(override) if override else None)


def host(product: Product, region: str) -> str:
    """Raises BadEndpoint for what is no region: signed requests go to no host that a value has chosen."""
    if not is_region(region):
        raise BadEndpoint(f"{shown(region)} is not a region; write one like cn-hangzhou")
    if product is Product.QUOTAS:
        return _QUOTA_CENTER
    name = "metrics" if product is Product.CMS else product.value
    return _HOSTS.get(product, {}).get(region) or _PATTERN.format(product=name, region=region)


def _checked(text: str) -> str:
    url = text if "://" in text else f"https://{text}"
    parts = urlsplit(url)
    try:
        name, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadEndpoint(f"endpoint {shown(text)} is not a URL: {error}") from error
    if parts.scheme not in ("http", "https") or not name:
        raise BadEndpoint(f"endpoint {shown(text)} is not a URL such as https://ecs.example.com")
    if parts.username is not None:
        raise BadEndpoint("an endpoint holds no user name or password; credentials come from a profile")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise BadEndpoint(f"endpoint {shown(text)} has a path; give scheme, host and port alone")
    if parts.scheme == "http" and not _is_loopback(name):
        raise BadEndpoint(
            f"endpoint {shown(text)} is plain http to another machine, which would send keys and secrets in the"
            " clear; use https, or http to localhost, 127.0.0.1 or [::1]"
        )
    written = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{written}" + (f":{port}" if port is not None else "")


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
