"""The file that says what the loop watches, how often, and what it may do; its JSON Schema; secrets by reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from ecsplan.serve.core import Timing

API_VERSION = "ecsplan/v1"
_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_ENV: dict[str, Any] = {
    "type": "object", "additionalProperties": False, "required": ["env"], "properties": {"env": _TEXT},
    "description": "A secret, by the name of the environment variable that holds it.",
}  # fmt: skip
_SHORTEST_TOKEN = 16


class BadSettings(ValueError):
    """The message says what to write, and holds no secret."""


class Rule(Struct, frozen=True):
    """Classes of change that are applied without a signature: of the file (`apply`), and of drift (`revert`)."""

    apply: frozenset[str] = frozenset()
    revert: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Settings:
    """`folder` is the one in the repository that stacks are looked for in. Tokens and secrets are not shown."""

    url: str
    branch: str
    folder: str
    state: str
    host: str
    port: int
    timing: Timing
    fetch: float
    workers: int
    rule: Rule
    rules: Mapping[str, Rule]
    suspended: frozenset[str]
    notify: str = ""
    public: str = ""
    endpoint: str = ""
    may_rewind: bool = False
    read_token: str = field(default="", repr=False)
    write_token: str = field(default="", repr=False)
    hook_secret: str = field(default="", repr=False)

    def rule_of(self, path: str) -> Rule:
        return self.rules.get(path, self.rule)


def serve_schema(classes: tuple[str, ...]) -> dict[str, Any]:
    """`classes` are the classes of change that there are."""
    listed = {"type": "array", "items": {"enum": list(classes)}}
    rule = {
        "apply": {**listed, "description": "Classes of change that are applied without a signature."},
        "revert": {**listed, "description": "Classes of change that put drift back without a signature."},
    }
    seconds = {"type": "number", "minimum": 1}
    properties = {
        "apiVersion": {"const": API_VERSION}, "kind": {"const": "Serve"},
        "repository": _object(["url"], url=_TEXT, branch=_TEXT, folder=_TEXT, may_rewind={"type": "boolean"}),
        "state": {**_TEXT, "description": "The folder that the loop keeps its state in."},
        "listen": {"type": "string", "pattern": r"^[^:\s]+:\d+$", "description": "HOST:PORT of the page."},
        "public": {**_TEXT, "description": "The address of the page as people reach it, https://…"},
        "interval": {**seconds, "description": "Seconds from one run of a stack to the next."},
        "fetch": {**seconds, "description": "Seconds from one look at the branch to the next."},
        "workers": {"type": "integer", "minimum": 1, "maximum": 64},
        **rule,
        "stacks": {"type": "object", "description": "What differs for single stacks, by their paths.",
                   "additionalProperties": _object([], **rule, suspend={"type": "boolean"})},
        "tokens": _object(["read", "write"], read=_ENV, write=_ENV),
        "hook": _object(["secret"], secret=_ENV),
        "notify": {**_TEXT, "description": "A file of channels, see docs/notifications.md."},
        "endpoint": {**_TEXT, "description": "Overrides the endpoint of all services."},
    }  # fmt: skip
    whole = _object(["apiVersion", "kind", "repository", "tokens"], **properties)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ecsplan serve", **whole}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def settings_of(document: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The document must fit `serve_schema`. Raises BadSettings."""
    repository, tokens = document["repository"], document["tokens"]
    host, _, port = document.get("listen", "127.0.0.1:8080").rpartition(":")
    rule = _rule(document, Rule())
    stacks = document.get("stacks", {})
    read, write = (_secret(tokens[name], environ, f"tokens.{name}") for name in ("read", "write"))
    if read == write:
        raise BadSettings("tokens.read and tokens.write are the same: who may read could write")
    hook = document.get("hook")
    return Settings(
        repository["url"], repository.get("branch", "main"), repository.get("folder", "."),
        document.get("state", ".ecsplan/serve"), host.strip("[]"), int(port),
        Timing(interval=float(document.get("interval", 600.0))), float(document.get("fetch", 60.0)),
        document.get("workers", 4), rule, {path: _rule(found, rule) for path, found in stacks.items()},
        frozenset(path for path, found in stacks.items() if found.get("suspend")), document.get("notify", ""),
        document.get("public", "").rstrip("/"), document.get("endpoint", ""), bool(repository.get("may_rewind")),
        read, write, _secret(hook["secret"], environ, "hook.secret") if hook else "",
    )  # fmt: skip


def _rule(found: Mapping[str, Any], otherwise: Rule) -> Rule:
    return Rule(
        frozenset(found["apply"]) if "apply" in found else otherwise.apply,
        frozenset(found["revert"]) if "revert" in found else otherwise.revert,
    )


def _secret(found: Mapping[str, str], environ: Mapping[str, str], what: str) -> str:
    held = environ.get(found["env"], "").strip()
    if len(held) < _SHORTEST_TOKEN:
        raise BadSettings(f"{what}: {found['env']} is not set, or has fewer than {_SHORTEST_TOKEN} characters")
    return held
