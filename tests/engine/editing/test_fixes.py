"""A misspelt word of any sort is told with the right one, and writing that one mends the fault."""

from pathlib import Path

import pytest

from ecsplan.engine.editing import checking
from ecsplan.engine.editing.checking import Problem
from ecsplan.engine.editing.model import Folder

STACK = """\
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
variables:
  size: {type: integer, default: 40}
locals: {zone: cn-hangzhou-h}
defaults:
  instance: {instance_type: ecs.g7.large}
environments:
  prod: {variables: {size: {default: 60}}}
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
  vswitch:
    app: {vpc: main, zone: "${zone}", cidr_block: 10.0.1.0/24}
    other: {vpc: main, zone: cn-hangzhou-i, cidr_block: 10.0.2.0/24}
  security_group:
    web: {vpc: main, ingress: [{protocol: tcp, ports: 443, cidr: 0.0.0.0/0, policy: accept}]}
  instance:
    web:
      count: 2
      image:
        family: "acs:ubuntu_22_04_x64"
      vswitch: app
      security_groups: [web]
      system_disk: {category: cloud_essd, size: "${size}", performance_level: PL1}
      depends_on: [vpc.main]
      description: "${stack.name} ${vpc.main.cidr_block}"
      instance_type: ecs.g7.xlarge
      hostname: "h${max(1, 2)}"
      lifecycle: {prevent_destroy: true, ignore_changes: [description]}
moved:
  - {from: vpc.old, to: vpc.main}
"""
MISSPELT = {
    "a key of the stack": ("varibles:", "variables:"),
    "the form of the file": ("ecsplan/v2", "ecsplan/v1"),
    "a region": ("region: cn-hangzho\n", "region: cn-hangzhou\n"),
    "a type of variable": ("type: intger", "type: integer"),
    "a key of a variable": ("{defualt: 60", "{default: 60"),
    "a key of an environment": ("prod: {varables", "prod: {variables"),
    "a kind": ("  vcp: {main", "  vpc: {main"),
    "a kind of defaults": ("  instanse: {inst", "  instance: {inst"),
    "an attribute": ("{cidr_blok: 10.0.0.0/16", "{cidr_block: 10.0.0.0/16"),
    "an attribute of a block": ("perfomance_level:", "performance_level:"),
    "a key of a rule": ("{protocl", "{protocol"),
    "a word of a choice": ("policy: acept", "policy: accept"),
    "a word in capital letters": ("protocol: TCP", "protocol: tcp"),
    "a level": ("performance_level: P1", "performance_level: PL1"),
    "a truth": ("ture,", "true,"),
    "a resource": ("vswitch: ap\n", "vswitch: app\n"),
    "a resource of a list": ("groups: [wbe]", "groups: [web]"),
    "a mapping that refers": ("famly:", "family:"),
    "an instance type": ("ecs.g7.xlagre", "ecs.g7.xlarge"),
    "an image on another line than its key": ("acs:ubuntu_22_04_x46", "acs:ubuntu_22_04_x64"),
    "a zone": ("zone: cn-hangzhou-ii", "zone: cn-hangzhou-i"),
    "a local": ("${zon}", "${zone}"),
    "a variable": ("${siz}", "${size}"),
    "a function": ("mx(", "max("),
    "a member of the stack": ("stack.nam}", "stack.name}"),
    "a kind in an expression": ("${vcp.main.cidr_block}", "${vpc.main.cidr_block}"),
    "a name in an expression": ("${vpc.mian.cidr_block}", "${vpc.main.cidr_block}"),
    "an attribute in an expression": ("vpc.main.cidr_blok}", "vpc.main.cidr_block}"),
    "an address": ("depends_on: [vpc.mian]", "depends_on: [vpc.main]"),
    "a key of every resource": ("cuont: 2", "count: 2"),
    "a key of lifecycle": ("prevent_destory", "prevent_destroy"),
    "an attribute to ignore": ("[descripton]", "[description]"),
    "a key of a move": ("{form: vpc.old", "{from: vpc.old"),
    "a kind of a move": ("from: vcp.old", "from: vpc.old"),
    "the end of a move": ("to: vpc.mian", "to: vpc.main"),
}


def problems(folder: Path, text: str) -> list[Problem]:
    file = folder / "stack.yaml"
    file.write_text(text, encoding="utf-8")
    return checking.problems(str(folder), Folder({str(file): text}), {})


def test_the_stack_has_no_fault(tmp_path: Path) -> None:
    assert problems(tmp_path, STACK) == []


@pytest.mark.parametrize("wrong, right", MISSPELT.values(), ids=MISSPELT.keys())
def test_the_first_fix_is_the_right_word_in_the_right_place(wrong: str, right: str, tmp_path: Path) -> None:
    assert right in STACK
    text = STACK.replace(right, wrong, 1)
    fix = next(one for one in problems(tmp_path, text) if one.instead)
    assert fix.wrong is not None and fix.wrong.line == fix.wrong.end_line
    lines = text.split("\n")
    row = lines[fix.wrong.line]
    lines[fix.wrong.line] = row[: fix.wrong.column] + fix.instead[0] + row[fix.wrong.end_column :]
    assert "\n".join(lines) == STACK


def test_a_word_that_is_nowhere_in_the_entry_has_no_fix(tmp_path: Path) -> None:
    """It comes out of a variable: there is nothing to write here."""
    text = STACK.replace("default: 40}", "default: 40}\n  type: {default: ecs.g7.xlagre}")
    text = text.replace("instance_type: ecs.g7.xlarge", 'instance_type: "${type}"')
    (remark,) = problems(tmp_path, text)
    assert "ecs.g7.xlagre" in remark.message and remark.instead == ()
