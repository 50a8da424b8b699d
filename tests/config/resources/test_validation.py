from typing import Any

import pytest

from ecsplan.model.address import Address, Ref, Secret, Template
from tests.config.workshop import Workshop, by_name


def box(work: Workshop, attributes: str, *, more: str = "") -> Any:
    body = f"{more}\nresources:\n  net: {{a: {{cidr: 10.0.0.0/8}}}}\n  box: {{b: {{{attributes}}}}}\n"
    return by_name(work.stack(body))["box.b"]


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ("sice: 1, size: 1", "did you mean size?"),
        ("size: large", "size: 'large' is not a whole number from 1 to 100"),
        ("size: 1000", "1000 is not a whole number from 1 to 100"),
        ("size: 1, note: 5", 'quote it: "5"'),
        ("size: 1, note: '${1 + 1}'", '"|string"'),
        ("size: 1, flavour: huge", "one of small, large"),
        ("size: 1, on: 'yes'", "'yes' is not true or false"),
        ("size: 1, hints: x", "'x' is not a list"),
        ("size: 1, tags: [a]", "a list is not a mapping"),
        ("size: 1, disk: 40", "write disk: {size: 40}"),
        ("size: 1, disk: {kind: ssd}", "a box needs disk.size"),
        (
            "size: 1, schedule: {running: Mon-Fri}",
            "known attributes: address, adopt, count",
        ),  # a box is not started and stopped
        ("size: 1, disk: {size: 1, sise: 2}", "disk of a box has no attribute sise"),
        ("note: x", "a box needs size"),
        ("size: null", "a box needs size"),
        ("size: 1, public_ip: 10.0.0.1", "public_ip is decided by the cloud"),
        ("size: 1, net: 7", "net: 7 is not the name of a net"),
        ("size: 1, address: 10.0.0.256", "is not an IPv4 address"),
        ("size: 1, password: hunter2", "a secret does not stand in the file"),
        ("size: 1, password: {env: A}", "password"),
        ("size: 1, password: '${net.a.id}'", "a value known only after apply is not a secret"),
        ("size: 1, script: {path: x}", "one key, file or template"),
        ("size: 1, script: {file: 7}", "file is not a path"),
        ("size: 1, script: {file: none.sh}", "none.sh cannot be read"),
        ("size: 1, disk: {size: 3}", "size 3 is odd"),
        ("size: 1, name: 3x", "is not a name"),
        ("size: 1, name: '${net.a.id}'", "a name must be known"),
        (f"size: 1, name: {'a' * 50}", "name of 2 to 40 characters"),
        ("size: 1, net: '${box.b.id}'", "box.b is a box, not a net"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(work: Workshop, attributes: str, words: str) -> None:
    found = work.refused(lambda: box(work, attributes))
    assert words in str(found.only)
    assert found.only.address == Address("box", "b")
    assert "hunter2" not in found


def test_faults_come_all_at_once_sorted_by_place(work: Workshop) -> None:
    found = work.refused(
        """
        resources:
          box:
            a: {size: x, sice: 1}
            b: {size: 1, net: nope, note: "${nope}"}
          bocks: {}
        moved: {}
        """
    )
    assert len(found.diagnostics) == 6
    assert found.places == sorted(found.places)


def test_a_fault_deep_in_a_value_stands_at_its_place(work: Workshop) -> None:
    found = work.refused("resources:\n  wall:\n    w:\n      rules:\n        - port: 1\n        - port: 99999\n")
    assert found.places == [(9, 17)]
    found = work.refused("resources:\n  wall:\n    w:\n      rules:\n        - {port: 1, prt: 2}\n")
    assert found.places == [(8, 21)]


def test_every_kind_of_value_is_read(work: Workshop) -> None:
    found = box(
        work,
        "size: 1, on: false, hints: [a, b], disk: {size: 40}, image: debian, net: nex-123, tags: {a: '1', b: null}",
    )
    assert found.attributes == {
        "size": 1, "on": False, "hints": ("a", "b"), "disk.size": 40, "image": "debian", "net": "nex-123",
        "tags": (("a", "1"),),
    }  # fmt: skip


def test_a_secret_is_read_as_its_source(work: Workshop) -> None:
    assert box(work, "size: 1, password: {env: A, version: 2}").attributes["password"] == Secret(2, env="A")
    more = "variables: {p: {env: V, version: 4}}"
    assert box(work, "size: 1, password: '${p}'", more=more).attributes["password"] == Secret(4, env="V")
    found = box(work, "size: 1, script: 'x ${p}'", more=more).attributes["script"]
    assert found == Secret(4, template=("x ", Secret(4, env="V")))


def test_the_file_of_a_secret_is_relative_to_the_yaml(work: Workshop) -> None:
    found = box(work, "size: 1, password: {file: sub/pw, version: 1}").attributes["password"]
    assert found.file == str(work.folder / "sub" / "pw")


def test_a_secret_cannot_be_a_part_of_a_larger_value(work: Workshop) -> None:
    more = "variables: {p: {env: V, version: 4}}"
    found = work.refused(lambda: box(work, "size: 1, tags: {a: '${p}'}", more=more))
    assert "only a whole attribute can be secret" in found


def test_a_file_is_taken_as_it_is_and_a_template_filled_in(work: Workshop) -> None:
    work.write("a.sh", "echo ${HOME}\n")
    work.write("b.sh", "echo ${stack.name} $${HOME}\n")
    assert box(work, "size: 1, script: {file: a.sh}").attributes["script"] == "echo ${HOME}\n"
    assert box(work, "size: 1, script: {template: b.sh}").attributes["script"] == "echo demo ${HOME}\n"
    assert box(work, "size: 1, script: echo").attributes["script"] == "echo"


def test_a_template_with_an_unknown_is_filled_at_apply(work: Workshop) -> None:
    work.write("b.sh", "ping ${net.a.id}")
    found = box(work, "size: 1, script: {template: b.sh}").attributes["script"]
    assert found == Template(("ping ", Ref(Address("net", "a"))))


def test_each_member_of_a_group_fills_a_template_for_itself(work: Workshop) -> None:
    work.write("b.sh", "echo ${index}")
    stack = work.stack("resources: {box: {b: {count: 2, size: 1, script: {template: b.sh}}}}")
    assert [r.attributes["script"] for r in stack.resources] == ["echo 0", "echo 1"]


def test_a_fault_in_a_template_stands_in_the_template(work: Workshop) -> None:
    work.write("b.sh", "one\ntwo ${nope}\n")
    found = work.refused(lambda: box(work, "size: 1, script: {template: b.sh}"))
    assert found.only.source is not None
    assert found.only.source.file.endswith("b.sh")
    assert found.places == [(2, 5)]


def test_a_large_or_binary_file_is_refused_where_it_is_named(work: Workshop) -> None:
    work.write("large.sh", "x" * 2000)
    assert "at most 1000 bytes" in work.refused(lambda: box(work, "size: 1, script: {file: large.sh}"))
    work.write("binary.sh", b"\xff\xfe")
    found = work.refused(lambda: box(work, "size: 1, script: {file: binary.sh}"))
    assert "is not UTF-8" in found
    assert found.places == [(7, 37)]


def test_a_fault_that_members_share_is_said_once_for_the_group(work: Workshop) -> None:
    found = work.refused("resources: {box: {b: {count: 3, size: x, note: '${index / 0}'}}}")
    assert [str(d.address) for d in found.diagnostics] == ["box.b", "box.b[0]"]


def test_a_member_is_named_whose_own_value_is_wrong(work: Workshop) -> None:
    found = work.refused("resources: {box: {b: {count: 3, size: '${100 + index}'}}}")
    assert str(found.only.address) == "box.b[1]"


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("adopt: 7", "adopt: 7 is not the id of a box"),
        ("adopt: nex-1", "write an id like box-…"),
        ("adopt: {a: box-1}", "a mapping or list is not the id"),
        ("count: 2, adopt: box-1", "adopt of a group is a mapping"),
        ("count: 2, adopt: {2: box-1}", "adopt: there is no member 2"),
        ("count: 2, adopt: {1: 7}", "adopt: 7 is not the id"),
    ],
)
def test_a_wrong_adoption_is_refused(work: Workshop, block: str, words: str) -> None:
    assert words in work.refused(f"resources: {{box: {{b: {{{block}, size: 1}}}}}}")


def test_an_adoption_names_an_id_for_each_member(work: Workshop) -> None:
    body = """
        resources:
          box:
            a: {adopt: box-1, size: 1}
            b: {adopt: {1: box-2}, count: 2, size: 1}
            c: {adopt: {x: box-3}, for_each: [x], size: 1}
            d: {adopt: null, size: 1}
          key: {k: {adopt: any-name}}
    """
    found = {name: r.adopt for name, r in by_name(work.stack(body)).items()}
    assert found == {
        "box.a": "box-1", "box.b[0]": None, "box.b[1]": "box-2", 'box.c["x"]': "box-3", "box.d": None,
        "key.k": "any-name",
    }  # fmt: skip


def test_names_that_nothing_tells_apart_are_refused(work: Workshop) -> None:
    found = work.refused("resources: {key: {a: {name: same}, b: {name: same}}}")
    assert "the name same is also that of key.a" in found
    found = work.refused("resources: {box: {a: {count: 1, size: 1}, a-0000: {size: 1}}}")
    assert "the name demo-a-0000 is also that of" in found


def test_two_single_resources_may_have_one_name_where_the_cloud_allows_it(work: Workshop) -> None:
    assert len(work.stack("resources: {box: {a: {name: same, size: 1}, b: {name: same, size: 1}}}").resources) == 2


def test_a_kind_may_refuse_a_name_by_its_own_pattern(work: Workshop) -> None:
    found = work.refused("resources: {box: {a: {for_each: ['http://x y'], size: 1, name: 'H'}}}")
    assert "name" in found


def test_a_secret_goes_where_it_is_not_shown(work: Workshop) -> None:
    body = "variables: {p: {env: V, version: 4}}\nresources: {box: {a: {size: 1, image: '${p}'}}}"
    assert "a secret cannot be written here" in work.refused(body)
