"""The report of a refused signature says what differs, and gives nothing away."""

from ecsplan.api.mismatch import explain
from ecsplan.api.sign import string_to_sign_v1, string_to_sign_v3

OURS = string_to_sign_v1("POST", {"Action": "A", "Name": "x y", "Password": "hush"})
THEIRS = string_to_sign_v1("POST", {"Action": "A", "Name": "x+y", "Password": "hush"})
V3 = "POST\n/\n\nhost:a\nx-acs-security-token:hush\n\nhost\ndigest"


def test_v1_shows_the_parameter_that_differs() -> None:
    text = explain(f"Signature mismatched. server string to sign is:{THEIRS}", OURS)
    assert "- Name=x%20y" in text
    assert "+ Name=x%2By" in text
    assert "Action" not in text


def test_v3_shows_the_line_that_differs() -> None:
    text = explain(f"server StringToSign is: {V3.replace('host:a', 'host:b')}", V3)
    assert text.splitlines()[1:] == ["- host:a", "+ host:b"]


def test_no_secret_is_shown_even_where_it_differs() -> None:
    theirs = string_to_sign_v1("POST", {"Action": "A", "Name": "x y", "Password": "hash"})
    assert "hush" not in explain(f"string to sign is:{theirs}", OURS)
    assert "hush" not in explain(f"string to sign is:{V3.replace('hush', 'hash')}", V3)


def test_two_equal_strings_mean_a_wrong_secret() -> None:
    assert "access key secret is wrong" in explain(f"string to sign is:{OURS}\n", OURS)


def test_a_message_that_quotes_nothing_is_not_repeated() -> None:
    text = explain(f"Specified signature is not matched with our calculation: {OURS}", OURS)
    assert "hush" not in text
    assert "access key secret is wrong" in text


def test_a_quoted_digest_is_compared_with_ours() -> None:
    assert "secret is wrong" in explain(f"string to sign is: {string_to_sign_v3(V3)}", V3)
    assert "on the way" in explain(f"string to sign is: {string_to_sign_v3(OURS)}", V3)
