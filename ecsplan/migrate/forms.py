"""How a value is written by the Terraform provider and by us: a pair of functions for each form. Pure.

What cannot be understood raises ValueError: the value is then not taken over.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

_PAYMENT = {"PayAsYouGo": "PostPaid", "Subscription": "PrePaid"}
_SECONDS = re.compile(r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?::\d{2})?Z$")


class Form(Struct, frozen=True):
    """`ours` makes our plain value of theirs, `theirs` the other way round."""

    ours: Callable[[Any], Any]
    theirs: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else _refuse(value)


def _capital(value: Any) -> Any:
    return str(value).capitalize()


def _refuse(value: Any) -> Any:
    raise ValueError(f"{type(value).__name__} is not what the provider writes")


def _whole(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return _refuse(value)
    number = float(value) if len(str(value)) < 30 else _refuse(value)
    return int(number) if number == int(number) else number


def _each(value: Any, change: Callable[[Any], Any]) -> list[Any]:
    return [change(item) for item in value] if isinstance(value, (list, tuple)) else _refuse(value)


def ports_of(text: Any) -> int | str | None:
    """`22/22` is 22, `1/65535` is 1-65535, `-1/-1` says nothing."""
    if not isinstance(text, str) or text.count("/") != 1:
        return None if text in (None, "") else _refuse(text)
    low, high = text.split("/")
    if low == high == "-1":
        return None
    if not (low.isascii() and high.isascii() and low.isdecimal() and high.isdecimal() and len(text) < 14):
        return _refuse(text)  # type: ignore[no-any-return]
    return int(low) if int(low) == int(high) else f"{int(low)}-{int(high)}"


def port_range(ports: Any) -> str:
    if ports is None:
        return "-1/-1"
    low, _, high = str(ports).partition("-")
    return f"{low}/{high or low}"


def _decoded(value: Any) -> Any:
    """User data is kept as the file had it: as base64, or as it is."""
    if not isinstance(value, str):
        return _refuse(value)
    try:
        text = base64.b64decode(value, validate=True)
        return text.decode("utf-8") if base64.b64encode(text).decode() == value else value
    except (binascii.Error, ValueError):
        return value


def _minutes(value: Any) -> Any:
    found = _SECONDS.match(value) if isinstance(value, str) else None
    return f"{found[1]}Z" if found else _refuse(value)


def _yes(value: Any) -> Any:
    """Booleans are texts in some tools."""
    if value in ("true", "false"):
        return value == "true"
    return value if isinstance(value, bool) else _refuse(value)


def _records(value: Any) -> list[dict[str, Any]]:
    """Blocks; a state has an empty text for what is not set."""
    return [{name: item for name, item in row.items() if item not in (None, "")} for row in _each(value, dict)]


_FAR = {"ingress": "source_cidr_ip", "egress": "destination_cidr_ip"}
_OF_ACL = {"policy": "policy", "protocol": "protocol", "network_acl_entry_name": "name", "description": "description"}


def _acl_rules(way: str) -> Form:
    """Rules of a network ACL. Those that the service has of its own are nobody's."""

    def ours(value: Any) -> list[dict[str, Any]]:
        return [_acl_rule(row) for row in _records(value) if row.get("entry_type") in (None, "custom")]

    def _acl_rule(row: Mapping[str, Any]) -> dict[str, Any]:
        block = str(row.get(_FAR[way], ""))
        found = {our: row[their] for their, our in _OF_ACL.items() if their in row}
        port = ports_of(row.get("port")) if found.get("protocol") in ("tcp", "udp") else None
        return found | {"ipv6_cidr" if ":" in block else "cidr": block} | ({"ports": port} if port is not None else {})

    def theirs(value: Any) -> list[dict[str, Any]]:
        return [
            {their: rule[our] for their, our in _OF_ACL.items() if our in rule}
            | {_FAR[way]: rule.get("cidr") or rule["ipv6_cidr"], "port": port_range(rule.get("ports"))}
            for rule in value
        ]

    return Form(ours, theirs)


_OF_DISK = {"kms_key_id": "kms_key", "snapshot_id": "snapshot"}


def _disks(value: Any) -> list[dict[str, Any]]:
    """Data disks of a launch template; texts that are numbers or booleans in some versions of the provider."""
    found = []
    for row in _records(value):
        disk = {_OF_DISK.get(name, name): item for name, item in row.items() if name != "auto_snapshot_policy_id"}
        disk |= {"size": _whole(disk["size"])} if disk.get("size") else {}
        disk |= {name: _yes(disk[name]) for name in ("encrypted", "delete_with_instance") if name in disk}
        found.append({name: item for name, item in disk.items() if item not in (0,) or name != "size"})
    return found


def _disks_of_theirs(value: Any) -> list[dict[str, Any]]:
    theirs = {ours: name for name, ours in _OF_DISK.items()}
    return [{theirs.get(name, name): item for name, item in row.items()} for row in value]


FORMS: Mapping[str, Form] = {
    "same": Form(_same, _same),
    "bool": Form(_yes, _same),
    "lower": Form(_lower, _capital),
    "number": Form(_whole, _same),
    "text number": Form(_whole, str),
    "text numbers": Form(lambda v: _each(v, _whole), lambda v: _each(v, str)),
    "payment": Form(lambda v: _PAYMENT.get(v, v), lambda v: {y: x for x, y in _PAYMENT.items()}.get(v, v)),
    "paid": Form(lambda v: v == "Subscription", lambda v: "Subscription" if v else "PayAsYouGo"),
    "enabled": Form(lambda v: v == "Enabled", lambda v: "Enabled" if v else "Disabled"),
    "first": Form(lambda v: next(iter(_each(v, _same)), None), lambda v: [v]),
    "base64": Form(_decoded, lambda v: base64.b64encode(str(v).encode()).decode()),
    "minutes": Form(_minutes, lambda v: f"{str(v).removesuffix('Z')}:00Z"),
    "not": Form(lambda v: not _yes(v), lambda v: not v),
    "list": Form(lambda v: _each(v, _same), _same),
    "records": Form(_records, _same),
    "disks": Form(_disks, _disks_of_theirs),
    "acl ingress": _acl_rules("ingress"),
    "acl egress": _acl_rules("egress"),
}
