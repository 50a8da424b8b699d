"""Fills what a plan could not know: ids of new objects, templates, secrets, keys made here. Used by run.py."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.model.address import Address, Ref, Secret, Template
from ecsplan.model.call import Call, Late, LocalKey
from ecsplan.model.encoding import to_json


class Unfilled(Exception):
    """A call needs something that no step has made; a step that it needs must have failed."""


class Filler(Struct):
    """`ids` are born during the run; `attributes` are what was read of new objects (a private address).

    `read_secret` reads one by its source and never keeps it; `local_key` answers the public half of a key file.
    `look_up` reads what no poll has told of a new object (the disk in a slot), by its id and the attribute.
    """

    read_secret: Callable[[Secret], str]
    local_key: Callable[[str], str]
    ids: dict[Ref, str] = field(default_factory=dict)
    attributes: dict[Address, Mapping[str, Any]] = field(default_factory=dict)
    look_up: Callable[[Address, str, str], object] = lambda address, object_id, attribute: None

    def fill(self, value: object, *, reveal: bool = True) -> Any:
        """The value as the wire wants it. Without `reveal` a secret is named by its source, for journal and token."""
        if isinstance(value, Ref):
            return self._ref(value)
        if isinstance(value, Template):
            return "".join(part if isinstance(part, str) else str(self._ref(part)) for part in value.parts)
        if isinstance(value, Secret):
            return self._reveal(value) if reveal else to_json(value)
        if isinstance(value, Late):
            if value.is_sensitive and not reveal:
                return {"$late": value.form, "value": self.fill(value.value, reveal=False)}
            return value.encode(self.fill(value.value, reveal=reveal))
        if isinstance(value, LocalKey):
            return self.local_key(value.path)
        if isinstance(value, Mapping):
            return {key: self.fill(item, reveal=reveal) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.fill(item, reveal=reveal) for item in value]
        return value

    def _ref(self, ref: Ref) -> Any:
        if ref in self.ids:
            return self.ids[ref]
        known = self.attributes.get(ref.address, {})
        found = known.get(ref.attribute)
        object_id = self.ids.get(Ref(ref.address)) or known.get("id")
        if found is None and object_id is not None:
            found = self.look_up(ref.address, object_id, ref.attribute)
        if found is None:
            raise Unfilled(f"{ref} is not known: nothing has made it")
        return found

    def _reveal(self, secret: Secret) -> str:
        if secret.template:
            return "".join(part if isinstance(part, str) else self._reveal(part) for part in secret.template)
        return self.read_secret(secret)

    def params(self, call: Call, *, reveal: bool = True) -> dict[str, Any]:
        """The call's parameters, a JSON list as the one text that it is on the wire."""
        filled: dict[str, Any] = self.fill(call.params, reveal=reveal)
        if call.merge is not None and call.merge.is_json:
            filled[call.merge.param] = json.dumps(filled[call.merge.param])
        return {name: value for name, value in filled.items() if value is not None}


def born_ids(answer: Mapping[str, object], id_path: str) -> list[str]:
    """The new ids in the answer of a create, one or a list."""
    found: Any = answer
    for key in id_path.removesuffix("[]").split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return [str(i) for i in found] if isinstance(found, list) else [str(found)] if found else []


def client_token(
    digest: str, step: str, number: int, params: Mapping[str, object], attempt: int, renewal: int = 0
) -> str:
    """The same across retries and re-runs of one plan; another for another attempt, and for each renewal after a
    refusal. At most 64 ASCII characters.

    `params` are those without secrets, so that no token depends on one.
    """
    text = json.dumps(
        [digest, step, number, params, attempt, *([renewal] if renewal else [])], sort_keys=True, ensure_ascii=False
    )
    return "ecsplan-" + hashlib.sha256(text.encode()).hexdigest()[:48]
