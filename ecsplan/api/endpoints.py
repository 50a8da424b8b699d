"""Where each product answers in each region, or the one endpoint that replaces them all.

Called by `client`. Regions that are not in the tables follow the vendor's pattern.
"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from ecsplan.model.call import Product

_ECS_PATTERN = "ecs.{region}.aliyuncs.com"
_ECS = {
    "cn-hangzhou": "ecs-cn-hangzhou.aliyuncs.com",
    "cn-hangzhou-finance": "ecs.aliyuncs.com",
    "cn-wuhan": "ecs.aliyuncs.com",
}

_VPC_PATTERN = "vpc.{region}.aliyuncs.com"
_VPC_CENTRAL = "vpc.aliyuncs.com"
_VPC_CENTRAL_REGIONS = frozenset(
    ("cn-hangzhou", "cn-hangzhou-finance", "cn-shanghai-finance-1", "cn-shenzhen-finance-1", "cn-wuhan")
)

_STS_PATTERN = "sts.{region}.aliyuncs.com"
_STS_CENTRAL = "sts.aliyuncs.com"
# These have no STS of their own; the central one answers for every region.
_STS_CENTRAL_REGIONS = frozenset(
    ("cn-hangzhou-finance", "cn-wuhan", "cn-wuhan-lr", "cn-nanjing", "cn-fuzhou", "cn-heyuan-acdr-1")
)


class BadEndpoint(ValueError):
    """An endpoint that must not or cannot be used; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`override` is a checked URL without a path, or None for the regional table."""

    override: str | None = None

    def url(self, product: Product, region: str) -> str:
        return self.override or f"https://{host(product, region)}"

    @property
    def is_loopback(self) -> bool:
        return self.override is not None and _is_loopback(urlsplit(self.override).hostname or "")


def endpoints(override: str | None) -> Endpoints:
    """The table, or `override` for all products; raises BadEndpoint."""
    return Endpoints(_checked(override) if override else None)


def host(product: Product, region: str) -> str:
    if product is Product.ECS:
        return _ECS.get(region) or _ECS_PATTERN.format(region=region)
    if product is Product.VPC:
        return _VPC_CENTRAL if region in _VPC_CENTRAL_REGIONS else _VPC_PATTERN.format(region=region)
    return _STS_CENTRAL if region in _STS_CENTRAL_REGIONS else _STS_PATTERN.format(region=region)


def _checked(text: str) -> str:
    url = text if "://" in text else f"https://{text}"
    parts = urlsplit(url)
    try:
        name, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadEndpoint(f"endpoint {text!r} is not a URL: {error}") from error
    if parts.scheme not in ("http", "https") or not name:
        raise BadEndpoint(f"endpoint {text!r} is not a URL such as https://ecs.example.com")
    if parts.username is not None:
        raise BadEndpoint("an endpoint holds no user name or password; credentials come from a profile")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise BadEndpoint(f"endpoint {text!r} has a path; give scheme, host and port alone")
    if parts.scheme == "http" and not _is_loopback(name):
        raise BadEndpoint(
            f"endpoint {text!r} is plain http to another machine, which would send keys and secrets in the"
            " clear; use https, or http to localhost, 127.0.0.1 or [::1]"
        )
    shown = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else "")


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
