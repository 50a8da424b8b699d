import pytest

from ecsplan.model.address import Address, Ref, Secret
from tests.config.workshop import HEADER, Workshop


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("stack: demo\nregion: cn-hangzhou\n", "a stack needs apiVersion"),
        (HEADER.replace("v1", "v2"), "unknown apiVersion 'ecsplan/v2'"),
        (HEADER.replace("ecsplan/v1", "[a]"), "unknown apiVersion a list"),
        (HEADER.replace("stack: demo", ""), "a stack needs stack"),
        (HEADER.replace("region: cn-hangzhou", ""), "a stack needs region"),
        (HEADER.replace("demo", "Demo"), "'Demo' is not a name for a stack"),
        (HEADER.replace("demo", "'demo\\n'"), "is not a name for a stack"),
        (HEADER.replace("demo", '"demo\\n"'), "is not a name for a stack"),
        (HEADER.replace("demo", "7"), "stack is 7"),
        (HEADER.replace("demo", "'${nope}'"), "nope is not defined"),
        (HEADER.replace("cn-hangzhou", "Hangzhou"), "'Hangzhou' is not a region"),
        (HEADER + "account: abc\n", "'abc' is not an account"),
        (HEADER + "account: true\n", "true is not an account"),
        (HEADER + "acount: 1\n", "did you mean account?"),
        (HEADER + "resources: [a]\n", "resources is not a mapping"),
        (HEADER + "outputs: 3\n", "outputs is not a mapping"),
    ],
)
def test_a_wrong_header_is_refused(work: Workshop, header: str, words: str) -> None:
    found = work.refused("", header=header)
    assert words in found
    assert len(found.diagnostics) <= 2


@pytest.mark.parametrize(
    ("text", "expected"), [('"12345"', "12345"), ("1234567890123456", "1234567890123456"), ("", None)]
)
def test_an_account_is_a_number_quoted_or_not(work: Workshop, text: str, expected: str | None) -> None:
    assert work.stack(f"account: {text}\n").account == expected


def test_a_region_from_the_command_line_wins(work: Workshop) -> None:
    assert work.stack("", region="cn-beijing").region == "cn-beijing"
    assert work.stack("", region="cn-beijing", header="apiVersion: ecsplan/v1\nstack: x\n").region == "cn-beijing"
    assert "'x' is not a region" in work.refused("", region="x")


def test_an_empty_stack_is_allowed_by_the_language(work: Workshop) -> None:
    assert work.stack("resources: {}\nvariables:\ndefaults:\nmoved:\nreleased:\noutputs:\n").resources == ()


def test_moved_and_released_are_read(work: Workshop) -> None:
    body = """
        resources: {net: {new: {}, g: {count: 2}}}
        moved: [{from: net.old, to: net.new}, {from: "net.g[5]", to: "net.g[1]"}]
        released: [net.gone, box.b, net.gone]
    """
    stack = work.stack(body)
    assert [(str(m.before), str(m.after)) for m in stack.moved] == [("net.old", "net.new"), ("net.g[5]", "net.g[1]")]
    assert [str(a) for a in stack.released] == ["box.b", "net.gone"]
    assert stack.moved[0].source is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("moved: 3", "moved is not a list"),
        ("moved: [3]", "two keys, from and to"),
        ("moved: [{from: net.b}]", "two keys, from and to"),
        ("moved: [{from: x, to: net.a}]", "moved.from: 'x' is not an address"),
        ("moved: [{from: net.b, to: 3}]", "moved.to: 3 is not an address"),
        ("moved: [{from: net.a, to: net.a}]", "moved.from: net.a is still declared"),
        ("moved: [{from: net.b, to: net.c}]", "moved.to: there is no net.c"),
        ("moved: [{from: box.b, to: net.a}]", "box.b cannot become a net"),
        ("moved: [{from: net.b, to: net.a}, {from: net.c, to: net.a}]", "net.a appears twice as to"),
        ("moved: [{from: net.b, to: net.a}, {from: net.b, to: 'net.g[0]'}]", "net.b appears twice as from"),
        ("moved: [{from: net.b, to: 'net.g[9]'}]", "moved.to: there is no net.g[9]"),
        ("released: 3", "released is not a list"),
        ("released: [3]", "released: 3 is not an address"),
        ("released: [net]", "'net' is not an address"),
        ("released: [net.a]", "released: net.a is still declared"),
        ("released: [net.g]", "released: net.g is still declared"),
        ("released: ['net.g[0]']", "released: net.g[0] is still declared"),
        ("outputs: {1a: x}", "1a is not a name for an output"),
        ("outputs: {a: '${nope}'}", "nope is not defined"),
        ("outputs: {a: '${region}'}", "did you mean stack.region?"),
        ("box: {a: {size: 1}}", "box belongs under resources:"),
        ("boxes: {a: {size: 1}}", "a stack has no key boxes"),
    ],
)
def test_a_wrong_entry_is_refused(work: Workshop, text: str, words: str) -> None:
    found = work.refused(f"resources: {{net: {{a: {{}}, g: {{count: 1}}}}}}\n{text}\n")
    assert words in str(found.only)


def test_a_member_that_a_group_no_longer_has_may_be_released(work: Workshop) -> None:
    stack = work.stack("resources: {net: {g: {count: 1}}}\nreleased: ['net.g[1]']\n")
    assert stack.released == (Address("net", "g", 1),)


def test_outputs_are_canonical(work: Workshop) -> None:
    body = """
        variables: {p: {env: P, version: 1}}
        resources: {net: {a: {}}}
        outputs: {a: {y: [1, 2], x: "${net.a.id}"}, b: plain, c: null, d: "${p}"}
    """
    assert work.stack(body).outputs == {
        "a": (("x", Ref(Address("net", "a"))), ("y", (1, 2))), "b": "plain", "d": Secret(1, env="P"),
    }  # fmt: skip
