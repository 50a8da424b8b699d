"""A document of nodes held against its published schema: every fault with its place. Used for policies."""

from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.nodes import Node, plain
from ecsplan.schema.validator import Validator
from ecsplan.schema.wording import Fault, worded


def check(root: Node, against: Validator, faults: Faults) -> None:
    """Adds what the schema says against a document, all of it at once."""
    for error in against.errors(plain(root)):
        for fault in worded(error):
            _add(root, fault, faults)


def _add(root: Node, fault: Fault, faults: Faults) -> None:
    node = root.at(list(fault.path))
    has_key = fault.key and isinstance(node.value, dict)
    source = node.value[fault.key].key_source if has_key else node.source
    faults.add(fault.summary, fault.detail, source, rule=fault.rule)
