"""Reads and checks the policy file of a stack. It lies above the stack and is never a part of it."""

from functools import cache
from pathlib import Path
from typing import Any

from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.nodes import plain
from ecsplan.config.syntax.yaml_reader import document
from ecsplan.files.opening import BadFile, read_regular
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.policy.reading import BadPolicy, policy_of
from ecsplan.policy.rules import Policy
from ecsplan.policy.schema import policy_schema

LARGEST = 1 << 20


def read_policy(path: Path) -> Policy:
    """Raises Rejected with every fault and its place."""
    try:
        text = read_regular(path, LARGEST).decode("utf-8")
    except BadFile as bad:
        raise Rejected([Diagnostic(f"{path} {bad.reason}", bad.detail)]) from None
    except UnicodeDecodeError:
        raise Rejected([Diagnostic(f"{path} is not UTF-8", "save it as UTF-8")]) from None
    return policy_in(text, str(path))


def policy_in(text: str, source: str) -> Policy:
    """The policy in a text, which may come from another commit than the one that is checked out."""
    from ecsplan.config.syntax.schema_check import check  # late: jsonschema takes 0.1 s, and few stacks have a policy

    root = document(text, source)
    faults = Faults()
    check(root, _validator(), faults)
    faults.reject_if_any()
    try:
        return policy_of(plain(root), source)
    except BadPolicy as bad:
        raise Rejected(
            [Diagnostic(summary, detail, root.at(at).source) for at, summary, detail in bad.faults]
        ) from None


@cache
def _validator() -> Any:
    from ecsplan.schema.validator import Validator

    return Validator(policy_schema())
