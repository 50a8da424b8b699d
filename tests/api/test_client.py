"""The order of things in the client, over an adapter instead of a network and a clock that only sleeps move."""

import random
import ssl
from collections.abc import Callable
from datetime import datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, ProtocolError

from ecsplan.api.calllog import CallRecord
from ecsplan.api.client import Client
from ecsplan.api.sign import Credentials
from ecsplan.api.transport import MOST_BYTES
from ecsplan.model.call import ApiError, ErrorClass, Product, Replay, Request
from ecsplan.model.copying import replace

READ = Request("DescribeDisks")
CREATE = Request("CreateDisk", {"Size": 20}, write=True, replay=Replay.TOKEN, client_token="token-1")
DELETE = Request("DeleteDisk", {"DiskId": "d-1"}, write=True, replay=Replay.NATURAL)
IMPORT = Request("ImportKeyPair", {"KeyPairName": "k"}, write=True, replay=Replay.NEVER)

Play = Callable[..., Client]


def failed(client: Client, request: Request) -> ApiError:
    with pytest.raises(ApiError) as caught:
        client.send(request)
    return caught.value


def unreachable() -> requests.ConnectionError:
    refused = NewConnectionError(None, "Connection refused")  # type: ignore[arg-type]
    return requests.ConnectionError(MaxRetryError(None, "/?Password=hush", refused))  # type: ignore[arg-type]


def lost() -> requests.ConnectionError:
    return requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset")))


def test_a_request_goes_out_flat_with_its_region_and_token(play: Play, wire: Any) -> None:
    client = play()
    assert client.send(CREATE)["RequestId"] == "fine"
    assert wire.params() == {"RegionId": "cn-hangzhou", "Size": "20", "ClientToken": "token-1"}
    assert wire.seen[0].url == "https://ecs-cn-hangzhou.aliyuncs.com/?ClientToken=token-1&RegionId=cn-hangzhou&Size=20"
    assert not wire.seen[0].body and wire.seen[0].headers["content-length"] == "0"
    assert wire.seen[0].headers["x-acs-action"] == "CreateDisk"
    assert wire.seen[0].headers["user-agent"].startswith("ecsplan/")


@pytest.mark.parametrize(
    ("request_", "host", "version"),
    [
        (Request("DescribeVpcs", product=Product.VPC), "vpc.aliyuncs.com", "2016-04-28"),
        (Request("GetCallerIdentity", product=Product.STS), "sts.cn-hangzhou.aliyuncs.com", "2015-04-01"),
        (Request("CopyImage", region="cn-beijing"), "ecs.cn-beijing.aliyuncs.com", "2014-05-26"),
    ],
)
def test_product_and_region_decide_the_host(request_: Request, host: str, version: str, play: Play, wire: Any) -> None:
    play().send(request_)
    assert wire.seen[0].headers["host"] == host
    assert wire.seen[0].headers["x-acs-version"] == version


def test_v1_sends_everything_in_the_body(play: Play, wire: Any) -> None:
    play(signature="v1").send(READ)
    assert wire.params()["SignatureMethod"] == "HMAC-SHA1"
    assert "Authorization" not in wire.seen[0].headers
    assert wire.seen[0].url == "https://ecs-cn-hangzhou.aliyuncs.com/"


@pytest.mark.parametrize(
    ("asked", "code", "message", "taken"),
    [
        ("v3", "MissingAccessKeyId", "AccessKeyId is mandatory for this action.", "v1"),
        ("v3", "MissingParameter", 'The input parameter "Action" that is mandatory is not supplied.', "v1"),
        ("v3", "InvalidSignatureVersion", "", "v1"),
        ("v1", "InvalidSignatureVersion", "", "v3"),
        ("v1", "UnsupportedSignatureMethod", "", "v3"),
    ],
)
def test_a_service_that_knows_only_the_other_signature_gets_it_and_the_user_is_told(
    asked: str, code: str, message: str, taken: str, play: Play, wire: Any, refuse: Any
) -> None:
    told: list[str] = []
    client = play(refuse(code, message=message), signature=asked, notice=told.append)
    client.send(READ)
    client.send(READ)
    used = ["v3" if "authorization" in request.headers else "v1" for request in wire.seen]
    assert used == [asked, taken, taken]
    assert told == [
        f"ecs-cn-hangzhou.aliyuncs.com does not know signature {asked}: going on with {taken}"
        f" (--signature {taken} says so from the start)"
    ]


def test_a_service_that_knows_neither_signature_is_asked_twice(play: Play, refuse: Any) -> None:
    client = play(*[refuse("InvalidSignatureVersion") for _ in range(5)])
    assert failed(client, READ).code == "InvalidSignatureVersion"
    assert client.calls == 2


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("MissingParameter", 'The input parameter "VpcId" is missing.'),
        ("InvalidAction", ""),
        ("IncompleteSignature", ""),
    ],
)
def test_other_refusals_are_no_question_of_the_signature_version(
    code: str, message: str, play: Play, refuse: Any
) -> None:
    client = play(refuse(code, message=message))
    failed(client, READ)
    assert client.calls == 1


@pytest.mark.door("hosts")
@pytest.mark.parametrize("region", ["x@evil.example/", "evil.example", "cn-hangzhou\n", "x:8443", "..", "CN-HANGZHOU"])
def test_no_signed_request_goes_to_a_host_that_a_value_has_chosen(region: str, play: Play, wire: Any) -> None:
    error = failed(play(), Request("CopyImage", region=region))
    assert error.code == "InvalidRegionId.Malformed" and not wire.seen


def nowhere() -> requests.ConnectionError:
    unknown = NameResolutionError("ecs.x", None, OSError("no such host"))  # type: ignore[arg-type]
    return requests.ConnectionError(MaxRetryError(None, "/?Password=hush", unknown))  # type: ignore[arg-type]


def test_a_region_that_nobody_knows_and_that_has_no_host_is_an_error_at_once(play: Play) -> None:
    client = play(nowhere())
    error = failed(client, Request("DescribeDisks", region="cn-hangzho"))
    assert (error.code, error.error_class, client.calls) == ("InvalidRegionId.NotFound", ErrorClass.FATAL, 1)
    assert "did you mean cn-hangzhou?" in error.message


def test_a_known_region_whose_name_cannot_be_resolved_is_an_outage(play: Play) -> None:
    client = play(nowhere())
    assert client.send(READ)["RequestId"] == "fine" and client.calls == 2


def test_an_answer_beyond_all_bounds_is_given_up_at_once(play: Play, respond: Any) -> None:
    client = play(respond(b" " * (MOST_BYTES + 1)))
    error = failed(client, READ)
    assert (error.code, client.calls) == ("Transport.TooLarge", 1)
    assert failed(play(respond(b" " * (MOST_BYTES + 1))), IMPORT).unknown_outcome


@pytest.mark.door("shape of an answer")
def test_an_error_code_in_a_successful_answer_is_an_error(play: Play, respond: Any) -> None:
    body = {"RequestId": "R", "Code": "Forbidden.RAM", "Message": "no"}
    assert failed(play(respond(body)), DELETE).code == "Forbidden.RAM"


def test_the_url_is_in_no_message(play: Play) -> None:
    error = failed(play(requests.ConnectionError("failed for https://x/?Password=hush&Signature=s")), IMPORT)
    assert "hush" not in str(error) and "Signature" not in str(error)


def test_every_send_has_a_nonce_of_its_own(play: Play, wire: Any, refuse: Any) -> None:
    play(refuse("ServiceUnavailable", 503), refuse("Throttling")).send(READ)
    assert len({request.headers["x-acs-signature-nonce"] for request in wire.seen}) == 3


def test_a_netrc_file_does_not_replace_the_signature(
    play: Play, wire: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine ecs-cn-hangzhou.aliyuncs.com login me password hush")
    monkeypatch.setenv("NETRC", str(netrc))
    play().send(READ)
    assert wire.seen[0].headers["authorization"].startswith("ACS3-HMAC-SHA256 ")


@pytest.mark.parametrize("request_", [READ, CREATE, DELETE], ids=lambda request: request.operation)
@pytest.mark.parametrize("fault", [lost, requests.ReadTimeout, requests.exceptions.ChunkedEncodingError])
def test_a_lost_answer_is_asked_for_again(request_: Request, fault: Any, play: Play, wire: Any) -> None:
    client = play(fault())
    assert client.send(request_)["RequestId"] == "fine"
    assert wire.params(0) == wire.params(1)
    assert client.calls == 2


@pytest.mark.parametrize("fault", [lost, requests.ReadTimeout])
def test_a_write_that_could_double_comes_out_as_unknown(fault: Any, play: Play) -> None:
    client = play(fault())
    error = failed(client, IMPORT)
    assert (error.code, error.unknown_outcome, client.calls) == ("Transport.NoAnswer", True, 1)


@pytest.mark.parametrize(
    "fault", [unreachable, requests.ConnectTimeout, lambda: requests.exceptions.ProxyError("tunnel failed")]
)
def test_what_never_left_is_sent_again_even_so(fault: Any, play: Play) -> None:
    client = play(fault())
    assert client.send(IMPORT)["RequestId"] == "fine"
    assert client.calls == 2


def test_a_certificate_that_does_not_fit_is_fatal(play: Play) -> None:
    wrong = ssl.SSLCertVerificationError("self-signed certificate")
    error = failed(play(requests.exceptions.SSLError(MaxRetryError(None, "/", wrong))), READ)  # type: ignore[arg-type]
    assert (error.code, error.error_class) == ("Transport.Tls", ErrorClass.FATAL)
    assert "self-signed" in error.message


def test_a_request_that_the_library_cannot_send_is_fatal(play: Play) -> None:
    error = failed(play(requests.exceptions.InvalidProxyURL("bad proxy")), READ)
    assert (error.code, error.error_class) == ("Transport.Unusable", ErrorClass.FATAL)


def test_a_transport_error_carries_no_request(play: Play, clock: Any) -> None:
    error = failed(play(*[unreachable() for _ in range(50)]), READ)
    assert error.__cause__ is None
    assert "hush" not in str(error)


def test_a_removal_whose_answer_was_lost_is_done_when_nothing_is_there(play: Play, refuse: Any) -> None:
    client = play(lost(), refuse("InvalidDiskId.NotFound", 404))
    assert client.send(DELETE) == {"RequestId": "refused"}


def test_an_error_after_a_lost_write_is_honest_about_it(play: Play, refuse: Any) -> None:
    error = failed(play(lost(), refuse("IdempotentParameterMismatch")), CREATE)
    assert (error.code, error.unknown_outcome) == ("IdempotentParameterMismatch", True)


def test_an_error_keeps_the_policy_that_denied_the_call(play: Play, respond: Any) -> None:
    body = {"RequestId": "R", "Code": "Forbidden.RAM", "Message": "m", "AccessDeniedDetail": {"Policy": "p"}}
    error = failed(play(respond(body, 403)), READ)
    assert error.detail["AccessDeniedDetail"] == {"Policy": "p"}
    assert not error.unknown_outcome


def test_a_busy_object_is_waited_for(play: Play, refuse: Any, clock: Any) -> None:
    client = play(*[refuse("OperationConflict") for _ in range(4)])
    client.send(DELETE)
    assert client.calls == 5
    assert clock.sleeps == sorted(clock.sleeps)


def test_whoever_waits_is_told_why_before_each_further_send(play: Play, refuse: Any) -> None:
    told: list[tuple[str, bool]] = []
    request = replace(DELETE, retrying=lambda error, wait: told.append((error.code, wait > 0)))
    play(refuse("OperationConflict"), refuse("IncorrectStatus"), None).send(request)
    assert told == [("OperationConflict", True), ("IncorrectStatus", True)]


def test_a_request_that_is_called_off_while_it_waits_is_not_sent_again(play: Play, refuse: Any) -> None:
    client = play(*[refuse("OperationConflict") for _ in range(99)])
    error = failed(client, replace(DELETE, is_off=lambda: client.calls >= 3))
    assert (client.calls, error.code) == (3, "OperationConflict")


def test_a_request_that_is_called_off_before_its_first_send_never_leaves(play: Play) -> None:
    client = play()
    error = failed(client, replace(CREATE, is_off=lambda: True))
    assert client.calls == 0 and not error.unknown_outcome and "not sent" in error.message


def test_what_waited_for_its_turn_beyond_its_deadline_is_not_sent(play: Play, refuse: Any, clock: Any) -> None:
    client = play(refuse("OperationConflict"), None)

    def told(error: ApiError, wait: float) -> None:
        clock.time += 60  # a slow budget

    error = failed(client, replace(DELETE, conflict_deadline=10.0, retrying=told))
    assert (client.calls, error.code) == (1, "OperationConflict")


def test_throttling_waits_for_as_long_as_the_service_says(play: Play, refuse: Any, clock: Any) -> None:
    play(refuse("Throttling.User", x_acs_retry_after="7000")).send(READ)
    assert sum(clock.sleeps) == pytest.approx(7.0, abs=0.1)


@pytest.mark.parametrize("text", ["", "0", "-5", "soon", "٣"])
def test_advice_that_is_no_number_is_ignored(text: str, play: Play, refuse: Any, clock: Any) -> None:
    play(refuse("Throttling.User", x_acs_retry_after=text)).send(READ)
    assert sum(clock.sleeps) < 1


def test_an_outage_is_waited_out_and_costs_few_calls(play: Play, refuse: Any, clock: Any) -> None:
    end = clock.now() + 60
    script = (lambda request: refuse("ServiceUnavailable", 503) if clock.now() < end else None for _ in range(99))
    client = play(*script)
    client.send(CREATE)
    assert clock.now() <= end + 5
    assert client.calls <= 22


def test_an_outage_beyond_all_patience_ends(play: Play, refuse: Any, clock: Any) -> None:
    start = clock.now()
    client = play(*[refuse("ServiceUnavailable", 503) for _ in range(999)])
    error = failed(client, CREATE)
    assert (error.error_class, error.unknown_outcome) == (ErrorClass.TRANSIENT, True)
    assert clock.now() <= start + 125
    sent = client.calls
    assert failed(client, READ).code in ("Transport.Outage", "ServiceUnavailable")
    assert client.calls <= sent + 1


def test_an_address_where_nobody_listens_is_given_up_soon(play: Play, clock: Any) -> None:
    start = clock.now()
    error = failed(play(*[unreachable() for _ in range(99)]), IMPORT)
    assert (error.code, error.unknown_outcome) == ("Transport.Outage", False)
    assert "Connection refused" in error.message
    assert clock.now() <= start + 15


def by_clock(offset: float, clock: Any, refuse: Any, code: str = "InvalidTimeStamp.Expired") -> Any:
    """A service whose clock is `offset` ahead, and which refuses what is more than 15 minutes off."""

    def answer(request: Any) -> Any:
        theirs = clock.now() + offset
        signed = datetime.fromisoformat(request.headers["x-acs-date"]).timestamp()
        return refuse(code, Date=formatdate(theirs, usegmt=True)) if abs(signed - theirs) > 900 else None

    return answer


@pytest.mark.parametrize("offset", [3600.0, -3600.0])
def test_a_clock_that_is_off_costs_one_call_and_is_right_from_then_on(
    offset: float, play: Play, clock: Any, refuse: Any
) -> None:
    client = play(*[by_clock(offset, clock, refuse)] * 9)
    for request in (IMPORT, READ, DELETE):
        client.send(request)
    assert client.calls == 4


def test_a_clock_refusal_without_a_date_is_fatal(play: Play, refuse: Any) -> None:
    client = play(refuse("InvalidTimeStamp.Expired"))
    assert failed(client, READ).error_class is ErrorClass.CLOCK
    assert client.calls == 1


def test_a_clock_refused_twice_is_fatal(play: Play, refuse: Any, clock: Any) -> None:
    date = formatdate(clock.now() + 9999, usegmt=True)
    client = play(*[refuse("IllegalTimestamp", Date=date) for _ in range(3)])
    assert failed(client, READ).code == "IllegalTimestamp"
    assert client.calls == 2


def test_a_wrong_signature_with_a_right_clock_is_explained(play: Play, refuse: Any, clock: Any) -> None:
    date = formatdate(clock.now(), usegmt=True)
    message = "server string to sign is:POST\n/\n\nhost:elsewhere"
    client = play(refuse("SignatureDoesNotMatch", message=message, Date=date))
    error = failed(client, READ)
    assert "+ host:elsewhere" in error.message
    assert client.calls == 1


def test_a_wrong_signature_with_a_wrong_clock_is_tried_once_more(play: Play, refuse: Any, clock: Any) -> None:
    client = play(by_clock(3600, clock, refuse, "SignatureDoesNotMatch"))
    assert client.send(READ)["RequestId"] == "fine"
    assert client.calls == 2


class Rotating:
    """A source whose key changes with each refresh, up to the last."""

    def __init__(self, *ids: str) -> None:
        self.ids, self.refreshes = list(ids), 0

    def current(self) -> Credentials:
        return Credentials(self.ids[0], "hush", "token")

    def refresh(self) -> None:
        self.refreshes += 1
        self.ids = self.ids[1:] or self.ids

    def describe(self) -> str:
        return "a test"


EXPIRED = ("InvalidSecurityToken.Expired", "InvalidParameter")


@pytest.mark.parametrize("code", EXPIRED)
@pytest.mark.parametrize("request_", [READ, CREATE, IMPORT], ids=lambda request: request.operation)
def test_an_expired_key_is_renewed_in_mid_run(code: str, request_: Request, play: Play, refuse: Any, wire: Any) -> None:
    client = play(refuse(code, message="The SecurityToken.Expired"))
    client.credentials = Rotating("old", "new")
    client.send(request_)
    assert [request.headers["x-acs-accesskey-id"] for request in wire.seen] == ["old", "new"]


def test_a_key_that_stays_the_same_is_not_tried_again(play: Play, refuse: Any) -> None:
    client = play(*[refuse("InvalidSecurityToken.Expired") for _ in range(9)])
    client.credentials = Rotating("only")
    assert failed(client, READ).error_class is ErrorClass.AUTH_REFRESH
    assert client.calls == 1


@pytest.mark.parametrize("request_", [READ, CREATE], ids=lambda request: request.operation)
def test_what_an_ended_key_would_sign_is_not_sent_until_there_is_another(
    request_: Request, play: Play, refuse: Any
) -> None:
    client = play(refuse("InvalidSecurityToken.Expired"))
    client.credentials = Rotating("only")
    first = failed(client, READ)
    for _ in range(3):
        error = failed(client, request_)
        assert (error.code, error.error_class, error.operation) == (
            first.code,
            first.error_class,
            request_.operation,
        )
        assert not error.unknown_outcome
    assert client.calls == 1
    client.credentials.ids = ["only", "new"]
    assert client.send(request_)["RequestId"] == "fine"
    assert client.calls == 2


def test_a_new_key_that_is_refused_too_is_the_end(play: Play, refuse: Any) -> None:
    client = play(*[refuse("InvalidSecurityToken.Expired") for _ in range(9)])
    client.credentials = Rotating("a", "b", "c")
    failed(client, READ)
    assert client.calls == 2


def test_one_refresh_serves_every_worker(play: Play, refuse: Any) -> None:
    client, source = play(), Rotating("old", "new", "newest")
    client.credentials = source
    used = source.current()
    assert client._refreshed(used)
    assert client._refreshed(used)
    assert source.refreshes == 1


def test_a_source_that_dries_up_is_an_error_of_the_call(play: Play, refuse: Any, tmp_path: Path) -> None:
    client = play(environ={"ALIBABA_CLOUD_ACCESS_KEY_ID": "id-only"})
    error = failed(client, READ)
    assert (error.code, error.error_class) == ("NoCredentials", ErrorClass.DENIED)
    assert not client._refreshed(None)


def test_the_log_has_every_send_and_no_secret(play: Play, refuse: Any, log: list[CallRecord]) -> None:
    request = Request("RunInstances", {"Password": "hush"}, write=True, replay=Replay.TOKEN)
    play(refuse("Throttling", 429), lost()).send(request)
    assert [(one.attempt, one.status, one.code, one.request_id) for one in log] == [
        (1, 429, "Throttling", "refused"),
        (2, None, "Transport.NoAnswer", None),
        (3, 200, None, "fine"),
    ]
    assert log[0].params["Password"] == "***"
    assert (log[0].operation, log[0].product, log[0].region) == ("RunInstances", "ecs", "cn-hangzhou")
    assert log[0].seconds == pytest.approx(0.02)


def test_a_client_without_a_log_just_works(play: Play) -> None:
    assert play(log=None).send(READ)["RequestId"] == "fine"


def test_a_secret_that_the_service_quotes_is_not_in_the_error(play: Play, refuse: Any) -> None:
    request = Request("RunInstances", {"Password": "hush-hush"}, write=True)
    error = failed(play(refuse("InvalidPassword.Malformed", message="bad: hush-hush")), request)
    assert "hush" not in str(error)


@pytest.mark.door("hosts")
def test_a_redirect_is_not_followed(play: Play, respond: Any, wire: Any) -> None:
    answers = [respond(b"", 302, Location="https://elsewhere/") for _ in range(9)]
    assert failed(play(*answers), IMPORT).code == "Transport.BadAnswer"
    assert len(wire.seen) == 1


def test_a_send_that_is_interrupted_leaves_the_door_to_the_next(play: Play) -> None:
    def interrupt(request: Any) -> None:
        raise KeyboardInterrupt

    client = play(interrupt)
    with pytest.raises(KeyboardInterrupt):
        client.send(READ)
    assert client.send(READ)["RequestId"] == "fine"


@pytest.mark.parametrize("seed", range(10))
def test_under_any_mix_of_faults_a_safe_call_gets_through(seed: int, play: Play, refuse: Any, respond: Any) -> None:
    chance = random.Random(seed)
    faults = (
        lambda: refuse("Throttling"), lambda: refuse("InternalError", 500), lambda: refuse("OperationConflict"),
        lambda: refuse("LastTokenProcessing", 403), lost, unreachable, requests.ReadTimeout,
        lambda: respond(b"<html>", 200), lambda: respond(b"", 502),
    )  # fmt: skip
    client = play(*(chance.choice(faults)() if chance.random() < 0.3 else None for _ in range(200)))
    for _ in range(50):
        assert client.send(CREATE)["RequestId"] == "fine"


def test_a_closed_client_closes_its_connections(play: Play) -> None:
    play().close()
