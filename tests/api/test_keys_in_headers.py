"""Keys that would be quoted by an error, or lie where others may read them."""

from pathlib import Path

import pytest

from ecsplan.api.credentials import NoCredentials, find_source
from ecsplan.api.exposure import exposure
from tests.api.test_credentials import ENV, STS, home, write

__all__ = ["home"]

ODD = ("\n", " ", "\r\nX-Evil: 1", "\x00", "é", "\u2028", "\ud800")


@pytest.mark.door("keys")
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", [*sorted(ENV), "ALIBABA_CLOUD_SECURITY_TOKEN"])
def test_a_key_that_does_not_fit_into_a_header_is_named_and_never_shown(name: str, odd: str, home: Path) -> None:
    """The HTTP library would quote it in full."""
    env = {**ENV, name: "hushhush" + odd}
    with pytest.raises(NoCredentials, match=f"{name} contains a") as caught:
        find_source(None, env, home).current()
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("field", ["access_key_id", "access_key_secret", "sts_token"])
def test_nor_is_one_of_a_profile(field: str, home: Path) -> None:
    write(home, {"profiles": [{**STS, field: "hushhush\n"}]})
    with pytest.raises(NoCredentials, match=f"{field} of profile temp in .* contains a line break") as caught:
        find_source("temp", {}, home).current()
    assert "hush" not in str(caught.value)


@pytest.mark.door("keys")
@pytest.mark.parametrize(
    ("mode", "told"), [(0o600, ""), (0o400, ""), (0o640, "read"), (0o644, "read"), (0o666, "written")]
)
def test_a_file_of_keys_that_others_may_use_is_told(mode: int, told: str, home: Path) -> None:
    path = home / ".aliyun" / "config.json"
    path.chmod(mode)
    source = find_source(None, {}, home)
    assert source.file == path
    assert (f"{told} by other users" in exposure(path)) if told else exposure(path) == ""
