"""SSH key pair: an imported public key, or one generated here. ECS 2014-05-26: ImportKeyPair, DescribeKeyPairs."""

from collections.abc import Iterable, Mapping

from ecsplan.kinds._limits import types_of
from ecsplan.kinds._shared import resource_group, resource_group_update, tags, tags_update
from ecsplan.model.address import Address, Template
from ecsplan.model.algebra import Value
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import LocalKey, Merge, Params
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exclusivity import Exclusive, Exclusivity
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Terraform, named
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.kind import Create, Delete, Kind, Listing, Paging, Update
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.texts import FilePath, FileText
from ecsplan.model.values import Text

of = types_of("key_pair")

# For documentation and tests; their private halves are thrown away.
RSA_ONE = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC6OhmeAwNBghDzE6676tY0a5bRhnbZup3/lJRiMJwxVwQ3w69sizeRTXR6"
    "xCXZIeBdlBhkZkw8yHW+z+sA6EqedQWwoxbllcdjty0M57adHMMWm7RTo1zQs3vXJPNGnCPzeMtWZ7OuSxQRR+ST59kvbTN8"
    "WrxAtTozK+55jCLbR1LDtC8OFnLmaANHsJjRP2KzZsyZxr+neNgHy9qvfE4Ka8qUy4t2GmII7jo4QZX/GyLOFdhz7Oh2tV7D"
    "JrIt4GaB3X0pEk0QjdbBGA6PwenxkpwRvSIurtstq78LTFbkdFXpOJByOEJUhk0NREnJrL3qfhdy4znxo58rdkKCCvu1 one"
)
RSA_TWO = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDrn4TEOOLA/LuWFLCIqlA0IzoDr1g+bTgc4V8fd09e3BY3Zr0XvUpBhRbv"
    "EGnHUhVLWyJVvpMDAppo5Ndn3qH5Ld+h27kiTx2ia1Bs+4rM1LgKVSlE8C2vLa6JgWz+rEktSr0zQJY9KPnqth8I6Wo6QZq3"
    "aIpR8u4Lsz/WylNSriO1p+Ebpy3ewrNSZ/tnAW6HHMales6Z5vEtPO2sbvyhofZyv+jFUKdHsY4m0L/WBNn+/MUVn1/qG5KV"
    "zyUjlb3RXndCRMp/Z1JIJRaa9nTeOLm0CY4FeeSg0FuvsDO0IZhlC/nYkp+jBHKKtz/J7Hjxa87oYTD5jzO/KlndmubZ two"
)
LOCK_PREFIX = "ecsplan-lock:"


class PublicKey(FileText):
    """An OpenSSH public key; its comment is sent but means nothing."""

    says = "a public key like `ssh-rsa AAAA…`, or {file: PATH} to one"

    def parse(self, value: object) -> str:
        if not isinstance(value, str) or len(value.split()) < 2 or not value.startswith(("ssh-", "ecdsa-")):
            raise self.mistake(value)
        return value.strip()

    def matches(self, desired: Value, live: Value) -> bool:
        if isinstance(desired, str) and isinstance(live, str):
            return desired.split()[:2] == live.split()[:2]
        return bool(desired == live)


def is_documented(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """ImportKeyPair's page names RSA, DSA and DSS in every version, and ed25519 in none."""
    declared = resource.attributes.get("public_key")
    if isinstance(declared, str) and declared.startswith("ssh-ed25519 "):
        yield Diagnostic(
            "the service's documents name RSA keys, and no ssh-ed25519: it may refuse this one",
            "write an RSA key (ssh-keygen -t rsa -b 4096), or try",
            resource.source_of("public_key"),
            resource.address,
            Severity.WARNING,
            rule=Rule.QUESTIONABLE,
        )


def key_body(resource: Resource) -> Params:
    """The declared public key, or one made on this machine when the call is sent."""
    declared = resource.attributes.get("public_key")
    if declared is not None and not isinstance(declared, Template):
        return {"PublicKeyBody": declared}
    path = resource.attributes.get("private_key_file")
    return {"PublicKeyBody": LocalKey(path if isinstance(path, str) and path else f"{resource.name}.pem")}


ELSEWHERE = (
    Terraform(
        "alicloud_ecs_key_pair",
        named(key_pair_name="name", public_key="public_key") + COMMON[1:],
        older=("alicloud_key_pair",),
        theirs_alone={"key_file": ""},
        renamed={"key_name": "key_pair_name"},
        plan_names={"private_key_file": "key_file"},
        ignored=("public_key",),
    ),
    Ros(
        "ALIYUN::ECS::SSHKeyPair", "KeyPairName",
        {"key_pair_name": "KeyPairName", "public_key": "PublicKeyBody", "resource_group_id": "ResourceGroupId",
         "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="key_pair",
    summary="An SSH key that instances can be entered with.",
    attributes=(
        Attribute(
            "name",
            "KeyPairName",
            of("name"),
            "The name, unique in a region; STACK-NAME if left out.",
            fixed="replace",
            samples=("conformance-one", "conformance-two"),
        ),
        Attribute(
            "public_key",
            None,
            PublicKey(),
            "The public key. Left out, a key is generated on this machine.",
            read_as="PublicKey",
            fixed="replace",
            samples=(
                RSA_ONE,
                RSA_TWO,
            ),
        ),
        Attribute(
            "private_key_file",
            None,
            FilePath(1),
            "Where the private key of a generated pair is written (mode 0600) before a call; NAME.pem if left out.",
            read_as=False,
        ),
        resource_group(),
        tags("key_pair"),
        Attribute("fingerprint", None, Text(), "The MD5 fingerprint.", computed=True, read_as="KeyPairFingerPrint"),
    ),
    listing=Listing(
        "DescribeKeyPairs",
        items="KeyPairs.KeyPair",
        id="KeyPairName",
        name="KeyPairName",
        paging=Paging.PAGE,
        page_size=50,
        params={"IncludePublicKey": True},
        status="",
        skip=lambda raw: str(raw.get("KeyPairName", "")).startswith(LOCK_PREFIX),
    ),
    create=Create("ImportKeyPair", id="KeyPairName", extra=key_body, token=False, seconds=1.0),
    updates=(
        Update(None, ("private_key_file",), build=lambda change: (), note="no key is written again"),
        resource_group_update("keypair"),
        tags_update(),
    ),
    delete=Delete(
        "DeleteKeyPairs",
        id="KeyPairNames",
        held_by=(("instance", "key_pair"),),
        merge=Merge("KeyPairNames", 100, "json"),
        wait=None,
        seconds=1.0,
    ),
    id_param="KeyPairName",
    id_prefixes=(),
    can=(
        Tagged("keypair"),
        Rights("ecs:keypair", ("KeyPairName", "KeyPairNames"), made_by=("CreateKeyPair",)),
        Checks((is_documented,)),
        Exclusivity((Exclusive("name"),), unique_name=True),
        Exporting(rank=5),
        *ELSEWHERE,
    ),
    example={"public_key": RSA_ONE},
    docs="https://help.aliyun.com/document_detail/51774.html",
)
