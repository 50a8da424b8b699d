"""Facts of kinds stand in kinds/: which other files name a kind, or decode an answer, and why.

A new file here is a fact that belongs into a capability of its kind; one that is gone is taken off the list.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import ecsplan
from ecsplan.kinds import load_kinds

PACKAGE = Path(ecsplan.__file__).parent
OWN = ("kinds/", "emulator/")  # where they belong
FOREIGN = (
    "migrate/",
    "render/terraform/",
)  # what another tool keeps as a resource of its own is no attribute of a kind

NAMES_A_KIND = {
    "access/naming.py": "a far end of a rule, not a kind",
    "access/rules.py": "a far end of a rule, not a kind",
    "access/sweep.py": "a far end of a rule, not a kind",
    "executor/absence.py": "nouns in the service's error codes, which name kinds in their own spelling",
    "catalog/offline.py": "the attribute that a choice from the catalogue is for",
    "catalog/read.py": "a word of the request for stock",
    "cli/main.py": "the word for what a shell runs",
    "config/resources/lifecycle_block.py": "on_image_change, which is about this attribute",
    "config/resources/rollout_block.py": "the name of a check: a command of the service",
    "config/scenarios.py": "a product code",
    "engine/commanding.py": "`ecsplan run` is about commands and machines",
    "engine/disks.py": "reinit: the command is about disks, their machines and a snapshot",
    "engine/facts.py": "what a policy is asked: its words are fixed in the policy's contract",
    "engine/fallbacks.py": "what is sold depends on the type, and on the zone of a subnet",
    "engine/importing.py": "tools that keep disks apart from their machines",
    "engine/leaving.py": "what other tools cannot say of a kind",
    "engine/literal.py": "ids that a read by id does not answer for",
    "engine/permitting.py": "product codes; RunInstances, which makes objects of other kinds too",
    "engine/preflighting.py": "quotas count machines, interfaces and groups; free addresses are those of subnets",
    "engine/pricing.py": "a price depends on the zone, which a machine has from its subnet",
    "engine/reaching.py": "who reaches whom: rules are those of security groups",
    "engine/rights.py": "a product code",
    "export/blocks.py": "a password is not exported; a machine with a key needs none",
    "gates/cloud.py": "the name of a check: a command of the service",
    "gates/measuring.py": "the name of a check: a command of the service",
    "inventory/unmanaged.py": "the list of what is unmanaged is by VPC, without what is told with its machine",
    "model/call.py": "a product code",
    "model/gate.py": "the name of a check: a command of the service",
    "model/marks.py": "marks of an earlier version",
    "model/preflight.py": "the name of a check",
    "model/plan.py": "the verb of a step",
    "model/safety.py": "the verb of a step",
    "preflight/bids.py": "a word of the request for prices of spot machines",
    "preflight/images.py": "the check of images",
    "preflight/quota_center.py": "the table of quotas of the Quota Center",
    "preflight/quotas.py": "the table of quotas, by the service's own names",
    "preflight/stock.py": "words of the request for stock",
    "preflight/subnets.py": "the check of subnets",
    "pricing/asking.py": "words of the request for a price",
    "render/hosts.py": "the format of hosts lists machines",
    "render/migration.py": "the noun of a line that a shell runs",
    "render/ran.py": "a column and a key of the report of `ecsplan run`",
    "render/reach.py": "the nouns of a line",
    "render/reinit.py": "a key of the report",
    "render/unmanaged.py": "a column",
}
DECODES = {
    "model/capabilities/exporting.py": "what is beyond the attributes, by paths that the kinds give",
    "model/capabilities/terraform.py": "what is written as it is live, by paths that the kinds give",
    "model/keepers.py": "who else keeps an object: the same words in all products",
    "model/kind.py": "what an object hangs on, by a field that the kinds give",
    "model/slots.py": "which part is in which slot, as inventory/identity has written it down",
}
INQUIRIES = {
    "_encryption.py": "whether the region encrypts all disks",
    "_ipv6_internet.py": "whose addresses have bandwidth of a gateway",
    "_nat_gateways.py": "gateways of a network",
    "_reach.py": "groups, lists of ranges and of ports that rules name",
    "_rule_calls.py": "how large the lists are that rules name",
    "security_group.py": "groups whose rules name a group",
}
"""Files of kinds with functions that are given what an Inquiry was told, beside the change that asked."""
RAW_OF_OTHERS = {"cli/outputs.py": "an option --raw", "notify/sending.py": "the socket of a response"}


def _files() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith((*OWN, *FOREIGN)):
            yield name, path.read_text(encoding="utf-8")


def test_each_file_that_names_a_kind_has_a_reason_to():
    kinds = set(load_kinds())
    found = {
        name
        for name, text in _files()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in kinds
    }
    assert found == set(NAMES_A_KIND)


def _decodes(node: ast.AST) -> bool:
    """Whether it makes a decoder, by a call or as a decorator."""
    names = [node.func] if isinstance(node, ast.Call) else []
    names += node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return any(isinstance(name, ast.Name) and name.id == "Decoder" for name in names)


def test_nothing_but_the_inventory_sees_an_answer():
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"\.raw\b|\._answer\b", path.read_text(encoding="utf-8"))
    }
    theirs = {name for name in found if not name.startswith(("inventory/", "emulator/"))}
    assert theirs == {*RAW_OF_OTHERS, "model/resource.py"}


def _field(node: ast.AST) -> str:
    """The field of an answer that an expression reads; empty for none."""
    key: ast.expr | None = None
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and not _is_of(node.value, "params"):
        key = node.slice
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        key = node.args[0] if not _is_of(node.func.value, "params") else None
    return key.value if isinstance(key, ast.Constant) and re.match("@?[A-Z]", str(key.value)) else ""


def _is_of(node: ast.expr, name: str) -> bool:
    """Whether it is the parameters of a call, or of one of a list of them."""
    return name in ast.unparse(node) or "permission" in ast.unparse(node)


def _looks_at_live(node: ast.AST) -> bool:
    """Whether it is a function that is given something live, and not an answer alone."""
    arguments = node.args.args if isinstance(node, ast.FunctionDef) else []
    hints = " ".join(ast.unparse(one.annotation) for one in arguments if one.annotation)
    return bool(re.search("Change|LiveObject|RemoteObject", hints))


def test_kinds_read_fields_of_answers_in_decoders_alone():
    found = {
        path.name
        for path in (PACKAGE / "kinds").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _looks_at_live(node) and any(map(_field, ast.walk(node)))
    }
    assert found == set(INQUIRIES)


def test_facts_are_decoded_in_kinds():
    found = {name for name, text in _files() for node in ast.walk(ast.parse(text)) if _decodes(node)}
    assert found == set(DECODES)
