"""Which site, repository, change and commit a run of a CI system is for, by its variables. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

SITES = ("github", "gitlab", "gitea", "gitee", "codeup")
TOKENS: Mapping[str, tuple[str, ...]] = {
    "github": ("GITHUB_TOKEN", "GH_TOKEN"),
    "gitlab": ("GITLAB_TOKEN",),
    "gitea": ("GITEA_TOKEN", "FORGEJO_TOKEN"),
    "gitee": ("GITEE_TOKEN",),
    "codeup": ("CODEUP_TOKEN", "YUNXIAO_TOKEN"),
}
"""Where the token is looked for, after ECSPLAN_FORGE_TOKEN. GitLab's CI_JOB_TOKEN cannot write comments."""
ANY_TOKEN = "ECSPLAN_FORGE_TOKEN"
_APIS = {
    "github": "https://api.github.com",
    "gitlab": "https://gitlab.com/api/v4",
    "gitee": "https://gitee.com/api/v5",
    "codeup": "https://openapi-rdc.aliyuncs.com/oapi/v1",
}
_REPOSITORY = re.compile(r"[\w.-]+(/[\w.-]+)*\Z", re.ASCII)
_SHA = re.compile(r"[0-9a-f]{7,64}\Z")
_REMOTE = re.compile(r"(?:[a-z+]+://(?:[^/@]*@)?[^/]+/|[^/@:]+@[^/:]+:)(?P<path>.+?)(?:\.git)?/?\Z")


class Place(Struct, frozen=True):
    """Where a comment goes. `api` is the base of the site's API; `change` is the number of the pull request."""

    site: str = ""
    api: str = ""
    repository: str = ""
    change: str = ""
    sha: str = ""
    job_url: str = ""
    branch: str = ""  # the source of the change, where a CI system tells no number


class UnknownPlace(ValueError):
    """The message says what is missing, and how it is given."""


def found_in(environ: Mapping[str, str], event: str = "") -> Place:
    """What the variables of a CI system tell; `event` is the text of the file that GitHub and Gitea name."""
    if environ.get("GITEA_ACTIONS") == "true" or environ.get("FORGEJO_ACTIONS") == "true":
        return _actions("gitea", environ, event)
    if environ.get("GITHUB_ACTIONS") == "true":
        return _actions("github", environ, event)
    if environ.get("GITLAB_CI") == "true":
        sha = environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environ.get("CI_COMMIT_SHA", "")
        return Place(
            "gitlab", environ.get("CI_API_V4_URL", ""), environ.get("CI_PROJECT_ID", ""),
            environ.get("CI_MERGE_REQUEST_IID", ""), sha, environ.get("CI_JOB_URL", ""),
        )  # fmt: skip
    if "GITEE_PIPELINE_BUILD_NUMBER" in environ:
        sha = environ.get("GITEE_SOURCE_COMMIT") or environ.get("GITEE_COMMIT", "")
        return Place("gitee", "", environ.get("GITEE_REPO", ""), environ.get("GITEE_PULL_ID", ""), sha)
    if environ.get("CI_SYSTEM_NAME", environ.get("CI")) == "woodpecker":
        return _woodpecker(environ)
    if "PIPELINE_ID" in environ and "BUILD_NUMBER" in environ and "CI_COMMIT_SHA" in environ:
        return Place("codeup", sha=environ["CI_COMMIT_SHA"], branch=environ.get("CI_COMMIT_REF_NAME", ""))
    if "JENKINS_URL" in environ:
        remote = repository_of(environ.get("GIT_URL", ""))
        number = environ.get("CHANGE_ID") or environ.get("gitlabMergeRequestIid") or environ.get("ghprbPullId", "")
        return Place("", "", remote, number, environ.get("GIT_COMMIT", ""), environ.get("BUILD_URL", ""))
    return Place()


def _actions(site: str, environ: Mapping[str, str], event: str) -> Place:
    """GitHub's variables, which Gitea and Forgejo set too. The commit of GITHUB_SHA is a merge."""
    told = _parsed(event)
    pull = told.get("pull_request") if isinstance(told.get("pull_request"), dict) else {}
    reference = re.match(r"refs/pull/(\d+)/", environ.get("GITHUB_REF", ""))
    number = str(told.get("number") or "") or (reference[1] if reference else "")
    head = (pull or {}).get("head") or {}
    sha = head.get("sha") if isinstance(head, dict) else ""
    server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    job = f"{server}/{repository}/actions/runs/{environ.get('GITHUB_RUN_ID', '')}" if server else ""
    return Place(
        site, environ.get("GITHUB_API_URL", ""), repository, number, str(sha or environ.get("GITHUB_SHA", "")), job
    )


def _parsed(event: str) -> dict[str, Any]:
    try:
        found = json.loads(event or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _woodpecker(environ: Mapping[str, str]) -> Place:
    site = {"forgejo": "gitea"}.get(environ.get("CI_FORGE_TYPE", ""), environ.get("CI_FORGE_TYPE", ""))
    forge = environ.get("CI_FORGE_URL", "").rstrip("/")
    api = "" if site == "github" or not forge else forge + {"gitlab": "/api/v4"}.get(site, "/api/v1")
    return Place(
        site, api, environ.get("CI_REPO", ""), environ.get("CI_COMMIT_PULL_REQUEST", ""),
        environ.get("CI_COMMIT_SHA", ""), environ.get("CI_PIPELINE_URL", ""),
    )  # fmt: skip


def repository_of(remote: str) -> str:
    """`owner/name` of a Git remote; empty for one that has none."""
    found = _REMOTE.match(remote)
    return found["path"] if found else ""


def completed(found: Place, *, needs_change: bool = True, **given: str | None) -> Place:
    """What was found, with what the command line says. Raises UnknownPlace for what is missing or cannot be."""
    place = replace(found, **{name: value for name, value in given.items() if value})
    if place.site not in SITES:
        raise UnknownPlace(f"which site is not known: give --forge, one of {', '.join(SITES)}")
    place = replace(place, api=(place.api or _APIS.get(place.site, "")).rstrip("/"))
    if not place.api:
        raise UnknownPlace(f"the address of {place.site} is not known: give --api, like https://HOST/api/v1")
    if not _is_safe(place.api):
        raise UnknownPlace(f"--api {place.api}: write an https:// address")
    if not _REPOSITORY.match(place.repository):
        raise UnknownPlace("the repository is not known: give --repo OWNER/NAME (codeup: ORGANIZATION/NUMBER)")
    if needs_change and not (place.change.isascii() and place.change.isdigit()):
        raise UnknownPlace("this run is not for a pull request: give --change NUMBER")
    if place.sha and not _SHA.match(place.sha):
        raise UnknownPlace(f"--sha {place.sha} is not a commit")
    return replace(place, job_url=place.job_url if _is_safe(place.job_url) else "")


def _is_safe(url: str) -> bool:
    """Over TLS, or on this machine: a token goes with it."""
    found = urlsplit(url)
    return found.scheme == "https" or (found.scheme == "http" and found.hostname in ("127.0.0.1", "localhost", "::1"))


def quoted(path: str) -> str:
    """A path as one part of a URL."""
    return quote(path, safe="")
