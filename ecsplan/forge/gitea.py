"""Gitea and Forgejo: like GitHub, with another header and smaller pages. Source: the Swagger page of a server."""

from ecsplan.forge.github import GitHub


class Gitea(GitHub):
    longest = 65_536  # none is documented
    _page = "limit"
    _most = 50

    def _headers(self, token: str) -> dict[str, str]:
        return {"Authorization": f"token {token}"}

    def _which(self, us: str) -> dict[str, str]:
        return {"state": "open", "type": "issues", "created_by": us}

    def _labelled(self, title: str, body: str) -> dict[str, object]:
        return {"title": title, "body": body}  # a label is a number here, and is there only if somebody made it

    def _from(self, head: str) -> dict[str, str]:
        return {}  # it does not look for a branch
