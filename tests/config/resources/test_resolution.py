import pytest

from ecsplan.model.address import Address, ForeignRef, Lookup, Ref
from tests.config.workshop import Workshop, by_name


def ref(text: str) -> Ref:
    return Ref(Address.parse(text))


def test_plain_names_become_refs(work: Workshop) -> None:
    body = """
        resources:
          net: {a: {}, g: {count: 2}, h: {for_each: [x]}}
          wall: {w: {}, v: {}}
          box:
            a: {size: 1, net: a, walls: [w, v, wax-9]}
            b: {size: 1, net: "g[1]"}
            c: {size: 1, net: 'h["x"]'}
    """
    found = by_name(work.stack(body))
    assert found["box.a"].attributes["net"] == ref("net.a")
    assert found["box.a"].attributes["walls"] == (ref("wall.v"), ref("wall.w"), "wax-9")
    assert found["box.b"].attributes["net"] == ref("net.g[1]")
    assert found["box.c"].attributes["net"] == ref('net.h["x"]')


def test_ids_lookups_and_other_stacks_stay_for_the_plan(work: Workshop) -> None:
    body = """
        resources:
          box:
            a: {size: 1, net: nex-1}
            b: {size: 1, net: {stack: network, name: app}}
            c: {size: 1, net: {lookup: {name: main, tags: {a: b}}}}
    """
    found = {name: r.attributes["net"] for name, r in by_name(work.stack(body)).items()}
    assert found == {
        "box.a": "nex-1",
        "box.b": ForeignRef("network", Address("net", "app")),
        "box.c": Lookup("net", "main", (("a", "b"),)),
    }


BOTH = "wall: {web: {}, w: {}, g: {count: 2}}, box: {web: {size: 1}, b: {size: 1}, g: {count: 2, size: 1}}"


@pytest.mark.parametrize(
    ("on", "found"),
    [
        ("b", ref("box.b")),
        ("w", ref("wall.w")),
        ("box.web", ref("box.web")),
        ("wall.web", ref("wall.web")),
        ("'wall.g[1]'", ref("wall.g[1]")),
        ("{stack: s, name: web}", ForeignRef("s", Address("box", "web"))),
        ("{stack: s, name: wall.web}", ForeignRef("s", Address("wall", "web"))),
        ("{lookup: {name: n}}", Lookup("box", "n")),
        ("{lookup: {name: n, kind: wall}}", Lookup("wall", "n")),
    ],
)
def test_a_reference_to_several_kinds_may_name_the_kind(work: Workshop, on: str, found: object) -> None:
    stack = work.stack(f"resources: {{{BOTH}, tap: {{t: {{on: {on}}}}}}}")
    assert by_name(stack)["tap.t"].attributes["on"] == found


@pytest.mark.parametrize(
    ("on", "words"),
    [
        ("web", "web could be a box (box.web) or a wall (wall.web)"),
        ("web", "write box.web or wall.web"),
        ("'g[0]'", "write box.g[0] or wall.g[0]"),
        ("box.w", "there is no box or wall called box.w"),
        ("{lookup: {name: n, kind: net}}", "write one of box, wall"),
    ],
)
def test_a_plain_name_that_could_be_two_is_refused(work: Workshop, on: str, words: str) -> None:
    found = work.refused(f"resources: {{{BOTH}, tap: {{t: {{on: {on}}}}}}}").only
    assert words in f"{found.summary} {found.detail}"


def test_a_name_or_a_literal(work: Workshop) -> None:
    found = by_name(
        work.stack("resources: {key: {mine: {}}, box: {a: {size: 1, key: mine}, b: {size: 1, key: other}}}")
    )
    assert (found["box.a"].attributes["key"], found["box.b"].attributes["key"]) == (ref("key.mine"), "other")


def test_a_literal_that_is_nearly_a_name_is_a_warning(work: Workshop) -> None:
    body = "resources: {key: {deploy: {}}, box: {a: {size: 1, key: deploi}, b: {size: 1, key: deploi}}}"
    warning = work.stack(body).warnings[0]
    assert "did you mean deploy?" in warning.detail


@pytest.mark.parametrize(
    ("net", "words"),
    [
        ("ap", "there is no net called ap"),
        ("ap", "did you mean app?"),
        ("zzz", "every net of this stack: app, group, none"),
        ("wall", "wall is a wall, not a net"),
        ("group", "net.group is a group (count) and needs an index"),
        ("group", "like group[0]"),
        ("'group[7]'", "net.group has no member [7]"),
        ("'group[\"x\"]'", 'has no member ["x"]'),
        ("'app[0]'", "net.app is a single resource"),
        ("none", "the group has no members"),
        ("'none[0]'", "the group has no members"),
        ("'x y'", "there is no net called x y"),
    ],
)
def test_a_name_that_means_nobody_is_refused(work: Workshop, net: str, words: str) -> None:
    body = f"""
        resources:
          net: {{app: {{}}, group: {{count: 2}}, none: {{count: 0}}}}
          wall: {{wall: {{}}}}
          box: {{a: {{size: 1, net: {net}}}}}
    """
    found = work.refused(body)
    assert words in str(found.only)
    assert found.places == [(8, 27)]


def test_an_unknown_name_in_a_list_stands_at_its_place(work: Workshop) -> None:
    body = "resources:\n  wall: {w: {}}\n  box:\n    a:\n      size: 1\n      walls:\n        - w\n        - v\n"
    assert work.refused(body).places == [(11, 11)]


def test_an_unknown_name_deep_in_a_rule_stands_at_its_place(work: Workshop) -> None:
    body = "resources:\n  wall:\n    w:\n      rules:\n        - {port: 1, wall: w}\n        - {port: 2, wall: nope}\n"
    assert work.refused(body).places == [(9, 27)]


def test_the_same_thing_twice_in_a_set_is_refused_whatever_it_is_called(work: Workshop) -> None:
    found = work.refused("resources: {wall: {w: {}}, box: {a: {size: 1, walls: [w, '${wall.w.id}']}}}")
    assert "wall.w appears twice" in found


def test_depends_on_names_groups_and_members(work: Workshop) -> None:
    body = """
        resources:
          net: {a: {}, g: {count: 2}}
          box: {b: {size: 1, depends_on: [net.g, net.a, "net.g[1]"]}, c: {size: 1, depends_on: null}}
    """
    found = by_name(work.stack(body))
    assert [str(a) for a in found["box.b"].depends_on] == ["net.a", "net.g"]
    assert found["box.c"].depends_on == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("net.a", "depends_on is not a list"),
        ("[net.b]", "depends_on: there is no net.b"),
        ("[a]", "is not an address"),
        ("[[a]]", "is not an address"),
        ("['net.a[0]']", "net.a is a single resource"),
    ],
)
def test_a_wrong_depends_on_is_refused(work: Workshop, text: str, words: str) -> None:
    assert words in work.refused(f"resources: {{net: {{a: {{}}}}, box: {{b: {{size: 1, depends_on: {text}}}}}}}")


def test_places_of_attributes_are_known(work: Workshop) -> None:
    body = "defaults:\n  tags: {t: x}\nresources:\n  box:\n    b:\n      size: 1\n      disk:\n        size: 2\n"
    resource = work.stack(body).resources[0]
    found = {name: resource.source_of(name) for name in ("size", "disk.size", "disk", "tags.t", "tags.z", "nope", "")}
    assert {name: (place.line, place.column) for name, place in found.items() if place} == {
        "size": (9, 7), "disk.size": (11, 9), "disk": (10, 7), "tags.t": (5, 10), "tags.z": (5, 3), "nope": (8, 5),
        "": (8, 5),
    }  # fmt: skip
    assert set(resource.sources) == {"size", "disk.size", "tags"}
    assert len(resource.sources) == 3
