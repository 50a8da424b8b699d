"""A Terraform or OpenTofu state: format 4, or what `terraform show -json` prints of a state or a plan. Pure."""

import json
import re
from collections.abc import Iterator
from typing import Any

from ecsplan.migrate.reading import At, read_json
from ecsplan.model.migration import Entry, Step
from ecsplan.model.quoting import shown

PROVIDER = re.compile(
    r'(?<![\w-])(?:provider(?:\["|\.))?(?:[\w.-]+/)?(?:[\w-]+/)?alicloud(?:"\])?(?:\.(?P<alias>[\w-]+))?\Z'
)
NAME = re.compile(r"[^\W\d][\w-]*\Z")  # as in HCL: nothing in it ends a line or a string
_STEP = re.compile(r'module\.(?P<name>[^\W\d][\w-]*)(?:\[(?P<key>[0-9]{1,9}|"(?:[^"\\]|\\.)*")\])?(?:\.|\Z)')
_CURRENT = "write it with a current version: terraform state pull"
TAINTED = "tainted: the next apply of Terraform would replace it; run terraform untaint, or let it be replaced first"
DEPOSED = "deposed: the old half of a replacement that did not finish; apply with Terraform first"


def read_state(text: str, file: str) -> list[Entry]:
    """The objects of a state in its order. Raises Rejected, with the place, for what is none."""
    whole = read_json(text, file)
    members = whole.object()
    if "encrypted_data" in members:
        raise whole.wrong("the state is encrypted", "write it with: tofu state pull")
    if "format_version" in members:
        return list(_shown(whole))
    if "version" not in members:
        raise whole.wrong(
            "this is not a Terraform state", "give a state (terraform state pull) or terraform show -json"
        )
    version = members["version"]
    if type(version) is not int or version != 4:
        raise whole["version"].wrong(f"version {json.dumps(version)[:40]} of the format is not read", _CURRENT)
    return [entry for resource in whole["resources"].each() for entry in _of_version_4(resource)]


def _of_version_4(resource: At) -> Iterator[Entry]:
    kind, name = _name(resource["type"]), _name(resource["name"])
    path = steps(resource["module"])
    provider = resource["provider"].maybe_text()
    for instance in resource["instances"].each():
        own = instance["provider"].maybe_text() or provider
        deposed = instance["deposed"].maybe_text()
        status = instance["status"].maybe_text()
        problem = DEPOSED if deposed else TAINTED if status == "tainted" else ""
        yield _entry(
            instance, instance["attributes"], kind, name, path, instance["index_key"], resource["mode"].maybe_text(),
            own, problem,
        )  # fmt: skip


def _shown(whole: At) -> Iterator[Entry]:
    version = whole["format_version"].text()
    if not version.startswith(("0.", "1.")):
        raise whole["format_version"].wrong(f"version {shown(version[:40])} of the format is not read", _CURRENT)
    values = whole["values"]
    if values.value is None and whole["prior_state"].value is not None:  # a plan
        values = whole["prior_state"]["values"]
    if values.value is None:
        if "planned_values" in whole.object():
            raise whole.wrong("this plan has no prior state", "give the state itself: terraform show -json")
        return
    yield from _module(values["root_module"]) if values["root_module"].value is not None else ()


def _module(root: At) -> Iterator[Entry]:
    waiting = [root]
    while waiting:  # a state of strangers may be deep
        module = waiting.pop(0)
        path = steps(module["address"])
        for resource in module["resources"].each():
            problem = ""
            if resource["deposed_key"].value is not None:
                problem = DEPOSED
            elif resource["tainted"].value is True:
                problem = TAINTED
            yield _entry(
                resource, resource["values"], _name(resource["type"]), _name(resource["name"]), path,
                resource["index"], resource["mode"].maybe_text(), resource["provider_name"].maybe_text(), problem,
            )  # fmt: skip
        waiting += module["child_modules"].each()


def _name(at: At) -> str:
    text = at.text()
    if not NAME.match(text):
        raise at.wrong(f"{shown(text)} is not a name in Terraform", "give the file as the tool wrote it")
    return text


def _entry(
    at: At, attributes: At, kind: str, name: str, path: tuple[Step, ...], key: At, mode: str, provider: str,
    problem: str,
) -> Entry:  # fmt: skip
    if type(key.value) not in (int, str, type(None)) or key.value == "" or _is_absurd(key.value):
        raise key.wrong(f"a key is a number or a string, and this is {key.what}", "give the file as the tool wrote it")
    values = attributes.maybe_object()
    own_id = values.get("id")
    found = PROVIDER.search(provider)
    own = f"{'data.' if mode == 'data' else ''}{kind}.{name}{_key(key.value)}"
    return Entry(
        address=".".join([*(f"module.{step}{_key(k)}" for step, k in path), own]),
        type=kind,
        id=own_id if isinstance(own_id, str) and len(own_id) < 4096 else "",
        logical=name,
        key=key.value,
        path=path,
        attributes=values,
        place=at.place,
        is_data=mode == "data",
        is_foreign=not kind.startswith("alicloud_") or (bool(provider) and found is None),
        problem=problem,
        alias=(found["alias"] or "") if found else "",
    )


def _is_absurd(key: Any) -> bool:
    return isinstance(key, int) and not 0 <= key < 10**9


def _key(key: int | str | None) -> str:
    return "" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]"


def steps(address: At) -> tuple[Step, ...]:
    """The modules of `module.a["x"].module.b`; keys may hold dots and quotes."""
    text, place, found = address.maybe_text(), 0, []
    wrong = address.wrong(f"{shown(text[:80])} is not an address of a module", "give the file as the tool wrote it")
    while place < len(text):
        step = _STEP.match(text, place)
        if not step:
            raise wrong
        try:
            found.append((step["name"], json.loads(step["key"]) if step["key"] else None))
        except ValueError:  # an escape that is none
            raise address.wrong(
                f"{shown(text[:80])} is not an address of a module", "give the file as the tool wrote it"
            ) from None
        place = step.end()
    return tuple(found)
