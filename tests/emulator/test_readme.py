"""The emulator's page says what is built. `ECSPLAN_REWRITE=1` writes the list of actions anew; review the diff."""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path

from ecsplan.emulator import contract
from ecsplan.emulator.control import PREFIX, ROUTES
from ecsplan.emulator.fault_forms import MENU, STANDING
from ecsplan.emulator.operations import table

README = Path(__file__).resolve().parents[2] / "ecsplan" / "emulator" / "README.md"
START, END = "<!-- actions: kept true by tests/emulator/test_readme.py -->\n", "<!-- end of actions -->"
NAMES = {
    "ecs": "ECS 2014-05-26", "vpc": "VPC 2016-04-28", "sts": "STS 2015-04-01", "tag": "Tag 2018-08-28",
    "slb": "SLB 2014-05-15", "alb": "ALB 2020-06-16", "nlb": "NLB 2022-04-30", "cms": "CMS 2019-01-01",
    "actiontrail": "ActionTrail 2020-07-06", "quotas": "Quota Center 2020-05-10",
}  # fmt: skip


def expected() -> str:
    parts = []
    for product, name in NAMES.items():
        built = sorted(table(product))
        known = len(contract.actions(product))
        parts.append(f"\n### {name}: {len(built)} of {known} known actions\n\n")
        parts.append(textwrap.fill(", ".join(built) + ".", 118) + "\n")
    return "".join(parts) + "\n"


def test_the_page_lists_what_is_built() -> None:
    text = README.read_text(encoding="utf-8")
    head, _, rest = text.partition(START)
    listed, _, tail = rest.partition(END)
    if os.environ.get("ECSPLAN_REWRITE"):
        README.write_text(head + START + expected() + END + tail, encoding="utf-8")
        return
    assert listed == expected(), "run with ECSPLAN_REWRITE=1"


def test_the_page_has_every_fault_with_its_parameters() -> None:
    text = README.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    for name, parameters in MENU.items():
        (row,) = [line for line in rows if f"`{name}`" in line.split("|")[1]]
        assert ("*standing*" in row) == (name in STANDING), name
        for parameter in parameters.keys() - {"k"} if name == "token_processing" else parameters:
            assert f"`{parameter}`" in row, (name, parameter)


def test_the_page_has_every_control_request() -> None:
    text = README.read_text(encoding="utf-8")
    for method, name in ROUTES:
        assert f"{method} {name}" in text, f"{method} {PREFIX}{name}"


def test_the_examples_of_faults_are_valid() -> None:
    import json

    from ecsplan.emulator.fault_forms import check

    text = README.read_text(encoding="utf-8")
    for example in re.findall(r"```json\n(\{.*?\})\n```", text, re.DOTALL):
        check(json.loads(example))
