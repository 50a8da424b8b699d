"""A site in a thread that answers like each of the five, from their documentation; it keeps what it was sent.

It refuses what they refuse: no token, a path or method that is not theirs, a comment beyond the limit, members that are
missing.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "tk-secret-1"
US, OTHER = "bot", "mallory"
LIMITS = {"github": 65_536, "gitlab": 1_000_000, "gitea": 1_000_000, "gitee": 1_000_000, "codeup": 65_535}


@dataclass
class Fake:
    """`comments` are (id, author, body); `statuses` what was sent for a commit; `fail` answers instead, once each."""

    site: str
    comments: list[tuple[int, str, str]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    fail: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    may_ask_who: bool = True

    def answer(self, method: str, target: str, headers: Any, body: Any) -> tuple[int, dict[str, str], Any]:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        self.calls.append(f"{method} {path}")
        if self.fail:
            status, more = self.fail.pop(0)
            return status, more, {"message": "not now"}
        if not self._is_allowed(headers):
            return 401, {}, {"message": "Bad credentials"}
        for wanted, pattern, then in ROUTES[self.site]:
            found = re.fullmatch(pattern, path)
            if found and wanted == method:
                return then(self, found, query, body)
        return 404, {}, {"message": "Not Found"}

    def _is_allowed(self, headers: Any) -> bool:
        wanted = {
            "github": ("Authorization", f"Bearer {TOKEN}"), "gitlab": ("PRIVATE-TOKEN", TOKEN),
            "gitea": ("Authorization", f"token {TOKEN}"), "gitee": ("Authorization", f"Bearer {TOKEN}"),
            "codeup": ("x-yunxiao-token", TOKEN),
        }[self.site]  # fmt: skip
        return bool(headers.get(wanted[0]) == wanted[1])

    def shown(self, one: tuple[int, str, str]) -> dict[str, Any]:
        number, author, body = one
        if self.site == "gitlab":
            return {"id": number, "body": body, "author": {"id": len(author)}, "system": False}
        if self.site == "codeup":
            return {"comment_biz_id": f"biz{number}", "content": body, "author": {"userId": author}}
        return {"id": number, "body": body, "user": {"login": author}}

    def add(self, body: str, author: str = US) -> int:
        self.comments.append((len(self.comments) + 1, author, body))
        return len(self.comments)

    def issue(self, number: int) -> dict[str, Any]:
        """As the site shows it."""
        one = self.issues[number - 1]
        if self.site == "gitlab":
            author = {"id": len(one["author"])}
            return {"iid": number, "title": one["title"], "description": one["body"], "author": author}
        named = f"I{number}" if self.site == "gitee" else number
        return {"number": named, "title": one["title"], "body": one["body"], "user": {"login": one["author"]}}

    def add_issue(self, title: str, body: str, author: str = US, labels: Any = ("ecsplan-drift",)) -> int:
        self.issues.append({"title": title, "body": body, "author": author, "labels": labels, "is_open": True})
        return len(self.issues)

    def pull(self, number: int) -> dict[str, Any]:
        """As the site shows it."""
        one = self.pulls[number - 1]
        if self.site == "gitlab":
            return {"iid": number, "title": one["title"], "source_branch": one["head"],
                    "source_project_id": 5 if one["is_fork"] else 3, "target_project_id": 3}  # fmt: skip
        if self.site == "codeup":
            return {"localId": number, "title": one["title"], "sourceBranch": one["head"],
                    "sourceProjectId": 43 if one["is_fork"] else 42, "targetProjectId": 42}  # fmt: skip
        of = "mallory/r" if one["is_fork"] else "o/r"
        return {"number": number, "title": one["title"], "head": {"ref": one["head"], "repo": {"full_name": of}}}

    def add_pull(self, head: str, base: str = "main", title: str = "", body: str = "", is_fork: bool = False) -> int:
        self.pulls.append({"head": head, "base": base, "title": title, "body": body, "is_open": True,
                           "is_fork": is_fork})  # fmt: skip
        return len(self.pulls)


Answer = tuple[int, dict[str, str], Any]
Then = Callable[[Fake, Any, dict[str, list[str]], Any], Answer]


def _who(fake: Fake, found: Any, query: Any, body: Any) -> Answer:
    if not fake.may_ask_who:
        return 403, {}, {"message": "Resource not accessible by integration"}
    return 200, {}, {"login": US, "id": US if fake.site == "codeup" else len(US)}


def _page(fake: Fake, found: Any, query: dict[str, list[str]], body: Any) -> Answer:
    size = int(query.get("per_page", query.get("limit", ["30"]))[0])
    assert size <= (50 if fake.site == "gitea" else 100)
    at = (int(query["page"][0]) - 1) * size
    return 200, {}, [fake.shown(one) for one in fake.comments[at : at + size]]


def _all(fake: Fake, found: Any, query: Any, body: Any) -> Answer:
    if body.get("comment_type") != "GLOBAL_COMMENT":
        return 400, {}, {"errorMessage": "comment_type"}
    return 200, {}, [fake.shown(one) for one in fake.comments]


def _say(fake: Fake, found: Any, query: Any, body: Any) -> Answer:
    text = body["content"] if fake.site == "codeup" else body["body"]
    if fake.site == "codeup" and body.get("patchset_biz_id") != "patch2":
        return 400, {}, {"errorMessage": "patchset_biz_id is required"}
    if len(text) > LIMITS[fake.site]:
        return 422, {}, {"message": "body is too long"}
    return 201, {}, fake.shown(fake.comments[fake.add(text) - 1])


def _change(fake: Fake, found: Any, query: Any, body: Any) -> Answer:
    number = int(found["id"].removeprefix("biz"))
    _, author, _ = fake.comments[number - 1]
    if author != US:
        return 403, {}, {"message": "not yours"}
    text = body["content"] if fake.site == "codeup" else body["body"]
    fake.comments[number - 1] = (number, author, text)
    return 200, {}, fake.shown(fake.comments[number - 1])


def _change_requests(fake: Fake, found: Any, query: dict[str, list[str]], body: Any) -> Answer:
    if query.get("projectIds") != ["42"] or query.get("state") != ["opened"]:
        return 400, {}, {"errorMessage": "projectIds and state"}
    shown = [fake.pull(number) for number, one in enumerate(fake.pulls, start=1) if one["is_open"]]
    found = [{"localId": 6, "sourceBranch": "other"}, {"localId": 7, "sourceBranch": "change"}]
    return 200, {}, [{**one, "sourceProjectId": 42, "targetProjectId": 42} for one in found] + shown


def _patches(fake: Fake, found: Any, query: Any, body: Any) -> Answer:
    return 200, {}, [
        {"patchSetBizId": "patch1", "versionNo": 1, "relatedMergeItemType": "MERGE_SOURCE"},
        {"patchSetBizId": "target", "versionNo": 9, "relatedMergeItemType": "MERGE_TARGET"},
        {"patchSetBizId": "patch2", "versionNo": 2, "relatedMergeItemType": "MERGE_SOURCE"},
    ]  # fmt: skip


def _status(fake: Fake, found: Any, query: Any, body: Any) -> Answer:
    state = {"github": 140, "gitea": 1000, "gitlab": 255, "codeup": 3000}[fake.site]
    if len(body["description"]) > state:
        return 422, {}, {"message": "description is too long"}
    if fake.site == "gitlab" and any(one["state"] == body["state"] for one in fake.statuses):
        return 400, {}, {"message": "Cannot transition status via :enqueue"}
    fake.statuses.append({"sha": found["sha"], **body})
    return 201, {}, {}


def _issues(fake: Fake, found: Any, query: dict[str, list[str]], body: Any) -> Answer:
    """The open ones that the filters of the site let through; GitHub lists pull requests too."""
    if query["state"] != ["opened" if fake.site == "gitlab" else "open"]:
        return 400, {}, {"message": "state"}
    size = int(query.get("per_page", query.get("limit", ["30"]))[0])
    numbers = [number for number, one in enumerate(fake.issues, start=1) if one["is_open"] and _fits(one, query)]
    at = (int(query["page"][0]) - 1) * size
    shown = [fake.issue(number) for number in numbers]
    if fake.site == "github":
        shown.append({**(shown[-1] if shown else {"number": 9, "title": "", "body": ""}), "pull_request": {"url": "x"}})
    return 200, {}, shown[at : at + size]


def _fits(one: dict[str, Any], query: dict[str, list[str]]) -> bool:
    if "created_by" in query:
        return bool(one["author"] == query["created_by"][0])
    return query["labels"][0] in one["labels"]


def _open_issue(fake: Fake, found: Any, query: Any, body: Any) -> Answer:
    if fake.site == "gitee" and body.get("repo") != "r":
        return 400, {}, {"message": "repo is missing"}
    if fake.site == "gitea" and any(not isinstance(label, int) for label in body.get("labels", [])):
        return 422, {}, {"message": "labels are numbers"}
    text = body["description" if fake.site == "gitlab" else "body"]
    if len(text) > LIMITS[fake.site]:
        return 422, {}, {"message": "body is too long"}
    labels = body.get("labels", [])
    number = fake.add_issue(body["title"], text, labels=labels.split(",") if isinstance(labels, str) else labels)
    return 201, {}, fake.issue(number)


def _change_issue(fake: Fake, found: Any, query: Any, body: Any) -> Answer:
    one = fake.issues[int(found["id"].removeprefix("I")) - 1]
    one["title"], one["body"] = body["title"], body["description" if fake.site == "gitlab" else "body"]
    if body.get("state") == "closed" or body.get("state_event") == "close":
        one["is_open"] = False
    return 200, {}, fake.issue(int(found["id"].removeprefix("I")))


def _pulls(fake: Fake, found: Any, query: dict[str, list[str]], body: Any) -> Answer:
    """The open ones; all but Gitea look for a branch, GitHub together with its owner."""
    if query["state"] != ["opened" if fake.site in ("gitlab", "codeup") else "open"]:
        return 400, {}, {"message": "state"}
    if fake.site == "gitea" and "head" in query:
        return 400, {}, {"message": "head is not known"}
    asked = query.get("source_branch", query.get("head", [""]))[0]
    if fake.site == "github" and not asked.startswith("o:"):
        return 200, {}, [fake.pull(number + 1) for number in range(len(fake.pulls))]  # the filter is not used
    branch = asked.removeprefix("o:")
    shown = [fake.pull(number) for number, one in enumerate(fake.pulls, start=1)
             if one["is_open"] and (not branch or one["head"] == branch)]  # fmt: skip
    return 200, {}, shown


def _open_pull(fake: Fake, found: Any, query: Any, body: Any) -> Answer:
    if fake.site == "codeup" and (body["sourceProjectId"], body["targetProjectId"]) != (42, 42):
        return 400, {}, {"errorMessage": "sourceProjectId and targetProjectId"}
    head = body.get("head") or body.get("source_branch") or body.get("sourceBranch")
    base = body.get("base") or body.get("target_branch") or body.get("targetBranch")
    text = body.get("body") or body.get("description")
    if not (head and base and body["title"] and text) or len(text) > LIMITS[fake.site]:
        return 422, {}, {"message": "Validation Failed"}
    if any(one["is_open"] and one["head"] == head and not one["is_fork"] for one in fake.pulls):
        return 409, {}, {"message": "there is one already"}
    return 201, {}, fake.pull(fake.add_pull(head, base, body["title"], text))


def _change_pull(fake: Fake, found: Any, query: Any, body: Any) -> Answer:
    one = fake.pulls[int(found["id"]) - 1]
    one["title"], one["body"] = body["title"], body["description" if fake.site == "gitlab" else "body"]
    if body.get("state") == "closed" or body.get("state_event") == "close":
        one["is_open"] = False
    return 200, {}, fake.pull(int(found["id"]))


def _change_change_request(fake: Fake, found: Any, query: Any, body: Any) -> Answer:
    if len(body["title"]) > 256 or len(body["description"]) > 10_000:
        return 400, {}, {"errorMessage": "title or description is too long"}
    one = fake.pulls[int(found["id"]) - 1]
    if one["is_open"]:
        one["title"], one["body"] = body["title"], body["description"]
    return 200, {}, {"result": one["is_open"]}


def _close_change_request(fake: Fake, found: Any, query: Any, body: Any) -> Answer:
    one = fake.pulls[int(found["id"]) - 1]
    was_open, one["is_open"] = one["is_open"], False
    return 200, {}, {"result": was_open}


def _with_pulls(pulls: str, method: str = "PATCH") -> list[tuple[str, str, Then]]:
    return [("GET", pulls, _pulls), ("POST", pulls, _open_pull), (method, pulls + r"/(?P<id>\d+)", _change_pull)]


def _with_issues(repository: str, issues: str, method: str = "PATCH") -> list[tuple[str, str, Then]]:
    return [
        ("GET", repository + "/issues", _issues),
        ("POST", issues, _open_issue),
        (method, issues + r"/(?P<id>I?\d+)", _change_issue),
    ]


def _routes(repository: str, list_: str, say: str, change: tuple[str, str]) -> list[tuple[str, str, Then]]:
    return [
        ("GET", "/user", _who),
        ("GET", repository + list_, _page),
        ("POST", repository + say, _say),
        (change[0], repository + change[1], _change),
        ("POST", repository + "/statuses/(?P<sha>[0-9a-f]+)", _status),
    ]


ISSUES, PULLS, NOTES = "/issues/7/comments", "/pulls/7/comments", "/merge_requests/7/notes"
CODEUP = "/codeup/organizations/org/repositories/42"
GITHUB = ("PATCH", r"/issues/comments/(?P<id>\d+)")
ROUTES: dict[str, list[tuple[str, str, Then]]] = {
    "github": _routes("/repos/o/r", ISSUES, ISSUES, GITHUB) + _with_issues("/repos/o/r", "/repos/o/r/issues")
    + _with_pulls("/repos/o/r/pulls"),
    "gitea": _routes("/repos/o/r", ISSUES, ISSUES, GITHUB) + _with_issues("/repos/o/r", "/repos/o/r/issues")
    + _with_pulls("/repos/o/r/pulls"),
    "gitee": _routes("/repos/o/r", PULLS, PULLS, ("PATCH", r"/pulls/comments/(?P<id>\d+)"))[:4]
    + _with_issues("/repos/o/r", "/repos/o/issues") + _with_pulls("/repos/o/r/pulls"),
    "gitlab": _routes("/projects/o%2Fr", NOTES, NOTES, ("PUT", rf"{NOTES}/(?P<id>\d+)"))
    + _with_issues("/projects/o%2Fr", "/projects/o%2Fr/issues", "PUT")
    + _with_pulls("/projects/o%2Fr/merge_requests", "PUT"),
    "codeup": [
        ("GET", "/platform/user", _who),
        ("GET", "/codeup/organizations/org/changeRequests", _change_requests),
        ("POST", CODEUP + "/changeRequests/7/comments/list", _all),
        ("GET", CODEUP + "/changeRequests/7/diffs/patches", _patches),
        ("POST", CODEUP + "/changeRequests", _open_pull),
        ("PUT", CODEUP + r"/changeRequests/(?P<id>\d+)", _change_change_request),
        ("POST", CODEUP + r"/changeRequests/(?P<id>\d+)/close", _close_change_request),
        ("POST", CODEUP + "/changeRequests/7/comments", _say),
        ("PUT", CODEUP + r"/changeRequests/7/comments/(?P<id>\w+)", _change),
        ("POST", CODEUP + "/commits/(?P<sha>[0-9a-f]+)/statuses", _status),
    ],
}  # fmt: skip


@contextmanager
def serving(site: str) -> Iterator[Fake]:
    fake = Fake(site)

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, more, answer = fake.answer(self.command, self.path, self.headers, body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_PUT = handle_one

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
