"""The changelog has the version that the package has, and says of each release what users must do."""

import re

from ecsplan import __version__
from tests.docs.pages import ROOT

CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
RELEASES = re.findall(r"^## (\S+).*?\n(.*?)(?=^## |\Z)", CHANGELOG, re.MULTILINE | re.DOTALL)


def test_the_version_of_the_package_has_its_section() -> None:
    assert __version__ in [name for name, _ in RELEASES]


def test_each_release_says_what_users_must_do() -> None:
    assert RELEASES
    assert not [name for name, text in RELEASES if "### What you must do" not in text]
