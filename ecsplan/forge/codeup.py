"""Codeup (云效), OpenAPI. Source: help.aliyun.com/zh/yunxiao (codeup: change requests, their update and close, commit
statuses).

The repository is `ORGANIZATION/NUMBER`.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from ecsplan.forge.http import ForgeError, Http
from ecsplan.forge.place import Place, quoted
from ecsplan.forge.site import Comment, Issue, Proposal, Verdict, cut

_LONGEST_CONTEXT = 50
_LONGEST_TITLE = 256
_LONGEST_DESCRIPTION = 10_000


class Codeup:
    longest = 65_535

    def __init__(self, place: Place, token: str, sleep: Callable[[float], None]) -> None:
        self._place = place
        self._http = Http(place.api, {"x-yunxiao-token": token}, sleep)
        organization, _, repository = place.repository.partition("/")
        self._repository = f"/codeup/organizations/{quoted(organization)}/repositories/{quoted(repository)}"
        self._request = f"{self._repository}/changeRequests/{place.change}"

    def comments(self) -> list[Comment]:
        us = str(self._http.send("GET", "/platform/user")["id"])
        asked = {"comment_type": "GLOBAL_COMMENT", "state": "OPENED", "resolved": False}
        found = self._http.send("POST", f"{self._request}/comments/list", asked)
        return [Comment(str(one["comment_biz_id"]), str(one.get("content") or ""), _author(one) == us) for one in found]

    def say(self, body: str) -> str:
        patches = self._http.send("GET", f"{self._request}/diffs/patches")
        sources = [one for one in patches if one.get("relatedMergeItemType") == "MERGE_SOURCE"]
        if not sources:
            raise ForgeError("the change request has no version to comment on")
        newest = max(sources, key=lambda one: int(one.get("versionNo") or 0))
        said = {
            "comment_type": "GLOBAL_COMMENT", "content": body, "draft": False, "resolved": False,
            "patchset_biz_id": newest["patchSetBizId"],
        }  # fmt: skip
        return str(self._http.send("POST", f"{self._request}/comments", said)["comment_biz_id"])

    def change(self, comment: str, body: str) -> None:
        self._http.send("PUT", f"{self._request}/comments/{quoted(comment)}", {"content": body})

    def judge(self, verdict: Verdict) -> bool:
        status = {"state": verdict.state, "context": _short(verdict.context), "description": cut(verdict.text, 3_000)}
        if verdict.url:
            status["targetUrl"] = verdict.url
        self._http.send("POST", f"{self._repository}/commits/{self._place.sha}/statuses", status)
        return True

    def issues(self) -> list[Issue]:
        raise ForgeError("Codeup has no issues; send drift to a chat with ecsplan notify")

    def open_issue(self, title: str, body: str) -> str:
        raise ForgeError("Codeup has no issues")

    def change_issue(self, issue: str, title: str, body: str, closes: bool) -> None:
        raise ForgeError("Codeup has no issues")

    def request(self, head: str) -> str:
        organization, _, repository = self._place.repository.partition("/")
        path = f"/codeup/organizations/{quoted(organization)}/changeRequests"
        found = self._http.pages(path, "perPage", projectIds=repository, state="opened")
        own = (one for one in found if one["sourceProjectId"] == one["targetProjectId"])  # a fork may have it too
        return next((str(one["localId"]) for one in own if one["sourceBranch"] == head), "")

    def open_request(self, proposal: Proposal) -> str:
        number = self._place.repository.partition("/")[2]
        if not number.isdigit():
            raise ForgeError("Codeup wants the number of the repository: --repo ORGANIZATION/NUMBER")
        said = {
            "title": cut(proposal.title, _LONGEST_TITLE),
            "description": cut(proposal.body, _LONGEST_DESCRIPTION),
            "sourceBranch": proposal.head, "sourceProjectId": int(number),
            "targetBranch": proposal.base, "targetProjectId": int(number),
        }  # fmt: skip
        return str(self._http.send("POST", f"{self._repository}/changeRequests", said)["localId"])

    def change_request(self, number: str, title: str, body: str, closes: bool) -> None:
        path = f"{self._repository}/changeRequests/{number}"
        said = {"title": cut(title, _LONGEST_TITLE), "description": cut(body, _LONGEST_DESCRIPTION)}
        self._done(self._http.send("PUT", path, said), f"update change request {number}")
        if closes:
            self._done(self._http.send("POST", f"{path}/close"), f"close change request {number}")

    def _done(self, answer: Any, what: str) -> None:
        """These answer whether they were carried out, and with 200 where they were not."""
        if not isinstance(answer, dict) or answer.get("result") is not True:
            raise ForgeError(f"Codeup did not {what}")


def change_of(place: Place, token: str, sleep: Callable[[float], None]) -> str:
    """The number of the open change request whose source is the branch of this run; empty if there is none."""
    return Codeup(place, token, sleep).request(place.branch)


def _author(comment: dict[str, Any]) -> str:
    author = comment.get("author") or {}
    return str(author.get("userId") or author.get("id") or "")


def _short(context: str) -> str:
    """Within the limit, and different where the long ones are."""
    if len(context) <= _LONGEST_CONTEXT:
        return context
    return f"{context[:41]}~{hashlib.sha256(context.encode()).hexdigest()[:8]}"
