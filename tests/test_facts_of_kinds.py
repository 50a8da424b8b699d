"""Facts of kinds stand in kinds/: which other files name a kind, or read an answer by the words of the wire, and why.

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
    "apply/absence.py": "nouns in the service's error codes, which name kinds in their own spelling",
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
    "render/values.py": "members of a rule",
}
READS_THE_WIRE = {
    "engine/importing.py": "disks that a state of another tool keeps apart from their machine",
    "engine/looking.py": "what another account shares, of objects that are listed and not decoded",
    "engine/reaching.py": "the type of a group, of objects that are listed and not decoded",
    "export/blocks.py": "the system disk of what is exported",
    "export/pieces.py": "what the service manages itself, whatever its kind",
    "model/reinit.py": "the one place of what reinit needs to know of a disk",
    "power/choose.py": "a public address that is given up, of objects that are listed and not decoded",
    "power/reinit.py": "a spot machine, of objects that are listed and not decoded",
}


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


def test_each_file_that_reads_an_answer_by_the_words_of_the_wire_has_a_reason_to():
    found = {
        name
        for name, text in _files()
        if not name.startswith(("inventory/", "cli/")) and re.search(r"\.raw(\.get\(|\[)\(*[\"']", text)
    }
    assert found == set(READS_THE_WIRE)
