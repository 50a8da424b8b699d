"""The protocol of a site, and its factory."""

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct

from ecsplan.forge.place import Place

STATES = ("pending", "success", "failure", "error")
LABEL = "ecsplan-drift"


class Comment(Struct, frozen=True):
    """A comment on a change; `is_ours` when the account of the token wrote it."""

    id: str
    body: str
    is_ours: bool


class Issue(Struct, frozen=True):
    """An open issue of the repository; `is_ours` when the account of the token wrote it."""

    id: str
    title: str
    body: str
    is_ours: bool


class Proposal(Struct, frozen=True):
    """A change to be proposed: the branch `head`, which was pushed, is to go into `base`."""

    head: str
    base: str
    title: str
    body: str


class Verdict(Struct, frozen=True):
    """A status of a commit: `state` is one of STATES, `context` what it is the status of."""

    context: str
    state: str
    text: str
    url: str = ""


class Site(Protocol):
    """`longest` is how many characters a comment may have. All raise ForgeError."""

    longest: int

    def comments(self) -> list[Comment]: ...

    def say(self, body: str) -> str:
        """A new comment; its id."""
        ...

    def change(self, comment: str, body: str) -> None: ...

    def judge(self, verdict: Verdict) -> bool:
        """Sets the status of the commit; False where the site has none."""
        ...

    def issues(self) -> list[Issue]:
        """The open ones with the label LABEL, or by our account where labels are numbers. ForgeError without issues."""
        ...

    def open_issue(self, title: str, body: str) -> str:
        """A new issue; its id."""
        ...

    def change_issue(self, issue: str, title: str, body: str, closes: bool) -> None: ...

    def request(self, head: str) -> str:
        """The number of the open pull request from a branch of the repository; empty if there is none."""
        ...

    def open_request(self, proposal: Proposal) -> str:
        """A new pull request; its number."""
        ...

    def change_request(self, number: str, title: str, body: str, closes: bool) -> None: ...


Make = Callable[[Place, str, Callable[[float], None]], Site]


def makers() -> Mapping[str, Make]:
    """Each site by its name."""
    from ecsplan.forge import codeup, gitea, gitee, github, gitlab

    return {
        "github": github.GitHub,
        "gitlab": gitlab.GitLab,
        "gitea": gitea.Gitea,
        "gitee": gitee.Gitee,
        "codeup": codeup.Codeup,
    }


def cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
