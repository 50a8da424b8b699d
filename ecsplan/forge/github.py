"""GitHub, and GitHub Enterprise Server. Source: docs.github.com/rest (issues/comments, commits/statuses, issues)."""

from collections.abc import Callable
from typing import Any

from ecsplan.forge.http import ForgeError, Http
from ecsplan.forge.place import Place
from ecsplan.forge.site import LABEL, Comment, Issue, Proposal, Verdict, cut

_ACTIONS = "github-actions[bot]"  # who writes with the token of a workflow, which may not ask who it is


class GitHub:
    longest = 65_536
    _path = "/repos/{}"
    _page = "per_page"
    _most = 100

    def __init__(self, place: Place, token: str, sleep: Callable[[float], None]) -> None:
        self._place = place
        self._http = Http(place.api, self._headers(token), sleep)
        self._repository = self._path.format(place.repository)

    def _headers(self, token: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }

    def _us(self) -> str:
        try:
            return str(self._http.send("GET", "/user")["login"])
        except ForgeError as error:
            if error.status in (401, 403):
                return _ACTIONS
            raise

    def comments(self) -> list[Comment]:
        us = self._us()
        found = self._http.pages(f"{self._repository}/issues/{self._place.change}/comments", self._page, self._most)
        return [Comment(str(one["id"]), str(one["body"] or ""), _author(one) == us) for one in found]

    def say(self, body: str) -> str:
        made = self._http.send("POST", f"{self._repository}/issues/{self._place.change}/comments", {"body": body})
        return str(made["id"])

    def change(self, comment: str, body: str) -> None:
        self._http.send("PATCH", f"{self._repository}/issues/comments/{comment}", {"body": body})

    def judge(self, verdict: Verdict) -> bool:
        status = {"state": verdict.state, "context": verdict.context, "description": cut(verdict.text, 140)}
        if verdict.url:
            status["target_url"] = verdict.url
        self._http.send("POST", f"{self._repository}/statuses/{self._place.sha}", status)
        return True

    def issues(self) -> list[Issue]:
        us = self._us()
        found = self._http.pages(f"{self._repository}/issues", self._page, self._most, **self._which(us))
        return [
            Issue(str(one["number"]), str(one["title"]), str(one.get("body") or ""), _author(one) == us)
            for one in found
            if not one.get("pull_request")  # GitHub lists pull requests among the issues
        ]

    def _which(self, us: str) -> dict[str, str]:
        return {"state": "open", "labels": LABEL}

    def open_issue(self, title: str, body: str) -> str:
        made = self._http.send("POST", f"{self._repository}/issues", self._labelled(title, body))
        return str(made["number"])

    def _labelled(self, title: str, body: str) -> dict[str, object]:
        return {"title": title, "body": body, "labels": [LABEL]}

    def change_issue(self, issue: str, title: str, body: str, closes: bool) -> None:
        state = {"state": "closed"} if closes else {}
        self._http.send("PATCH", f"{self._repository}/issues/{issue}", {"title": title, "body": body, **state})

    def request(self, head: str) -> str:
        """Of the repository itself: a fork may have a branch of that name too."""
        path = f"{self._repository}/pulls"
        found = self._http.pages(path, self._page, self._most, state="open", **self._from(head))
        return next((str(one["number"]) for one in found if self._is_from(one, head)), "")

    def _from(self, head: str) -> dict[str, str]:
        return {"head": f"{self._place.repository.partition('/')[0]}:{head}"}

    def _is_from(self, one: dict[str, Any], head: str) -> bool:
        source = one.get("head") or {}
        of = str((source.get("repo") or {}).get("full_name", ""))
        return bool(source.get("ref") == head) and of.casefold() == self._place.repository.casefold()

    def open_request(self, proposal: Proposal) -> str:
        said = {"title": proposal.title, "body": proposal.body, "head": proposal.head, "base": proposal.base}
        return str(self._http.send("POST", f"{self._repository}/pulls", said)["number"])

    def change_request(self, number: str, title: str, body: str, closes: bool) -> None:
        state = {"state": "closed"} if closes else {}
        self._http.send("PATCH", f"{self._repository}/pulls/{number}", {"title": title, "body": body, **state})


def _author(comment: dict[str, dict[str, str]]) -> str:
    return str((comment.get("user") or {}).get("login", ""))
