"""GitLab. Source: docs.gitlab.com/api (notes, commits, issues)."""

from collections.abc import Callable

from ecsplan.forge.http import ForgeError, Http
from ecsplan.forge.place import Place, quoted
from ecsplan.forge.site import LABEL, Comment, Issue, Proposal, Verdict, cut

_STATES = {"failure": "failed", "error": "failed"}


class GitLab:
    longest = 1_000_000

    def __init__(self, place: Place, token: str, sleep: Callable[[float], None]) -> None:
        self._place = place
        self._http = Http(place.api, {"PRIVATE-TOKEN": token}, sleep)
        self._project = f"/projects/{quoted(place.repository)}"
        self._notes = f"{self._project}/merge_requests/{place.change}/notes"

    def comments(self) -> list[Comment]:
        us = self._http.send("GET", "/user")["id"]
        found = self._http.pages(self._notes, sort="desc")
        return [
            Comment(str(one["id"]), str(one["body"] or ""), (one.get("author") or {}).get("id") == us)
            for one in found
            if not one.get("system")
        ]

    def say(self, body: str) -> str:
        return str(self._http.send("POST", self._notes, {"body": body})["id"])

    def change(self, comment: str, body: str) -> None:
        self._http.send("PUT", f"{self._notes}/{comment}", {"body": body})

    def judge(self, verdict: Verdict) -> bool:
        state = _STATES.get(verdict.state, verdict.state)
        status = {"state": state, "name": verdict.context, "description": cut(verdict.text, 255)}
        if verdict.url:
            status["target_url"] = verdict.url
        try:
            self._http.send("POST", f"{self._project}/statuses/{self._place.sha}", status)
        except ForgeError as error:
            if error.status != 400 or "transition" not in str(error):  # the same state again is refused
                raise
        return True

    def issues(self) -> list[Issue]:
        us = self._http.send("GET", "/user")["id"]
        found = self._http.pages(f"{self._project}/issues", state="opened", labels=LABEL)
        return [
            Issue(
                str(one["iid"]), str(one["title"]), str(one.get("description") or ""),
                (one.get("author") or {}).get("id") == us,
            )
            for one in found
        ]  # fmt: skip

    def open_issue(self, title: str, body: str) -> str:
        said = {"title": title, "description": body, "labels": LABEL}
        return str(self._http.send("POST", f"{self._project}/issues", said)["iid"])

    def change_issue(self, issue: str, title: str, body: str, closes: bool) -> None:
        state = {"state_event": "close"} if closes else {}
        said = {"title": title, "description": body, **state}
        self._http.send("PUT", f"{self._project}/issues/{issue}", said)

    def request(self, head: str) -> str:
        found = self._http.pages(f"{self._project}/merge_requests", state="opened", source_branch=head)
        own = (one for one in found if one["source_project_id"] == one["target_project_id"])  # a fork may have it too
        return next((str(one["iid"]) for one in own if one["source_branch"] == head), "")

    def open_request(self, proposal: Proposal) -> str:
        said = {
            "title": proposal.title, "description": proposal.body, "source_branch": proposal.head,
            "target_branch": proposal.base, "remove_source_branch": True,
        }  # fmt: skip
        return str(self._http.send("POST", f"{self._project}/merge_requests", said)["iid"])

    def change_request(self, number: str, title: str, body: str, closes: bool) -> None:
        state = {"state_event": "close"} if closes else {}
        said = {"title": title, "description": body, **state}
        self._http.send("PUT", f"{self._project}/merge_requests/{number}", said)
