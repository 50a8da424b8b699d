import pytest

from ecsplan.model.address import Address
from tests.config.workshop import Workshop, by_name

BOX = "      size: 1\n"


def test_a_count_makes_numbered_members_with_ordered_names(work: Workshop) -> None:
    stack = work.stack("resources: {box: {b: {count: 3, size: '${index + 1}'}}}")
    assert [(str(r.address), r.name, r.name_is_managed, r.attributes) for r in stack.resources] == [
        (f"box.b[{i}]", f"demo-b-000{i}", True, {"size": i + 1, "name": f"demo-b-000{i}"}) for i in range(3)
    ]


def test_a_declared_name_of_a_count_gets_the_suffix(work: Workshop) -> None:
    stack = work.stack("resources: {box: {b: {count: 2, size: 1, name: web}}}")
    assert [r.name for r in stack.resources] == ["web-0000", "web-0001"]


def test_a_name_that_says_its_own_number_is_the_name(work: Workshop) -> None:
    names = [
        ("worker-${index}", ["worker-0", "worker-1"]),
        ("w${'%02d' % (index + 1)}", ["w01", "w02"]),
        ("${stack.name}-index", ["demo-index-0000", "demo-index-0001"]),
        ("w${'index'}", ["windex-0000", "windex-0001"]),
    ]
    for name, found in names:
        stack = work.stack(f'resources: {{box: {{b: {{count: 2, size: 1, name: "{name}"}}}}}}')
        assert [r.name for r in stack.resources] == found


def test_members_whose_names_say_a_number_that_is_not_theirs_are_refused(work: Workshop) -> None:
    found = work.refused('resources: {box: {b: {count: 3, size: 1, name: "w${index % 2}"}}}')
    assert "the name w0 is also that of box.b[0]" in found


def test_a_declared_name_is_managed_and_a_default_one_is_not(work: Workshop) -> None:
    found = by_name(work.stack("resources: {box: {a: {size: 1, name: web}, b: {size: 1}}}"))
    assert (found["box.a"].name, found["box.a"].name_is_managed, found["box.a"].attributes["name"]) == (
        "web",
        True,
        "web",
    )
    assert (found["box.b"].name, found["box.b"].name_is_managed) == ("demo-b", False)
    assert "name" not in found["box.b"].attributes


def test_a_for_each_over_a_list_makes_a_member_for_each_text(work: Workshop) -> None:
    stack = work.stack("resources: {box: {b: {for_each: [y, x], size: 1, note: '${each.key}${each.value}'}}}")
    assert [(str(r.address), r.name, r.attributes["note"]) for r in stack.resources] == [
        ('box.b["x"]', "demo-b-x", "xx"),
        ('box.b["y"]', "demo-b-y", "yy"),
    ]


def test_a_for_each_over_a_mapping_knows_the_values(work: Workshop) -> None:
    body = "resources: {box: {b: {for_each: {x: {n: 1}, y: {n: 2}}, name: 'n-${each.key}', size: '${each.value.n}'}}}"
    assert [(r.name, r.attributes["size"]) for r in work.stack(body).resources] == [("n-x", 1), ("n-y", 2)]


def test_a_name_that_is_the_same_for_each_gets_the_key(work: Workshop) -> None:
    stack = work.stack("resources: {box: {b: {for_each: [x, y], name: web, size: 1}}}")
    assert [r.name for r in stack.resources] == ["web-x", "web-y"]


def test_variables_decide_how_many_there_are(work: Workshop) -> None:
    body = """
        variables: {n: {default: 2}, sizes: {default: {x: 1}}}
        resources: {box: {b: {count: "${n * 2}", size: 1}, c: {for_each: "${sizes}", size: "${each.value}"}}}
    """
    assert len(work.stack(body).resources) == 5


def test_no_members_are_no_resources(work: Workshop) -> None:
    assert work.stack("resources: {box: {b: {count: 0, size: 1}, c: {for_each: [], size: 1}}}").resources == ()


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("count: -1", "count is -1"),
        ("count: 100001", "from 0 to 100,000"),
        ("count: two", "count is 'two'"),
        ("count: 1.5", "count is 1.5"),
        ("count: true", "count is true"),
        ("count: [1]", "count is a list"),
        ("count: '${1 - 3}'", "count is -2"),
        ("count: '${nope}'", "nope is not defined"),
        ("count: '${box.a.size}'", "cannot decide how many there are"),
        ("count: '${index}'", "index is not defined"),
        ("count: '${secret}'", "cannot depend on a secret"),
        ("for_each: 3", "for_each is 3"),
        ("for_each: [1]", "for_each is a list"),
        ("for_each: [a, a]", "'a' appears twice in for_each"),
        ("for_each: ['']", "a key that is empty"),
        ("for_each: '${nope}'", "nope is not defined"),
        ("count: 1, for_each: [a]", "count and for_each exclude each other"),
    ],
)
def test_a_wrong_group_is_refused(work: Workshop, group: str, words: str) -> None:
    found = work.refused(
        f"""
        variables: {{secret: {{env: X, version: 1}}}}
        resources: {{box: {{a: {{size: 1}}, b: {{{group}, size: 1}}}}}}
        """
    )
    assert words in found
    assert found.only.address == Address("box", "b")


def test_defaults_lie_beneath_what_is_declared(work: Workshop) -> None:
    body = """
        defaults:
          tags: {team: web, cost: "1"}
          box: {size: 7, disk: {size: 40, kind: ssd}, tags: {cost: "2"}}
        resources:
          net: {n: {}}
          wall: {w: {}}
          box:
            a: {}
            b: {size: 8, disk: {kind: hdd}, tags: {team: null, own: x}}
            c: {tags: null, disk: null}
    """
    found = {name: dict(r.attributes) for name, r in by_name(work.stack(body)).items()}
    assert found == {
        "net.n": {"tags": (("cost", "1"), ("team", "web"))},
        "wall.w": {},
        "box.a": {"size": 7, "disk.size": 40, "disk.kind": "ssd", "tags": (("cost", "2"), ("team", "web"))},
        "box.b": {"size": 8, "disk.size": 40, "disk.kind": "hdd", "tags": (("cost", "2"), ("own", "x"))},
        "box.c": {"size": 7},
    }


@pytest.mark.parametrize(
    ("defaults", "words"),
    [
        ("{bx: {}}", "did you mean box?"),
        ("{box: 3}", "defaults.box is not a mapping"),
        ("{tags: []}", "defaults.tags is not a mapping"),
        ("{box: {sice: 1}}", "defaults.box has no attribute sice"),
        ("{box: {size: x}}", "size: 'x' is not a whole number"),
    ],
)
def test_a_wrong_default_is_said_once_at_its_place(work: Workshop, defaults: str, words: str) -> None:
    found = work.refused(f"defaults: {defaults}\nresources: {{box: {{a: {{size: 1}}, b: {{size: 1}}}}}}".replace(
        "{size: 1}", "{}" if "size: x" in defaults else "{size: 1}"))  # fmt: skip
    assert words in str(found.only)
    assert found.places[0][0] == 4


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        ("{bocks: {}}", "did you mean box?"),
        ("{box: [a]}", "resources.box is not a mapping"),
        ("{box: {a: [1]}}", "box.a is not a mapping"),
        ("{box: {1a: {size: 1}}}", "1a is not a name for a resource"),
        ("{box: {wax-1: {size: 1}}}", "the name wax-1 has the shape of a cloud id"),
        (f"{{box: {{{'a' * 130}: {{size: 1, name: ab}}}}}}", "has 134 characters"),
        (f"{{box: {{a: {{for_each: [{'k' * 125}], size: 1, name: ab}}}}}}", "an address has at most 128"),
    ],
)
def test_a_wrong_block_is_refused(work: Workshop, resources: str, words: str) -> None:
    assert words in str(work.refused(f"resources: {resources}").only)


def test_a_resource_may_say_nothing(work: Workshop) -> None:
    assert len(work.stack("resources:\n  net:\n    a:\n  box:\n").resources) == 1


def test_members_that_are_alike_share_their_values(work: Workshop) -> None:
    one, two = work.stack("resources: {box: {b: {count: 2, size: 1, tags: {a: b}}}}").resources
    assert one.attributes["tags"] is two.attributes["tags"]
