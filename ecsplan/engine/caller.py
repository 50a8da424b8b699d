"""Whose key this is, and whether it is that of the stack's account. Used by planning.py and applying.py."""

from ecsplan.api.client import Client
from ecsplan.model.call import Api, Product, Request
from ecsplan.model.diagnostic import Diagnostic, Refused
from ecsplan.model.stack import Stack


def check_account(stack: Stack, account: str) -> None:
    if stack.account is not None and stack.account != account:
        raise Refused(
            [
                Diagnostic(
                    f"the stack is meant for account {stack.account}, the key is of account {account}",
                    "use another key (--profile), or fix account: in the stack file",
                )
            ]
        )


def identity(api: Api) -> dict[str, str]:
    """See `engine.whoami`."""
    answer = api.send(Request("GetCallerIdentity", {}, Product.STS))
    found = {
        "account": str(answer.get("AccountId", "")),
        "arn": str(answer.get("Arn", "")),
        "user": str(answer.get("UserId", "")),
        "region": api.region,
    }
    if isinstance(api, Client):
        found |= {"key": api.credentials.describe(), "endpoint": api.endpoints.url(Product.ECS, api.region)}
    return found
