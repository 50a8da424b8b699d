"""Gitee (码云), API v5. It has no commit status for outsiders. Source: gitee.com/api/v5/swagger."""

from ecsplan.forge.github import GitHub, _author
from ecsplan.forge.site import LABEL, Comment, Verdict


class Gitee(GitHub):
    longest = 65_000  # none is documented

    def _headers(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    def comments(self) -> list[Comment]:
        us = self._us()
        found = self._http.pages(f"{self._repository}/pulls/{self._place.change}/comments")
        return [Comment(str(one["id"]), str(one["body"] or ""), _author(one) == us) for one in found]

    def say(self, body: str) -> str:
        made = self._http.send("POST", f"{self._repository}/pulls/{self._place.change}/comments", {"body": body})
        return str(made["id"])

    def change(self, comment: str, body: str) -> None:
        self._http.send("PATCH", f"{self._repository}/pulls/comments/{comment}", {"body": body})

    def judge(self, verdict: Verdict) -> bool:
        return False

    def open_issue(self, title: str, body: str) -> str:
        owner, name = self._split()
        said = {"repo": name, "title": title, "body": body, "labels": LABEL}
        return str(self._http.send("POST", f"/repos/{owner}/issues", said)["number"])

    def change_issue(self, issue: str, title: str, body: str, closes: bool) -> None:
        owner, name = self._split()
        state = {"state": "closed"} if closes else {}
        self._http.send(
            "PATCH", f"/repos/{owner}/issues/{issue}", {"repo": name, "title": title, "body": body, **state}
        )

    def _from(self, head: str) -> dict[str, str]:
        return {"head": head}

    def _split(self) -> tuple[str, str]:
        """The repository's name goes into the body of what writes an issue."""
        owner, _, name = self._place.repository.partition("/")
        return owner, name
