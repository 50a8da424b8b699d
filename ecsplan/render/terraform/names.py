"""Our kinds and attributes by the names of Terraform's provider `aliyun/alicloud`.

Each kind says them itself (model/capabilities/terraform.py).
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from ecsplan.model.algebra import is_fields
from ecsplan.model.capabilities.terraform import Terraform
from ecsplan.model.kind import Kinds

_DISK = {
    "kms_key": "kms_key_id",
    "snapshot": "snapshot_id",
    "snapshot_policy": "auto_snapshot_policy_id",
}


class Names(Struct, frozen=True):
    """The names of kinds and attributes there. A kind that the provider lacks keeps its own."""

    kinds: Mapping[str, Terraform]

    def type_of(self, kind: str) -> str:
        of = self.kinds.get(kind)
        return (of.plan_type or of.type) if of else f"alicloud_{kind}"

    def attribute(self, kind: str, name: str) -> str | None:
        of = self.kinds.get(kind)
        return of.in_a_plan(name) if of else name

    def decided(self, kind: str) -> tuple[str, ...]:
        """The attributes that the cloud gives a new object."""
        of = self.kinds.get(kind)
        return of.decided if of else ()

    def theirs(self, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Our values of a resource by their names, in their form."""
        of = self.kinds.get(kind)
        forms = {one.ours: one.form for one in of.fields} if of else {}
        found = {}
        for name, value in values.items():
            there = self.attribute(kind, name)
            if there is not None:
                change = _BY_NAME.get(there) or _BY_FORM.get(forms.get(name, ""))
                found[there] = change(value) if change and value is not None else value
        return found


def names_of(kinds: Kinds) -> Names:
    return Names({name: of for name, kind in kinds.items() if (of := kind.capability(Terraform))})


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, (int, float)) else value


def _texts(values: Any) -> Any:
    return tuple(map(str, values)) if isinstance(values, tuple) else values


def _slots(values: Any) -> Any:
    """A map of disks or interfaces as their list of blocks, in the order of our keys."""
    if not is_fields(values):
        return values
    return tuple(tuple(sorted(_slot(dict(fields)).items())) for _, fields in sorted(values) if is_fields(fields))


def _slot(fields: dict[str, Any]) -> dict[str, Any]:
    """`keep` is their delete_with_instance, the other way round."""
    found = {_DISK.get(name, _BLOCK.get(name, name)): value for name, value in fields.items() if name != "keep"}
    if "keep" in fields:
        found["delete_with_instance"] = not fields["keep"]
    return found


_BLOCK = {
    "vswitch": "vswitch_id",
    "security_groups": "security_group_ids",
    "traffic_mode": "network_interface_traffic_mode",
    "queue_number": "queue_pair_number",
}


def _base64(text: Any) -> Any:
    return b64encode(text.encode()).decode() if isinstance(text, str) else text


def _capital(value: Any) -> Any:
    return value.capitalize() if isinstance(value, str) else value


_Change = Callable[[Any], Any]
_BY_FORM: Mapping[str, _Change] = {"lower": _capital, "text number": _text, "text numbers": _texts}
_BY_NAME: Mapping[str, _Change] = {"command_content": _base64, "data_disks": _slots, "network_interfaces": _slots}
