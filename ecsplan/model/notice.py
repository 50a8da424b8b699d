"""Notices about events: made by render, sent by notify."""

from msgspec import Struct

KINDS = ("drift", "approval", "success", "failure", "test")
MOMENTS = ("drift", "approval", "success", "failure")


class Notice(Struct, frozen=True):
    """`kind` is one of KINDS; `headline` and `lines` are plain text in which secrets are masked already."""

    kind: str
    stack: str
    region: str
    headline: str
    lines: tuple[str, ...] = ()
    link: str = ""
