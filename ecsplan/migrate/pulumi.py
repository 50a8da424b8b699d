"""A Pulumi stack (`pulumi stack export`) as entries of the Terraform provider that Pulumi's is made of. Pure.

The inputs of a resource are what the program said: they are its code.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecsplan.migrate.code import Code, Declared
from ecsplan.migrate.reading import At, read_json
from ecsplan.model.copying import replace
from ecsplan.model.migration import Entry, Note

SECRET = "4dabf18193072939515e22adb298388d"  # the key that marks a secret in Pulumi's files
# Types that are not called as in Terraform.
_TYPES = {
    "vpc/network:Network": "alicloud_vpc",
    "vpc/switch:Switch": "alicloud_vswitch",
    "vpc/subnet:Subnet": "alicloud_subnet",
    "ecs/autoSnapshotPolicy:AutoSnapshotPolicy": "alicloud_ecs_auto_snapshot_policy",
}
_TOKEN = re.compile(r"alicloud:(?P<name>[\w-]+/[\w-]+:(?P<type>\w+))\Z")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NUMBERED = re.compile(r"(?P<base>.*[^0-9_-])[-_]?(?P<number>[0-9]{1,6})\Z")
_INTERNAL = ("__defaults", "__meta", "__internal")
PENDING = "an operation is pending: run pulumi refresh or pulumi up first"
REPLACED = "half of a replacement that did not finish: run pulumi up first"


def read_pulumi(text: str, file: str) -> tuple[list[Entry], Code]:
    """Raises Rejected, with the place, for what is no export of a stack."""
    whole = read_json(text, file)
    members = whole.object()
    if "deployment" not in members or type(members.get("version")) is not int:
        raise whole.wrong("this is not a Pulumi stack", "give what pulumi stack export prints")
    version, features = members["version"], list(whole["features"].each())
    if version not in (3, 4) or features:
        what = f"version {version}" if version not in (3, 4) else f"features {json.dumps(features[0].value)[:40]}"
        raise whole.wrong(f"{what} of the format is not read", "export it with pulumi 3")
    deployment = whole["deployment"]
    pending = {one["resource"]["urn"].maybe_text() for one in deployment["pending_operations"].each()}
    code = Code()
    entries = [e for at in deployment["resources"].each() for e in _entry(at, pending, code)]
    return _with_numbers(entries, code), code


def _entry(at: At, pending: set[str], code: Code) -> Iterator[Entry]:
    urn, token = at["urn"].line(), at["type"].line()
    if at["custom"].value is not True or token.startswith("pulumi:"):
        return  # components, providers and the stack itself are only parents
    found = _TOKEN.match(token)
    kind = _TYPES.get(found["name"]) or f"alicloud_{_snake(found['type'])}" if found else token
    name = urn.rpartition("::")[2]
    problem = PENDING if urn in pending else ""
    if at["delete"].value is True or at["pendingReplacement"].value is True:
        problem = REPLACED
    inputs = at["inputs"].maybe_object()
    yield Entry(
        address=f"{token}::{name}",
        type=kind,
        id=at["id"].maybe_text(),
        logical=re.sub(r"[^A-Za-z0-9_-]+", "_", name) or "_",
        attributes=_snaked(at["outputs"].maybe_object()),
        place=at.place,
        is_data=at["external"].value is True,
        is_foreign=found is None,
        problem=problem,
        handle=urn,
    )
    undeclared = inputs.get("__defaults") if isinstance(inputs.get("__defaults"), list) else []
    declared = _snaked({n: v for n, v in inputs.items() if n not in (undeclared or ())})
    lifecycle: dict[str, Any] = {"prevent_destroy": True} if at["protect"].value is True else {}
    ignored = [_snake(one.text()) for one in at["ignoreChanges"].each()]
    lifecycle |= {"ignore_changes": ignored} if ignored else {}
    code.resources[(), kind, re.sub(r"[^A-Za-z0-9_-]+", "_", name) or "_"] = Declared(
        declared | ({"lifecycle": [lifecycle]} if lifecycle else {})
    )
    if at["retainOnDelete"].value is True:
        code.notes.append(Note(f"{token}::{name}", "retainOnDelete has no counterpart; see prevent_destroy, released"))


def _with_numbers(entries: Sequence[Entry], code: Code) -> list[Entry]:
    """`web-0`, `web-1` of a loop are members of a group; where the numbers have a gap each stands alone."""
    groups: dict[tuple[str, str], dict[int, Entry]] = {}
    for entry in entries:
        found = _NUMBERED.match(entry.logical)
        if found and found["number"] == str(int(found["number"])):
            groups.setdefault((entry.type, found["base"]), {}).setdefault(int(found["number"]), entry)
    numbered: dict[str, Entry] = {}
    for (kind, base), members in groups.items():
        first = code.resources.get(((), kind, next(iter(members.values())).logical))
        taken = ((), kind, base) in code.resources
        if len(members) > 1 and not taken and first and set(members) == set(range(len(members))):
            for member in members.values():
                code.resources.pop(((), kind, member.logical), None)
            code.resources[(), kind, base] = first
            numbered |= {e.place: replace(e, logical=base, key=number) for number, e in members.items()}
    return [numbered.get(entry.place, entry) for entry in entries]


def _snake(name: str) -> str:
    return _HUMP.sub("_", name).lower()


def _snaked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Properties under the names of Terraform; the values of maps keep their keys. Secrets are dropped."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in _INTERNAL:
            continue
        ours = _snake(name)
        is_map = ours in ("tags", "volume_tags", "kms_encryption_context")
        found[ours] = _shown(value, is_map)
    return found


def _shown(value: Any, is_map: bool = False) -> Any:
    if isinstance(value, Mapping):
        if SECRET in value:
            return True  # there is one
        return {k: _shown(v) for k, v in value.items() if k not in _INTERNAL} if is_map else _snaked(value)
    if isinstance(value, list):
        return [_shown(item) for item in value]
    return value
