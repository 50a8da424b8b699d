"""Key pairs: create, import, list, delete, bind and unbind. A name is unique in its region."""

from __future__ import annotations

import base64
import binascii
import hashlib

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_name, ecs_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid, not_found

NOT_FOUND = "InvalidKeyPair.NotFound"
KEY_TYPES = ("ssh-", "ecdsa-", "rsa", "dsa")


def place(region: str, name: str) -> str:
    """Where the account keeps it: names repeat across regions, so they are no ids."""
    return f"{region}/{name}"


def _add(call: Call, public_key: str, fingerprint: str) -> Thing:
    name = check_name(call.need("KeyPairName"), "KeyPairName", "InvalidKeyPairName.Malformed")
    if call.account.get("keypair", place(call.region, name)) is not None:
        raise Refusal(400, "KeyPair.AlreadyExist", f"The key pair {name} exists already.")
    call.check_quota("key_pairs_per_region", call.account.count("keypair", call.region), "QuotaExceed.KeyPair")
    return call.account.add("keypair", call.region, place(call.region, name), {
        "KeyName": name,
        "KeyPairId": call.account.new_id("ssh", call.region),
        "KeyPairFingerPrint": fingerprint,
        "PublicKey": public_key,
        "CreationTime": to_seconds(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", ""),
    }, call.tags())  # fmt: skip


def create_key_pair(call: Call) -> Body:
    """The private key is shaped like one, but opens nothing."""
    secret = call.account.random.randbytes(1190)
    public = base64.b64encode(hashlib.sha512(secret).digest()).decode()
    key = _add(call, f"ssh-rsa {public}", hashlib.md5(secret).hexdigest())
    text = base64.b64encode(secret).decode()
    lines = "\n".join(text[i : i + 76] for i in range(0, len(text), 76))
    return {
        "KeyPairId": key["KeyPairId"],
        "KeyPairName": key["KeyName"],
        "KeyPairFingerPrint": key["KeyPairFingerPrint"],
        "PrivateKeyBody": f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----",
    }


def import_key_pair(call: Call) -> Body:
    text = call.need("PublicKeyBody").strip()
    kind, _, rest = text.partition(" ")
    try:
        blob = base64.b64decode(rest.split(" ")[0], validate=True)
    except (binascii.Error, ValueError):
        blob = b""
    if not kind.startswith(KEY_TYPES) or not blob:
        raise invalid("PublicKeyBody", "It is not a public key.", "InvalidPublicKeyBody.Malformed")
    key = _add(call, text, hashlib.md5(blob).hexdigest())
    return {"KeyPairName": key["KeyName"], "KeyPairFingerPrint": key["KeyPairFingerPrint"]}


def describe_key_pairs(call: Call) -> Body:
    name = call.get("KeyPairName")
    if name is not None and "*" not in name:
        keys = call.listed_by("keypair", [place(call.region, name)])
    else:
        keys = call.named(call.candidates("keypair"), "KeyPairName", "KeyName")
    keys = call.filtered(call.matching_tags(keys), KeyPairFingerPrint="KeyPairFingerPrint")
    return by_number(call, keys, _shown, ("KeyPairs", "KeyPair"), 50)


def _shown(call: Call, key: Thing) -> Body:
    row: Body = {
        "KeyPairName": key["KeyName"],
        "KeyPairFingerPrint": key["KeyPairFingerPrint"],
        "CreationTime": key["CreationTime"],
        "ResourceGroupId": key["ResourceGroupId"],
        "Tags": ecs_tags(key),
    }
    if call.get("IncludePublicKey"):
        row["PublicKey"] = key["PublicKey"]
    return row


def holders(call: Call, name: str) -> list[Thing]:
    return [i for i in call.account.where("instance", "KeyPairName", name) if i.region == call.region]


def delete_key_pairs(call: Call) -> Body:
    """All of them or none; a name that is not there is no error."""
    names = call.ids("KeyPairNames", 100) or []
    for name in names:
        if holders(call, name):
            raise Refusal(
                400, "InvalidParameter.KeypairAlreadyAttachedInstance", f"The key pair {name} is bound to instances."
            )
    for name in names:
        key = call.find("keypair", place(call.region, name))
        if key is not None:
            call.account.remove(key)
    return {}


def _on_instances(call: Call, name: str | None) -> Body:
    """Each instance has its own result; the call as a whole succeeds."""
    given = call.need("KeyPairName")
    if call.find("keypair", place(call.region, given)) is None:
        raise not_found(NOT_FOUND, "KeyPairName", given)
    results, failed = [], 0
    ids = call.ids("InstanceIds", 50) or []
    for instance_id in ids:
        instance = call.find("instance", instance_id)
        if instance is None:
            failed += 1
            results.append({
                "InstanceId": instance_id, "Success": "false", "Code": "InvalidInstanceId.NotFound",
                "Message": "The specified InstanceId does not exist.",
            })  # fmt: skip
            continue
        if name is not None or instance.get("KeyPairName") == given:
            call.account.change(instance, KeyPairName=name)
        results.append({"InstanceId": instance_id, "Success": "true", "Code": "200", "Message": "successful"})
    return {
        "KeyPairName": given,
        "TotalCount": str(len(ids)),
        "FailCount": str(failed),
        "Results": {"Result": results},
    }


ECS = {
    "CreateKeyPair": create_key_pair,
    "ImportKeyPair": import_key_pair,
    "DescribeKeyPairs": describe_key_pairs,
    "DeleteKeyPairs": delete_key_pairs,
    "AttachKeyPair": lambda call: _on_instances(call, call.need("KeyPairName")),
    "DetachKeyPair": lambda call: _on_instances(call, None),
}
TAGGABLE = {("ecs", "keypair"): "keypair"}
