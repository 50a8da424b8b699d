"""The JSON Schema of a file of channels: published, and what every such file is checked against."""

from typing import Any

from ecsplan.model.notice import MOMENTS

API_VERSION = "ecsplan/v1"
CHATS = ("dingtalk", "feishu", "wecom", "slack")
_ENV = {
    "type": "object",
    "additionalProperties": False,
    "required": ["env"],
    "properties": {"env": {"type": "string", "minLength": 1, "description": "The variable that holds it."}},
    "description": "A secret, by the name of the environment variable that holds it.",
}
_TEXT = {"type": "string", "minLength": 1}


def notifications_schema() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ecsplan notifications",
        "type": "object",
        "required": ["apiVersion", "kind", "channels"],
        "additionalProperties": False,
        "properties": {
            "apiVersion": {"const": API_VERSION, "description": f"The language of the file: {API_VERSION}."},
            "kind": {"const": "Notifications", "description": "What the file is: Notifications."},
            "channels": {"type": "object", "minProperties": 1, "additionalProperties": {"oneOf": [*_channels()]},
                         "description": "Where messages go, by a name of your own."},
        },
    }  # fmt: skip


def _channels() -> list[dict[str, Any]]:
    tls = {"enum": ["implicit", "starttls", "none"], "description": "How the connection is protected."}
    return [
        *(_channel(type_, ["url"], url=_ENV, **({"secret": _ENV} if type_ in ("dingtalk", "feishu") else {}))
          for type_ in CHATS),
        _channel("webhook", ["url"], url={"anyOf": [_TEXT, _ENV], "description": "An https:// address."}, secret=_ENV),
        _channel("email", ["host", "from", "to"], host=_TEXT, port={"type": "integer", "minimum": 1, "maximum": 65535},
                 tls=tls, user=_TEXT, password=_ENV, to={"type": "array", "items": _TEXT, "minItems": 1},
                 **{"from": _TEXT}),
    ]  # fmt: skip


def _channel(type_: str, required: list[str], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["type", *required],
        "properties": {
            "type": {"const": type_, "description": f"{type_}."},
            "on": {"type": "array", "items": {"enum": [*MOMENTS]}, "minItems": 1,
                   "description": "What is sent; all of it without this."},
            "stacks": {"type": "array", "items": _TEXT, "minItems": 1,
                       "description": "Patterns of the stacks that it is about; all without this."},
            "template": {"type": "string", "minLength": 1, "description": "A Jinja2 template of the text."},
            **more,
        },
    }  # fmt: skip
