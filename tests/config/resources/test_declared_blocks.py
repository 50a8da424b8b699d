import os
from typing import Any

import pytest

from ecsplan.model.address import Address, Ref, Secret, Template
from ecsplan.model.diagnostic import Rejected
from tests.config.workshop import Workshop

BASE = """
        variables: {p: {env: P, version: 1}}
        resources:
          net:
            a: {cidr: 10.0.0.0/8, tags: {t: x}}
            g: {count: 2, cidr: "10.${index}.0.0/16"}
            h: {for_each: {x: 10.9.0.0/16}, cidr: "${each.value}"}
          box:
            b: {size: 3, net: a, disk: {size: 40}, hints: [u, v], password: "${p}", note: "${net.a.cidr}"}
            c: {size: 4, name: mine, note: "n ${box.b.note}", hints: "${box.b.hints}"}
        outputs:
"""


def output(work: Workshop, code: str) -> Any:
    return work.stack(BASE + f"          o: '{code}'\n").outputs["o"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("${net.a.cidr}", "10.0.0.0/8"),
        ("${box.b.size}", 3),
        ("${box.b.disk.size}", 40),
        ("${box[\"b\"].disk.size + 1}", 41),
        ("${net.g[1].cidr}", "10.1.0.0/16"),
        ("${net.g[0 + 1].cidr}", "10.1.0.0/16"),
        ('${net.h["x"].cidr}', "10.9.0.0/16"),
        ('${net["h"]["x"].cidr ~ "!"}', "10.9.0.0/16!"),
        ("${box.b.hints}", ("u", "v")),
        ("${box.b.hints|length}", 2),
        ("${net.a.tags}", (("t", "x"),)),
        ("${net.a.tags.t}", "x"),
        ("${box.b.name}", "demo-b"),
        ("${box.c.name}", "mine"),
        ("${net.g[1].name}", "demo-g-0001"),
        ("${box.c.note}", "n 10.0.0.0/8"),
        ("${box.c.hints}", ("u", "v")),
        ("${box.b.net}", Ref(Address("net", "a"))),
        ("${box.b.id}", Ref(Address("box", "b"))),
        ("${net.g[0].id}", Ref(Address("net", "g", 0))),
        ("${box.b.public_ip}", Ref(Address("box", "b"), "public_ip")),
        ("${box.b.address}", Ref(Address("box", "b"), "address")),
        ("${box.b.disk.kind}", Ref(Address("box", "b"), "disk.kind")),
        ("x${box.b.public_ip}y", Template(("x", Ref(Address("box", "b"), "public_ip"), "y"))),
        ("${box.b.password}", Secret(1, env="P")),
        ("${box.b.id if true else 1}", Ref(Address("box", "b"))),
        ("${net.g[*].cidr|join(\" \")}", "10.0.0.0/16 10.1.0.0/16"),
        ("${net.g[*].cidr|length * 2}", 4),
        ("${net.g[*]|length}", 2),
        ("${net.g[*]|map(attribute=\"cidr\")|join(\" \")}", "10.0.0.0/16 10.1.0.0/16"),
        ("${net.g[*]|selectattr(\"cidr\", \"eq\", \"10.1.0.0/16\")|map(attribute=\"name\")|first}", "demo-g-0001"),
        ("${net.g[*].id|join(\",\")}", Template((Ref(Address("net", "g", 0)), ",", Ref(Address("net", "g", 1))))),
        ("${net.g[*].id}", (Ref(Address("net", "g", 0)), Ref(Address("net", "g", 1)))),
    ],
)  # fmt: skip
def test_attributes_of_other_resources_are_known_or_refs(work: Workshop, code: str, expected: Any) -> None:
    assert output(work, code) == expected


@pytest.mark.parametrize(
    "path",
    ["net.a.cidr", "net.a.tags.t", "net.g[1].name", "net.g[*].cidr", "box.b.disk.size", "box.b.public_ip",
     "box.b.hints", "net.a", "box.b.disk", "net.g.cidr", "net.g[7].cidr", "box.b.nope", "stack.name"],
)  # fmt: skip
def test_a_path_means_the_same_alone_and_inside_of_an_expression(work: Workshop, path: str) -> None:
    def said(code: str) -> object:
        try:
            return output(work, code)
        except Rejected as error:
            return [found.summary for found in error.diagnostics]

    assert said(f"${{{path}}}") == said(f"${{({path})}}")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("${box.x.id}", "there is no box called x"),
        ("${box.b.sise}", "did you mean size"),
        ("${box.b}", "say which attribute, like box.b.id"),
        ("${box}", "box.NAME is not a value"),
        ("${box[\"b\"]}", "box.b is a whole resource"),
        ("${box[\"b\"][1.5]}", "has no member 1.5"),
        ("${box.b.disk}", "disk of a box is a block"),
        ("${box.b.disk.size.x}", "box.b.disk.size has no member x"),
        ("${box.b.size.x}", "box.b.size has no member x"),
        ("${net.a.tags.u}", "tags has no member u"),
        ("${box.b.hints.u}", "hints has no member u"),
        ("${box.b.hidden}", "box.b does not declare hidden"),
        ("${net.g.cidr}", "needs an index"),
        ("${net.g[5].cidr}", "has no member [5]"),
        ("${net.a[0].cidr}", "is a single resource"),
        ("${net[\"g\"].cidr ~ 1}", "needs an index"),
        ("${box.b.public_ip|upper}", "can only be inserted"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused(work: Workshop, code: str, words: str) -> None:
    assert words in work.refused(lambda: output(work, code))


def test_attributes_that_mention_each_other_in_a_circle_are_refused(work: Workshop) -> None:
    found = work.refused("resources: {box: {a: {size: '${box.b.size}'}, b: {size: '${box.a.size}'}}}")
    assert "refers to itself" in found
    assert "box.b.size → box.a.size → box.b.size" in found


def test_an_attribute_may_mention_another_of_the_same_resource(work: Workshop) -> None:
    stack = work.stack("resources: {box: {a: {size: 2, disk: {size: '${box.a.size * 20}'}}}}")
    assert stack.resources[0].attributes["disk.size"] == 40


def test_a_chain_of_expressions_is_bounded(work: Workshop) -> None:
    entries = ", ".join(f"b{i:02}: {{size: '${{box.b{i + 1:02}.size}}'}}" for i in range(60))
    found = work.refused(f"resources: {{box: {{{entries}, b60: {{size: 1}}}}}}")
    assert "a chain of expressions is too long" in found


def test_a_fault_of_another_resource_is_said_once_where_it_stands(work: Workshop) -> None:
    found = work.refused("resources:\n  box:\n    a: {size: x}\n    b: {size: '${box.a.size}'}\n")
    assert found.places == [(6, 15)]
    assert "'x' is not a whole number" in found
    found = work.refused("resources:\n  box:\n    a: {size: '${z}'}\n    b: {size: '${box.a.size}'}\n")
    assert found.places == [(6, 15), (7, 15)]


def test_a_missing_file_of_another_resource_is_said_where_it_is_used(work: Workshop) -> None:
    found = work.refused(
        "resources:\n  box:\n    a: {size: 1, script: {file: x}}\n    b: {size: 1, note: '${box.a.script}'}\n"
    )
    assert "box.a.script comes from a file, and no expression can read it" in found


@pytest.mark.parametrize("path", ["/proc/self/environ", "/dev/zero", "pipe", "../token", "link", ".git/config"])
@pytest.mark.parametrize("way", ["file", "template"])
def test_only_a_regular_file_of_the_repository_is_read(work: Workshop, path: str, way: str) -> None:
    """Whoever may change the stack file names the path; who runs it may read more."""
    (work.folder.parent / "token").write_text("canary")
    (work.folder / "link").symlink_to("../token")
    os.mkfifo(work.folder / "pipe")
    work.write(".git/config", "canary")
    found = work.refused(f"resources: {{box: {{a: {{size: 1, script: {{{way}: {path}}}}}}}}}")
    assert "canary" not in found
    assert any(word in found for word in ("lies outside", "not a regular file", "is not a file of the stack"))


@pytest.mark.parametrize(
    "value", ["password: {file: ../pw, version: 1}", "password: {file: /run/secrets/pw, version: 1}"]
)
def test_a_secret_may_lie_outside_only_where_the_operator_says_so(work: Workshop, value: str) -> None:
    found = work.refused(f"resources: {{box: {{a: {{size: 1, {value}}}}}}}")
    assert "lies outside" in found and "--allow-path" in found and len(found.places) == 1


@pytest.mark.parametrize("way", ["file", "template"])
@pytest.mark.parametrize("where", ["outputs: {x: '${box.a.script}'}", "resources: of another"])
def test_what_came_from_a_file_is_not_readable_in_expressions(work: Workshop, way: str, where: str) -> None:
    """A file of the checkout may hold what a pipeline put there; an output would show it to all."""
    work.write("script", "of the pipeline")
    resources = f"resources: {{box: {{a: {{size: 1, script: {{{way}: script}}}}}}}}"
    if where.startswith("resources"):
        resources, where = resources.replace("}}}}", "}}, b: {size: 1, note: '${box.a.script}'}}}"), ""
    assert "no expression can read it" in work.refused(f"{resources}\n{where}\n")


def test_an_unknown_where_another_type_is_wanted_is_left_for_apply(work: Workshop) -> None:
    stack = work.stack("resources: {box: {a: {size: 1}, b: {size: 1, address: '${box.a.public_ip}'}}}")
    assert stack.resources[1].attributes["address"] == Ref(Address("box", "a"), "public_ip")


def test_a_variable_hides_nothing_of_the_resources(work: Workshop) -> None:
    stack = work.stack(
        "variables: {a: {default: 5}}\nresources: {box: {a: {size: '${a}'}}}\noutputs: {o: '${box.a.size}'}"
    )
    assert stack.outputs == {"o": 5}


def test_a_name_with_a_hyphen_is_found(work: Workshop) -> None:
    body = "resources: {box: {a-1: {size: 7}}}\noutputs: {o: '${box.a-1.size}', p: '${box[\"a-1\"].size - 1}'}"
    assert work.stack(body).outputs == {"o": 7, "p": 6}
    body = "resources: {box: {a-1: {size: 7}}}\noutputs: {o: '${(box.a-1.size)}', p: '${box.a-1.size - 1}'}"
    assert work.stack(body).outputs == {"o": 7, "p": 6}
    found = work.refused("resources: {box: {a-1: {size: 7}}}\noutputs: {o: '${box.a-2.size - 1}'}")
    assert "a hyphen subtracts here, as there is no box called a-2" in found
    body = "resources: {box: {a-1: {size: 7}}}\noutputs: {o: '${\"box.a-1\"|upper}'}"
    assert work.stack(body).outputs == {"o": "BOX.A-1"}


def test_each_and_index_are_known_inside_their_group_only(work: Workshop) -> None:
    assert "index is not defined" in work.refused("resources: {box: {b: {size: '${index}'}}}")
    assert "each is not defined" in work.refused("resources: {box: {b: {count: 1, size: '${each.key}'}}}")


@pytest.mark.parametrize("key", ["-1", "true", "1 + 1", "1.0"])
def test_only_the_number_of_a_member_names_one(work: Workshop, key: str) -> None:
    body = f"resources: {{box: {{g: {{count: 2, size: 1}}}}}}\noutputs: {{o: '${{box.g[{key}].size}}'}}"
    assert "has no member" in work.refused(body)


def test_a_star_is_every_member_of_a_group(work: Workshop) -> None:
    stack = work.stack(
        "resources: {box: {a: {count: 3, size: 1}}}\noutputs: {all: '${box.a[*].id}', sizes: '${box.a[*].size}'}"
    )
    assert [str(ref.address) for ref in stack.outputs["all"]] == ["box.a[0]", "box.a[1]", "box.a[2]"]
    assert stack.outputs["sizes"] == (1, 1, 1)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("box.b[*].id", "is a single resource"),
        ("box.z[*].id", "there is no box called z"),
        ("box.g[*]", "box.g[0] is a whole resource"),
        ("box.g|length", "box.g is a group (count) and needs an index"),
        ("box.g[*]|map(attribute='siz')", "a box has no attribute siz"),
    ],
)
def test_a_star_behind_what_is_no_group_is_refused(work: Workshop, expression: str, words: str) -> None:
    boxes = "box: {b: {size: 1}, g: {size: 1, count: 2}}"
    assert words in work.refused(f'resources: {{{boxes}}}\noutputs: {{x: "${{{expression}}}"}}')
