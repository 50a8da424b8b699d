"""The vendor's own signatures, and what must differ between two sends."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecsplan.api.sign import (
    Credentials,
    Signature,
    Stamp,
    Unsigned,
    authorization_v3,
    canonical_request_v3,
    sign,
    signature_v1,
    signature_v3,
    string_to_sign_v1,
    string_to_sign_v3,
)

VECTORS = json.loads((Path(__file__).parent / "signature_vectors.json").read_text(encoding="utf-8"))
REQUEST = Unsigned("ecs.example.com", "DescribeDisks", "2014-05-26", {"RegionId": "r"}, "ecsplan/1")
STAMP = Stamp(1767323045, "nonce")
KEY = Credentials("id", "secret")


@pytest.mark.parametrize("vector", VECTORS["rpc_v1"], ids=lambda vector: vector["name"])
def test_v1_gives_the_vendors_signature(vector: dict[str, Any]) -> None:
    text = string_to_sign_v1(vector["method"], {**vector["query_params"], **vector["body_params"]})
    assert text == vector["string_to_sign"]
    assert signature_v1(text, vector["key"].removesuffix("&")) == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS["acs3_hmac_sha256"], ids=lambda vector: vector["name"])
def test_v3_gives_the_vendors_signature(vector: dict[str, Any]) -> None:
    headers = vector["signed_headers_in"]
    key = Credentials(vector["access_key_id"], vector["access_key_secret"])
    canonical = canonical_request_v3(vector["method"], vector["query_params"], headers, vector["body"].encode())
    assert canonical == vector["canonical_request"]
    assert string_to_sign_v3(canonical) == vector["string_to_sign"]
    assert signature_v3(canonical, key.secret) == vector["signature"]
    assert authorization_v3(canonical, headers, key) == vector["authorization"]


def test_the_time_stamp_is_utc_in_whole_seconds() -> None:
    assert Stamp(1767323045.9, "n").text == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize("version", Signature)
def test_another_nonce_gives_another_signature(version: Signature) -> None:
    one, two = (sign(REQUEST, KEY, Stamp(0, nonce), version) for nonce in ("a", "b"))
    assert (one.headers, one.body) != (two.headers, two.body)


def test_v3_signs_every_header_of_the_service_and_not_the_user_agent() -> None:
    signed = sign(REQUEST, Credentials("id", "secret", "token"), STAMP, Signature.V3)
    names = signed.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    assert set(signed.headers) - set(names) == {"user-agent", "accept", "authorization"}
    assert names == sorted(names)
    assert {"x-acs-security-token", "x-acs-accesskey-id", "x-acs-content-sha256"} <= set(names)


def test_v3_without_parameters_sends_no_content_type() -> None:
    signed = sign(Unsigned("h", "A", "v", {}, "u"), KEY, STAMP, Signature.V3)
    assert signed.body == b""
    assert "content-type" not in signed.headers


def test_v1_sends_token_and_parameters_in_the_body() -> None:
    body = sign(REQUEST, Credentials("id", "secret", "to/ken"), STAMP, Signature.V1).body.decode()
    assert "SecurityToken=to%2Fken" in body
    assert "Action=DescribeDisks" in body
    assert "Format=JSON" in body
    assert "secret" not in body


def test_v1_without_a_token_sends_none() -> None:
    assert b"SecurityToken" not in sign(REQUEST, KEY, STAMP, Signature.V1).body


def test_no_secret_is_in_a_repr() -> None:
    key = Credentials("id", "hush", "hushtoken")
    assert "hush" not in repr(key)
    assert "RegionId" not in repr(sign(REQUEST, key, STAMP, Signature.V1))
