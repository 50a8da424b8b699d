"""No secret gets into the log."""

import pytest

from ecsplan.api.calllog import CallRecord, is_secret, masked, scrubbed


@pytest.mark.parametrize(
    "name",
    [
        "Password",
        "UserData",
        "PrivateKeyBody",
        "SecurityToken",
        "Signature",
        "AccessKeySecret",
        "LoginPassword",
        "CommandContent",
        "LaunchTemplateData.UserData",
        "Instance.1.Password",
        "VncPassword",
        "ClientSecret",
    ],
)
def test_secret_parameters_are_masked_at_any_depth(name: str) -> None:
    assert is_secret(name)
    assert masked({name: "hush"}) == {name: "***"}


@pytest.mark.parametrize("name", ["PublicKeyBody", "PasswordInherit", "KeyPairName", "ClientToken", "Tag.1.Key"])
def test_other_parameters_are_shown(name: str) -> None:
    assert masked({name: "x"}) == {name: "x"}


def test_a_secret_that_the_service_quotes_is_taken_out() -> None:
    params = {"Password": "hush-hush", "VncPassword": "hush-hush-more", "RegionId": "cn"}
    assert scrubbed("bad hush-hush-more, hush-hush in cn", params) == "bad ***, *** in cn"


def test_a_secret_too_short_to_be_one_does_not_riddle_the_message() -> None:
    assert scrubbed("a bad cat", {"Password": "a", "UserData": ""}) == "a bad cat"


def test_four_characters_are_a_secret() -> None:
    assert scrubbed("abcd abc", {"Password": "abcd", "UserData": "abc"}) == "*** abc"


def test_a_record_shows_no_parameters_in_its_repr() -> None:
    record = CallRecord("A", "ecs", "r", {"Name": "thing"}, 1, 0.1, 200, "R", None)
    assert "thing" not in repr(record)
