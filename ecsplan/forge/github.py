"""GitHub, and GitHub Enterprise Server. Source: docs.github.com/rest (issues/comments, commits/statuses)."""

from collections.abc import Callable

from ecsplan.forge.http import ForgeError, Http
from ecsplan.forge.place import Place
from ecsplan.forge.site import Comment, Verdict, cut

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


def _author(comment: dict[str, dict[str, str]]) -> str:
    return str((comment.get("user") or {}).get("login", ""))
