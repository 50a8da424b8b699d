"""The whole way from a path to a Stack: order, digest, imports, and text that nobody meant."""

import gc
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecsplan.config.stack_reader import Options, read_stack
from ecsplan.kinds import load_kinds
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.stack import Stack

from .workshop import HEADER, SMALL_KINDS, Workshop

DESIGN = """
    variables:
      web_count: {type: integer, default: 3}
    defaults:
      tags: {team: web}
    resources:
      vpc:
        main: {cidr_block: 10.0.0.0/16}
      vswitch:
        app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}
      security_group:
        bastion: {vpc: main, ingress: [{protocol: tcp, ports: 22, security_group: web}]}
        web:
          vpc: main
          ingress:
            - {protocol: tcp, ports: 443, cidr: 0.0.0.0/0}
            - {protocol: tcp, ports: 22, security_group: bastion}
      instance:
        web:
          count: "${web_count}"
          instance_type: ecs.g7.large
          image: {family: "acs:ubuntu_22_04_x64"}
          vswitch: app
          security_groups: [web]
          system_disk: {category: cloud_essd, size: 40}
          data_disks:
            data: {category: cloud_essd, size: 200, keep: true}
          internet: {charge_type: PayByTraffic, max_bandwidth_out: 10}
          state: running
          lifecycle: {prevent_destroy: true, ignore_changes: [tags.owner]}
"""


def test_the_stack_of_the_design_is_read(work: Workshop) -> None:
    stack = work.stack(DESIGN, kinds=load_kinds())
    assert [str(r.address) for r in stack.resources] == [
        "vpc.main", "security_group.bastion", "security_group.web", "vswitch.app",
        "instance.web[0]", "instance.web[1]", "instance.web[2]",
    ]  # fmt: skip
    assert stack.resources[-1].name == "demo-web-0002"
    assert stack.path.endswith("stack.yaml")


def test_the_digest_is_that_of_the_content_alone(work: Workshop) -> None:
    one = work.stack("resources: {net: {a: {}, b: {cidr: 10.0.0.0/8}}}")
    other = work.stack("# words\nresources:\n  net: {b: {cidr: '${\"10.0.0.0/8\"}'}, a: {}}\n")
    assert one.digest == other.digest
    assert one.digest.startswith("sha256:")


@pytest.mark.parametrize(
    "body",
    [
        "resources: {box: {a: {size: 2}}}",
        "resources: {box: {b: {size: 1}}}",
        "resources: {box: {a: {size: 1, name: other}}}",
        "resources: {box: {a: {size: 1, adopt: box-1}}}",
        "resources: {box: {a: {size: 1, lifecycle: {prevent_destroy: true}}}}",
        "resources: {box: {a: {size: 1, password: {env: A, version: 1}}}}",
        "resources: {box: {a: {size: 1, password: {env: A, version: 2}}}}",
        "resources: {box: {a: {size: 1, net: {lookup: {name: a}}}}}",
        "resources: {box: {a: {size: 1, note: 'x${box.b.id}'}, b: {size: 1}}}",
        "resources: {box: {a: {size: 1}}}\noutputs: {o: '${box.a.id}'}",
        "resources: {box: {a: {size: 1}}}\nreleased: [net.a]",
        "resources: {box: {a: {size: 1}}}\nmoved: [{from: box.b, to: box.a}]",
        "resources: {box: {a: {size: 1}}}\naccount: 12345678",
    ],
)
def test_every_part_of_a_stack_is_in_its_digest(work: Workshop, body: str) -> None:
    base = work.stack("resources: {box: {a: {size: 1}}}").digest
    assert work.stack(body).digest != base


def test_overlays_variables_and_region_come_from_the_options(work: Workshop) -> None:
    work.write("stack.yaml", HEADER + "variables: {n: {default: 1}}\nresources: {box: {a: {size: '${n}'}}}\n")
    overlay = work.write("production/over.yaml", "resources: {box: {a: {flavour: large}}}\n")
    stack = work.read(overlays=(overlay,), variables=("n=7",), region="cn-beijing")
    assert stack.resources[0].attributes == {"size": 7, "flavour": "large"}
    assert stack.region == "cn-beijing"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "vswitch: {a: {vpc: m, zone: cn-hangzhou-h, cidr_block: 192.168.0.0/24}}",
            "lies outside the VPC's 10.0.0.0/16",
        ),
        (
            "vswitch: {a: {vpc: m, zone: cn-hangzhou-h, cidr_block: 10.0.0.0/24}, "
            "b: {vpc: m, zone: cn-hangzhou-h, cidr_block: 10.0.0.128/25}}",
            "overlap",
        ),
        (
            "security_group: {a: {vpc: m, ingress: [{protocol: tcp, ports: 90-80, cidr: 0.0.0.0/0}]}}",
            "the port range 90-80 is upside down",
        ),
    ],
)
def test_what_the_kinds_refuse_is_refused_at_its_place(work: Workshop, body: str, words: str) -> None:
    found = work.refused(f"resources:\n  vpc: {{m: {{cidr_block: 10.0.0.0/16}}}}\n  {body}\n", kinds=load_kinds())
    assert words in found
    assert all(line == 6 for line, _ in found.places)


def test_ten_thousand_written_out_resources_are_read(work: Workshop) -> None:
    entries = "".join(f"    b{i}: {{size: 1, note: n{i}, net: a}}\n" for i in range(10_000))
    stack = work.stack("resources:\n  net: {a: {}}\n  box:\n" + entries)
    assert len(stack.resources) == 10_001


def test_a_thousand_unknown_names_are_counted_and_the_first_shown(work: Workshop) -> None:
    entries = "".join(f"    b{i}: {{size: 1, net: a{i}}}\n" for i in range(1_000))
    *shown, last = work.refused("resources:\n  net: {a: {}}\n  box:\n" + entries).diagnostics
    assert [str(found.address) for found in shown] == [f"box.b{i}" for i in range(50)]
    assert last.summary == "and 950 more errors"


def test_a_group_of_a_hundred_thousand_is_read(work: Workshop) -> None:
    assert len(work.stack("resources: {box: {b: {count: 100000, size: 1}}}").resources) == 100_000


@pytest.mark.parametrize("expression", ["", "size: '${n}'"])
def test_nothing_heavy_is_imported_for_a_plain_stack(work: Workshop, expression: str) -> None:
    body = f"variables: {{n: {{default: 3}}}}\nresources: {{disk: {{d: {{size: 40, zone: cn-hangzhou-h}}}}}}\n{''}"
    path = work.write("s.yaml", HEADER + body)
    code = (
        "import sys; from ecsplan.config.stack_reader import read_stack; from ecsplan.kinds import load_kinds;"
        f"read_stack({path!r}, load_kinds());"
        "print(sorted({'jinja2', 'requests', 'networkx', 'rich', 'click'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert found.stdout.strip() == "[]"


WORDS = st.sampled_from(
    [
        "a", "box", "net", "size", "count", "for_each", "${", "}", "${box.a.size}", "${index}", "${net.a.id}", "$${",
        "- ", ": ",
        "\n", "\n  ", "\n    ", "{", "}", "[", "]", ",", "'", '"', "1", "-1", "null", "true", "&x ", "*x", "!!str ",
        "!y ", "|", ">",
        "# ", "---\n", "\t", "\x00", "é", "🙂", "resources", "defaults", "variables", "moved", "from", "to",
        "lifecycle", "name",
        "tags", "disk", "lookup", "stack", "password", "env", "version", "<<", "?", "%", "@", "10.0.0.0/8", "1e999",
        "0x1",
    ]
)  # fmt: skip


def outcome(work: Workshop, data: bytes) -> Stack | Rejected:
    """The only two ways that reading may end."""
    try:
        return read_stack(work.write("fuzz.yaml", data), SMALL_KINDS, Options())
    except Rejected as error:
        assert error.diagnostics
        assert all(d.summary for d in error.diagnostics)
        return error


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.door("stack files")
@FUZZ
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(work: Workshop, data: bytes) -> None:
    outcome(work, data)


@FUZZ
@given(st.lists(WORDS, max_size=40).map("".join))
def test_any_words_are_read_or_refused(work: Workshop, text: str) -> None:
    outcome(work, (HEADER + text).encode("utf-8", "replace"))


SCALARS = st.sampled_from(
    [
        None, 1, -1, 1.5, True, "", "a", "b", "x y", "${a}", "${index}", "${each.key}", "${box.a.size}",
        "${net.a.cidr}",
        "${box.b.note}", "${", "${1/0}", "${'a'*9}", "nex-1", "10.0.0.0/8", "net.a", "a[0]", 'a["x"]', "10m", "all",
        "box-1",
    ]
)  # fmt: skip
KEYS = st.sampled_from(
    [
        "a", "b", "size", "note", "net", "walls", "rules", "port", "wall", "tags", "disk", "script", "file",
        "template", "password",
        "env", "version", "count", "for_each", "adopt", "depends_on", "lifecycle", "name", "stack", "lookup",
        "prevent_destroy",
        "timeouts", "create", "rollout", "max_unavailable", "cidr", "upstream", "hints", "image", "key", "from",
        "to", "type",
        "default", "description", "ignore_changes", "on", "public_ip", "x",
    ]
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
BLOCKS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.dictionaries(KEYS, VALUES, max_size=5) | VALUES, max_size=3
)
DOCUMENTS = st.fixed_dictionaries(
    {"apiVersion": st.just("ecsplan/v1"), "stack": st.just("demo"), "region": st.just("cn-hangzhou")},
    optional={
        "resources": st.dictionaries(st.sampled_from(["box", "net", "wall", "key"]), BLOCKS, max_size=4) | VALUES,
        "defaults": st.dictionaries(st.sampled_from(["box", "net", "tags"]), VALUES, max_size=2) | VALUES,
        "variables": BLOCKS | VALUES,
        "moved": VALUES,
        "released": VALUES,
        "outputs": BLOCKS | VALUES,
        "account": VALUES,
    },
)


@pytest.mark.door("stack files")
@FUZZ
@given(DOCUMENTS)
def test_any_document_is_read_or_refused(work: Workshop, document: Any) -> None:
    import yaml

    outcome(work, yaml.safe_dump(document, allow_unicode=True).encode())


@FUZZ
@given(st.lists(WORDS | st.sampled_from(["+", "-", "*", "/", "**", "|", "(", ")", "~", "x", " if ", " else ", "|int"])))
def test_any_expression_is_read_or_refused(work: Workshop, words: list[str]) -> None:
    text = "".join(words).replace("'", "''").replace("\n", " ").replace("\x00", "")
    body = f"resources: {{box: {{a: {{size: 1}}}}, net: {{a: {{}}}}}}\noutputs:\n  o: '${{{text}}}'\n"
    outcome(work, (HEADER + body).encode())


def test_one_cause_is_said_once(work: Workshop) -> None:
    """What follows from a variable without a value, or from a wrong count, is not the person's next mistake."""
    body = """
        variables: {n: {type: integer}, m: 3}
        defaults: {tags: {t: "${n}"}}
        resources:
          net: {g: {count: "${n}"}, h: {count: "${n + m}"}}
          box:
            a: {size: "${n}", net: "g[0]", note: "${m|string}", disk: {size: "${box.b.size}"}, depends_on: ["net.g[1]"]}
            b: {size: "${n}", lifecycle: {prevent_destroy: "${n}"}}
        moved: [{from: net.x, to: "net.g[0]"}]
        outputs: {o: "${net.g[0].cidr}", p: "${n}"}
    """
    found = work.refused(body)
    assert [d.summary for d in found.diagnostics] == ["the variable n has no value", "the variable m is not a mapping"]


def test_a_wrong_stack_name_is_said_once(work: Workshop) -> None:
    header = HEADER.replace("demo", "Demo")
    assert work.refused("resources: {box: {a: {size: 1}, b: {size: 1}}}", header=header).only.summary.startswith(
        "'Demo'"
    )


@pytest.mark.parametrize("is_on", [True, False])
def test_the_garbage_collector_is_left_as_it_was(work: Workshop, is_on: bool) -> None:
    was_on = gc.isenabled()
    try:
        (gc.enable if is_on else gc.disable)()
        work.stack("")
        assert work.refused("nope: 1")
        assert gc.isenabled() is is_on
    finally:
        (gc.enable if was_on else gc.disable)()
