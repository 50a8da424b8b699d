"""The lines that point other programs at an emulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Target:
    """An emulator at `url`. `authority` is the file of the certificate that clients must trust, if it speaks TLS."""

    url: str
    key_id: str
    secret: str
    region: str = "cn-hangzhou"
    authority: str = ""

    @property
    def address(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    @property
    def keys(self) -> str:
        return (
            f"export ALIBABA_CLOUD_ACCESS_KEY_ID={self.key_id}\n"
            f"export ALIBABA_CLOUD_ACCESS_KEY_SECRET={self.secret}\n"
            f"export ALIBABA_CLOUD_REGION_ID={self.region}\n"
        )


class NeedsTls(ValueError):
    """The program speaks TLS to some services whatever it is told."""


SERVICES = ("ecs", "vpc", "sts", "location", "bssopenapi")
"""Those that the provider calls for what the emulator has; all answer at one address."""


def _terraform(target: Target) -> str:
    _check_tls(target, "the provider speaks https to some services whatever it is told")
    endpoints = "\n".join(f'    {service} = "{target.address}"' for service in SERVICES)
    return (
        f"# In the shell, so that the provider trusts the certificate:\n"
        f"#   export SSL_CERT_FILE={target.authority}\n"
        'provider "alicloud" {\n'
        f'  access_key = "{target.key_id}"\n'
        f'  secret_key = "{target.secret}"\n'
        f'  region     = "{target.region}"\n'
        '  protocol   = "HTTPS"\n'
        '  account_id = "1234567890123456"\n'
        '  account_type           = "Domestic"\n'
        "  skip_region_validation = true\n"
        f"  endpoints {{\n{endpoints}\n  }}\n"
        "}\n"
    )


def _aliyun_cli(target: Target) -> str:
    return (
        f"aliyun configure set --profile emulator --mode AK --region {target.region} \\\n"
        f"  --access-key-id {target.key_id} --access-key-secret {target.secret}\n"
        f"aliyun ecs DescribeInstances --profile emulator --endpoint {target.address} --insecure\n"
        "# --insecure is plain http; both options go with each call.\n"
    )


def _sdk(target: Target) -> str:
    return (
        "# Python; the official SDKs for other languages have the same fields.\n"
        "from alibabacloud_ecs20140526.client import Client\n"
        "from alibabacloud_tea_openapi.models import Config\n"
        "\n"
        "client = Client(Config(\n"
        f'    access_key_id="{target.key_id}", access_key_secret="{target.secret}",\n'
        f'    region_id="{target.region}", endpoint="{target.address}", protocol="http",\n'
        "))\n"
    )


def _libcloud(target: Target) -> str:
    return (
        "from libcloud.compute.providers import get_driver\n"
        "from libcloud.compute.types import Provider\n"
        "\n"
        "driver = get_driver(Provider.ALIYUN_ECS)(\n"
        f'    "{target.key_id}", "{target.secret}", region="{target.region}",\n'
        f'    host="{target.host}", port={target.port}, secure=False,\n'
        ")\n"
    )


def _ecctl(target: Target) -> str:
    _check_tls(target, "ecctl takes no other endpoint than the real host names")
    return (
        "# It is led here by a proxy: whatever it connects to, the emulator answers.\n"
        f"export HTTPS_PROXY=http://{target.address}\n"
        f"export SSL_CERT_FILE={target.authority}\n"
        f"ecctl configure set access-key-id {target.key_id}\n"
        f"ecctl configure set access-key-secret {target.secret}\n"
        f"ecctl configure set region {target.region}\n"
    )


def _ecsplan(target: Target) -> str:
    return target.keys + f"export ECSPLAN_ENDPOINT={target.url}\n"


CONFIGS: Mapping[str, Callable[[Target], str]] = {
    "ecsplan": _ecsplan,
    "terraform": _terraform,
    "aliyun-cli": _aliyun_cli,
    "sdk": _sdk,
    "libcloud": _libcloud,
    "ecctl": _ecctl,
}


def config(program: str, target: Target) -> str:
    """Raises NeedsTls where plain HTTP does not do."""
    return CONFIGS[program](target)


def _check_tls(target: Target, why: str) -> None:
    if not target.authority:
        raise NeedsTls(f"{why}: add --tls")
