"""Whether a region encrypts every new disk, and with which key."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations._disks import SERVICE_KEY, encryption_default


def _setting(call: Call) -> Thing:
    found = call.account.get("regionsetting", call.region)
    return found if found is not None else call.account.add("regionsetting", call.region, call.region, {})


def enable_disk_encryption_by_default(call: Call) -> Body:
    call.account.change(_setting(call), EncryptDisks=True)
    return {}


def disable_disk_encryption_by_default(call: Call) -> Body:
    call.account.change(_setting(call), EncryptDisks=None)
    return {}


def describe_disk_encryption_by_default_status(call: Call) -> Body:
    return {"Encrypted": encryption_default(call.account, call.region)["Encrypted"]}


def describe_disk_default_kms_key_id(call: Call) -> Body:
    return {"KMSKeyId": encryption_default(call.account, call.region)["KMSKeyId"]}


def modify_disk_default_kms_key_id(call: Call) -> Body:
    call.account.change(_setting(call), KMSKeyId=call.need("KMSKeyId"))
    return {}


def reset_disk_default_kms_key_id(call: Call) -> Body:
    call.account.change(_setting(call), KMSKeyId=SERVICE_KEY)
    return {}


ECS = {
    "EnableDiskEncryptionByDefault": enable_disk_encryption_by_default,
    "DisableDiskEncryptionByDefault": disable_disk_encryption_by_default,
    "DescribeDiskEncryptionByDefaultStatus": describe_disk_encryption_by_default_status,
    "DescribeDiskDefaultKMSKeyId": describe_disk_default_kms_key_id,
    "ModifyDiskDefaultKMSKeyId": modify_disk_default_kms_key_id,
    "ResetDiskDefaultKMSKeyId": reset_disk_default_kms_key_id,
}
