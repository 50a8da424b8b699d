"""The pipelines of examples/gitops as what their runners would run: the scripts of each part, and its variables."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
GITOPS = ROOT / "examples" / "gitops"
PARTS = ("review", "plan", "apply", "drift")


@dataclass(frozen=True)
class Pipeline:
    """`shell` is what runs each script of a part; `environ` what the CI system sets."""

    site: str
    shell: tuple[str, ...]
    parts: Mapping[str, list[str]]
    environ: Mapping[str, str]

    @property
    def repository(self) -> str:
        return "org/42" if self.site == "codeup" else "o/r"


def _read(name: str) -> Any:
    return yaml.safe_load((GITOPS / name).read_text(encoding="utf-8"))


def github() -> Pipeline:
    jobs = _read("github/.github/workflows/ecsplan.yml")["jobs"]
    parts = {part: [step["run"] for step in jobs[part]["steps"] if "run" in step] for part in PARTS}
    environ = {
        "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_SHA": "b" * 40, "GITHUB_TOKEN": "tk-secret-1", "STACK": "stacks/web", "ECSPLAN_VERSION": "0.1.0",
    }  # fmt: skip
    return Pipeline("github", ("bash", "-e"), parts, environ)


def gitlab() -> Pipeline:
    document = _read("gitlab/.gitlab-ci.yml")
    before = document[".cloud"]["before_script"]
    parts = {part: ["\n".join([*before, *document[part]["script"]])] for part in PARTS}
    environ = {
        "GITLAB_CI": "true", "CI_PROJECT_ID": "o/r", "CI_MERGE_REQUEST_IID": "7", "CI_COMMIT_SHA": "b" * 40,
        "GITLAB_TOKEN": "tk-secret-1", "STACK": "stacks/web", "ECSPLAN_VERSION": "0.1.0",
        "ALIBABA_ID_TOKEN": "a.b.c",
    }  # fmt: skip
    return Pipeline("gitlab", ("sh", "-e"), parts, environ)


def gitee() -> Pipeline:
    def steps(name: str, stage: int = 0) -> list[str]:
        step = _read(f"gitee/.workflow/ecsplan-{name}.yml")["stages"][stage]["steps"][0]
        return ["\n".join(step.get("commands") or step["script"])]

    parts = {"review": steps("review"), "plan": steps("apply"), "apply": steps("apply", 1), "drift": steps("drift")}
    environ = {
        "GITEE_PIPELINE_BUILD_NUMBER": "3", "GITEE_REPO": "r", "GITEE_PULL_ID": "7", "GITEE_SOURCE_COMMIT": "b" * 40,
        "GITEE_TOKEN": "tk-secret-1", "GITEE_COMMIT": "main",
    }  # fmt: skip
    return Pipeline("gitee", ("sh", "-e"), _renamed(parts, "example/infrastructure", "o/r"), environ)


def codeup() -> Pipeline:
    def steps(name: str, job: str) -> list[str]:
        found = _read(f"codeup/{name}.yml")["stages"][job]["jobs"][job if job != "review" else "plan"]["steps"]
        return [step["with"]["run"] for step in found.values() if "run" in step["with"]]

    parts = {
        "review": steps("review", "review"), "plan": steps("apply", "plan"), "apply": steps("apply", "apply"),
        "drift": steps("drift", "drift"),
    }  # fmt: skip
    environ = {
        "PIPELINE_ID": "1", "BUILD_NUMBER": "3", "CI_COMMIT_SHA": "b" * 40, "CI_COMMIT_REF_NAME": "change",
        "CODEUP_TOKEN": "tk-secret-1",
    }  # fmt: skip
    return Pipeline("codeup", ("sh", "-e"), _renamed(parts, "ORGANIZATION/42", "org/42"), environ)


def jenkins() -> Pipeline:
    text = (GITOPS / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")
    scripts = re.findall(r"sh '''\n(.*?)'''", text, re.DOTALL)
    parts = {part: [script.replace("\\\\", "\\")] for part, script in zip(PARTS, scripts, strict=True)}
    environ = {
        "JENKINS_URL": "https://ci.example/", "GIT_URL": "https://gitlab.example.com/o/r.git", "CHANGE_ID": "7",
        "GIT_COMMIT": "b" * 40, "ECSPLAN_FORGE_TOKEN": "tk-secret-1", "STACK": "stacks/web", "FORGE": "gitlab",
        "READER_USR": "reader", "READER_PSW": "reader-secret",
    }  # fmt: skip
    return Pipeline("gitlab", ("sh", "-e"), parts, environ)


def _renamed(parts: Mapping[str, list[str]], old: str, new: str) -> dict[str, list[str]]:
    return {part: [script.replace(old, new) for script in scripts] for part, scripts in parts.items()}


EVERY: Mapping[str, Callable[[], Pipeline]] = {
    "github": github, "gitlab": gitlab, "gitee": gitee, "codeup": codeup, "jenkins": jenkins,
}  # fmt: skip
