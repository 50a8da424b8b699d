"""Which change a run is for: the variables of each CI system, and what the command line adds."""

import json

import pytest

from ecsplan.forge.place import Place, UnknownPlace, completed, found_in, repository_of

EVENT = json.dumps({"number": 7, "pull_request": {"head": {"sha": "b" * 40}}})
ACTIONS = {
    "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "o/r", "GITHUB_API_URL": "https://api.github.com",
    "GITHUB_SERVER_URL": "https://github.com", "GITHUB_SHA": "c" * 40, "GITHUB_RUN_ID": "9",
    "GITHUB_REF": "refs/pull/7/merge",
}  # fmt: skip
JOB = "https://github.com/o/r/actions/runs/9"


@pytest.mark.parametrize(
    ("environ", "event", "place"),
    [
        (ACTIONS, EVENT, Place("github", "https://api.github.com", "o/r", "7", "b" * 40, JOB)),
        (ACTIONS, "", Place("github", "https://api.github.com", "o/r", "7", "c" * 40, JOB)),
        (ACTIONS, "not json", Place("github", "https://api.github.com", "o/r", "7", "c" * 40, JOB)),
        ({**ACTIONS, "GITEA_ACTIONS": "true", "GITHUB_API_URL": "https://g.example/api/v1"}, EVENT,
         Place("gitea", "https://g.example/api/v1", "o/r", "7", "b" * 40, JOB)),
        ({"GITLAB_CI": "true", "CI_API_V4_URL": "https://l.example/api/v4", "CI_PROJECT_ID": "5",
          "CI_MERGE_REQUEST_IID": "3", "CI_COMMIT_SHA": "d" * 40, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "e" * 40,
          "CI_JOB_URL": "https://l.example/j/1"}, "",
         Place("gitlab", "https://l.example/api/v4", "5", "3", "e" * 40, "https://l.example/j/1")),
        ({"GITEE_PIPELINE_BUILD_NUMBER": "1", "GITEE_REPO": "r", "GITEE_PULL_ID": "4", "GITEE_COMMIT": "1" * 40,
          "GITEE_SOURCE_COMMIT": "f" * 40}, "", Place("gitee", "", "r", "4", "f" * 40)),
        ({"PIPELINE_ID": "1", "BUILD_NUMBER": "2", "CI_COMMIT_SHA": "a" * 40}, "", Place("codeup", sha="a" * 40)),
        ({"CI": "woodpecker", "CI_FORGE_TYPE": "forgejo", "CI_FORGE_URL": "https://c.example", "CI_REPO": "o/r",
          "CI_COMMIT_PULL_REQUEST": "8", "CI_COMMIT_SHA": "a" * 40}, "",
         Place("gitea", "https://c.example/api/v1", "o/r", "8", "a" * 40)),
        ({"JENKINS_URL": "x", "GIT_URL": "git@h.example:o/r.git", "CHANGE_ID": "2", "GIT_COMMIT": "a" * 40}, "",
         Place("", "", "o/r", "2", "a" * 40)),
        ({}, "", Place()),
    ],
)  # fmt: skip
def test_each_system_is_known_by_its_variables(environ: dict[str, str], event: str, place: Place) -> None:
    assert found_in(environ, event) == place


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"site": None}, "give --forge"),
        ({"repository": None}, "give --repo"),
        ({"repository": "o/r?x"}, "give --repo"),
        ({"change": None}, "give --change"),
        ({"change": "7/../8"}, "give --change"),
        ({"change": "²"}, "give --change"),
        ({"sha": "HEAD"}, "is not a commit"),
        ({"api": "http://api.example"}, "write an https:// address"),
        ({"api": "file:///etc/passwd"}, "write an https:// address"),
        ({"site": "gitea"}, "give --api"),
    ],
)
def test_what_is_missing_or_cannot_be_is_said(given: dict[str, str | None], told: str) -> None:
    whole = {"site": "github", "repository": "o/r", "change": "7", "sha": "a" * 40, **given}
    with pytest.raises(UnknownPlace, match=told):
        completed(Place(), **whole)


def test_a_link_that_is_none_is_left_out() -> None:
    found = completed(Place(job_url="javascript:alert(1)"), site="github", repository="o/r", change="7")
    assert found.job_url == ""


@pytest.mark.parametrize(
    ("remote", "repository"),
    [
        ("https://user:secret@gitee.com/o/r.git", "o/r"), ("git@codeup.aliyun.com:org/group/r.git", "org/group/r"),
        ("ssh://git@h.example:22/o/r", "o/r"), ("nonsense", ""),
    ],
)  # fmt: skip
def test_a_remote_names_the_repository(remote: str, repository: str) -> None:
    assert repository_of(remote) == repository
