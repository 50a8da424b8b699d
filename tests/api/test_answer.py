"""Bodies as the service, its gateways and other people's proxies send them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.api.answer import (
    BAD_ANSWER,
    NO_ANSWER,
    NOT_SENT,
    OUTAGE,
    TLS,
    UNUSABLE,
    read_answer,
    transport_error,
)
from ecsplan.model.call import ApiError, ErrorClass

REFUSED = {"RequestId": "R", "Code": "InvalidDiskId.NotFound", "Message": "gone", "HostId": "h"}


def refused(status: int, body: bytes) -> ApiError:
    with pytest.raises(ApiError) as caught:
        read_answer("DeleteDisk", status, body)
    return caught.value


def test_a_success_is_the_body() -> None:
    assert read_answer("A", 200, b'{"RequestId": "R", "DiskId": "d-1"}')["DiskId"] == "d-1"


def test_a_request_id_in_lower_case_is_ours_too() -> None:
    assert read_answer("A", 200, b'{"requestId": "R"}')["RequestId"] == "R"


def test_a_refusal_keeps_all_that_support_asks_for() -> None:
    error = refused(404, json.dumps(REFUSED).encode())
    assert (error.code, error.message, error.request_id, error.status) == (
        "InvalidDiskId.NotFound", "gone", "R", 404,
    )  # fmt: skip
    assert error.error_class is ErrorClass.ABSENT
    assert error.detail == {"HostId": "h"}
    assert not error.unknown_outcome


def test_a_refusal_in_lower_case_is_read() -> None:
    error = refused(403, b'{"requestId": "R", "code": "Forbidden.RAM", "message": "m"}')
    assert (error.code, error.request_id, error.message) == ("Forbidden.RAM", "R", "m")


def test_a_refusal_in_xml_is_read() -> None:
    error = refused(400, b'<?xml version="1.0"?><Error><RequestId>R</RequestId><Code>Throttling</Code></Error>')
    assert (error.code, error.request_id) == ("Throttling", "R")
    assert error.error_class is ErrorClass.THROTTLE


def test_a_denied_call_keeps_the_policy_that_denied_it() -> None:
    detail = {"PolicyType": "AccountLevelIdentityBasedPolicy"}
    body = {**REFUSED, "Code": "Forbidden.RAM", "AccessDeniedDetail": detail}
    assert refused(403, json.dumps(body).encode()).detail["AccessDeniedDetail"] == detail


def test_a_fault_of_the_service_has_an_unknown_outcome() -> None:
    error = refused(500, b'{"RequestId": "R", "Code": "InternalError", "Message": "m"}')
    assert error.error_class is ErrorClass.TRANSIENT
    assert error.unknown_outcome


def test_a_dry_run_that_passes_is_told_by_its_class_under_any_status() -> None:
    body = b'{"RequestId": "R", "Code": "DRYRUN.SUCCESS"}'
    assert refused(200, body).error_class is ErrorClass.DRY_RUN
    assert refused(400, b'{"Code": "DryRunOperation"}').error_class is ErrorClass.DRY_RUN


def test_a_code_in_a_success_is_a_field_like_any_other() -> None:
    assert read_answer("A", 200, b'{"RequestId": "R", "Code": "200"}')["Code"] == "200"


FOREIGN = [
    b"", b"{", b"[]", b"null", b"{}", b'{"RequestId": ""}', b"<html>sign in</html>", b"<Error>", b"\xff\xfe",
    b"<DescribeDisksResponse><RequestId>R</RequestId></DescribeDisksResponse>", b"[" * 200_000,
]  # fmt: skip


@pytest.mark.parametrize("body", FOREIGN, ids=lambda body: repr(body[:20]))
def test_what_the_service_did_not_write_is_a_transport_fault(body: bytes) -> None:
    error = refused(200, body)
    assert error.code == BAD_ANSWER
    assert error.error_class is ErrorClass.TRANSIENT
    assert error.unknown_outcome


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_bare_server_status_is_an_outage(status: int) -> None:
    error = refused(status, b"<html>Bad Gateway</html>")
    assert error.code == f"Http{status}"
    assert error.error_class is ErrorClass.TRANSIENT
    assert error.unknown_outcome


def test_a_bare_429_is_throttling() -> None:
    error = refused(429, b"slow down")
    assert (error.error_class, error.unknown_outcome) == (ErrorClass.THROTTLE, False)


@pytest.mark.parametrize("status", [302, 404, 407])
def test_any_other_status_of_a_stranger_is_a_bad_answer(status: int) -> None:
    assert refused(status, b"nope").code == BAD_ANSWER


def test_an_error_without_a_code_is_not_the_services() -> None:
    assert refused(400, b'{"error": "x"}').code == BAD_ANSWER


@pytest.mark.parametrize("body", [b"<!DOCTYPE a [<!ENTITY b 'c'>]><Error>&b;</Error>", b"<Error>" * 200_000])
def test_xml_that_could_do_harm_is_not_read(body: bytes) -> None:
    assert refused(400, body).code == BAD_ANSWER


@given(st.binary(max_size=200), st.integers(200, 599))
def test_no_body_breaks_the_reader(body: bytes, status: int) -> None:
    try:
        read_answer("A", status, body)
    except ApiError as error:
        assert error.status == status


@pytest.mark.parametrize(
    ("code", "kind", "unknown"),
    [
        (NOT_SENT, ErrorClass.TRANSIENT, False),
        (OUTAGE, ErrorClass.TRANSIENT, False),
        (NO_ANSWER, ErrorClass.TRANSIENT, True),
        (TLS, ErrorClass.FATAL, False),
        (UNUSABLE, ErrorClass.FATAL, False),
    ],
)
def test_only_what_never_left_has_a_known_outcome(code: str, kind: ErrorClass, unknown: bool) -> None:
    error = transport_error("A", code, "m")
    assert (error.error_class, error.unknown_outcome) == (kind, unknown)


@pytest.mark.parametrize(
    "value", ['"\\ud83d"', '"\ud83d"', '"\\ud83d\\ude00 ü"', "NaN", "1e400", "18446744073709551615", "[0.1, -0.0]"]
)
def test_a_long_answer_is_read_like_a_short_one(value: str) -> None:
    """The fast parser reads what is long; what it refuses is read all the same."""
    short = f'{{"RequestId": "r", "Value": {value}}}'
    long = f'{short[:-1]}, "Filling": "{"x" * 60_000}"}}'
    found = [read_answer("DescribeDisks", 200, body.encode(errors="surrogatepass"))["Value"] for body in (short, long)]
    assert repr(found[0]) == repr(found[1])
