"""Gitee (码云), API v5. It has no commit status for outsiders. Source: gitee.com/api/v5/swagger."""

from ecsplan.forge.github import GitHub, _author
from ecsplan.forge.site import Comment, Verdict


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
