from typing import Any

import pytest

from ecsplan.model.address import Secret
from tests.config.workshop import HEADER, Workshop

SHOWN = "outputs: {o: '${v}'}\n"


def value(work: Workshop, declaration: str, **options: Any) -> Any:
    return work.stack(f"variables: {{v: {declaration}}}\n{SHOWN}", **options).outputs.get("o")


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ("{default: x}", "x"),
        ("{default: 3}", 3),
        ("{default: true}", True),
        ("{default: 1.5}", 1.5),
        ("{type: number, default: 2}", 2),
        ("{type: list, default: [1, a]}", (1, "a")),
        ("{default: {a: 1}}", (("a", 1),)),
        ("{default: '$${x}'}", "${x}"),
    ],
)
def test_a_default_keeps_its_type(work: Workshop, declaration: str, expected: Any) -> None:
    assert value(work, declaration) == expected


def test_rising_sources_win(work: Workshop) -> None:
    one, two = work.write("vars/one.yaml", "v: one\n"), work.write("vars/two.yaml", "v: two\n")
    sources: dict[str, Any] = {"var_files": (one, two)}
    assert value(work, "{default: zero}") == "zero"
    assert value(work, "{default: zero}", **sources) == "two"
    sources["environ"] = {"ECSPLAN_VAR_v": "environment", "HOME": "/"}
    assert value(work, "{default: zero}", **sources) == "environment"
    sources["variables"] = ("v=first", "v=last=one")
    assert value(work, "{default: zero}", **sources) == "last=one"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("string", "007", "007"),
        ("string", "${x}", "${x}"),
        ("integer", " 7 ", 7),
        ("number", "1.5", 1.5),
        ("boolean", "true", True),
        ("list", "[a, 1]", ("a", 1)),
        ("map", "{a: 1}", (("a", 1),)),
        ("map", "a: 1", (("a", 1),)),
    ],
)
def test_a_text_is_read_by_the_declared_type(work: Workshop, kind: str, text: str, expected: Any) -> None:
    assert value(work, f"{{type: {kind}}}", variables=(f"v={text}",)) == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [("integer", "x"), ("integer", "1.5"), ("integer", "true"), ("boolean", "yes"), ("number", ".inf"), ("list", "[a"),
     ("list", "{a: 1}"), ("map", "[1]"), ("map", "")],
)  # fmt: skip
def test_a_text_that_does_not_fit_is_refused(work: Workshop, kind: str, text: str) -> None:
    found = work.refused(lambda: value(work, f"{{type: {kind}}}", variables=(f"v={text}",)))
    assert "--var v" in found


def test_a_value_of_a_variable_file_that_does_not_fit_is_refused_at_its_place(work: Workshop) -> None:
    path = work.write("vars.yaml", "# sizes\nv: large\n")
    found = work.refused(lambda: value(work, "{type: integer}", var_files=(path,)))
    assert "'large' is not a whole number" in found
    assert "vars.yaml:2:4" in found


def test_a_variable_without_a_value_is_refused(work: Workshop) -> None:
    found = work.refused("variables:\n  size: {type: integer}\n")
    assert found.only.summary == "the variable size has no value"
    assert "ECSPLAN_VAR_size" in found.only.detail
    assert found.places == [(5, 3)]


def test_an_unknown_variable_is_refused_with_the_nearest(work: Workshop) -> None:
    found = work.refused("variables: {size: {default: 1}}\n", variables=("siz=2", "size"))
    assert "--var siz: siz is not a declared variable" in found
    assert "did you mean size?" in found
    assert "--var size has no =" in found


def test_what_a_shared_file_has_for_other_stacks_is_a_remark(work: Workshop) -> None:
    path = work.write("vars/shared.yaml", "v: one\nsice: 1\n")
    stack = work.stack(f"variables: {{v: {{default: zero}}, size: {{default: 1}}}}\n{SHOWN}", var_files=(path,))
    remark, *_ = (warning for warning in stack.warnings if "sice" in warning.summary)
    assert remark.summary == "sice is not a variable of this stack, and sets nothing"
    assert remark.detail == "did you mean size?"
    assert remark.source is not None and (remark.source.line, remark.source.column) == (2, 1)
    assert stack.outputs == {"o": "one"}


def test_an_unknown_name_in_the_environment_is_a_warning(work: Workshop) -> None:
    stack = work.stack("", environ={"ECSPLAN_VAR_other": "1"})
    assert [w.summary for w in stack.warnings] == ["ECSPLAN_VAR_other sets no declared variable"]


def test_an_unused_variable_is_a_warning(work: Workshop) -> None:
    stack = work.stack("variables: {v: {default: 1}}")
    assert [w.summary for w in stack.warnings] == ["the variable v is never used"]


def test_a_variable_file_that_does_not_parse_is_refused(work: Workshop) -> None:
    assert "vars.yaml:1" in work.refused("", var_files=(work.write("vars.yaml", "- 1\n"),))


@pytest.mark.parametrize(
    ("declaration", "words"),
    [
        ("v: 3", "write v: {default: 3}"),
        ("v: [3]", "is not a mapping"),
        ("v: {typ: string, default: x}", "did you mean type?"),
        ("v: {type: text}", "'text' is not a type"),
        ("v: {type: [a]}", "is not a type"),
        ("v: {type: integer, default: x}", "'x' is not a whole number"),
        ("v: {type: integer, default: true}", "true is not a whole number"),
        ("v: {default: '${w}'}", "w is not defined"),
        ("v: {default: '${v}'}", "v mentions itself"),
        ("v: {allowed: x}", "allowed is not a list"),
        ("v: {allowed: [a, b], default: c}", "'c' is not allowed for v"),
        ("v: {allowed: [1, 2], default: true}", "true is not allowed"),
        ("v: {pattern: 1}", "pattern is not a string"),
        ("v: {pattern: '(a'}", "is not closed"),
        ("v: {pattern: '[a-z]+', default: a1}", "the variable v fits the pattern [a-z]+"),
        ("v: {env: X, version: 1, allowed: [a]}", "the secret variable v has allowed"),
        ("a-b: {default: 1}", "a-b is not the name of a variable"),
        ("stack: {default: 1}", "a variable cannot be called stack"),
        ("box: {default: 1}", "a variable cannot be called box"),
        ("v: {env: X, version: 1, default: x}", "the secret variable v has a default"),
        ("v: {env: X}", "this is not a secret"),
        ("v: {env: X, version: 0}", "this is not a secret"),
    ],
)
def test_a_wrong_declaration_is_refused(work: Workshop, declaration: str, words: str) -> None:
    assert words in work.refused(f"variables:\n  {declaration}\n")


def test_what_a_secret_lacks_is_told_once(work: Workshop) -> None:
    assert str(work.refused("variables:\n  v: {env: X}\n")).count("write {env: NAME") == 1


def test_defaults_mention_other_variables_in_any_order(work: Workshop) -> None:
    body = """
        variables:
          title: {default: "the ${env} network of ${team|upper}"}
          env: {default: dev}
          team: {type: string}
          size: {default: "${count * 2}"}
          count: {default: 3}
        outputs: {o: "${title}", s: "${size}"}
    """
    stack = work.stack(body, variables=("team=shop", "env=prod"))
    assert stack.outputs == {"o": "the prod network of SHOP", "s": 6}


def test_variables_that_mention_each_other_are_refused_once(work: Workshop) -> None:
    found = work.refused("variables: {a: {default: '${b}'}, b: {default: 'x${c}'}, c: {default: '${a}'}}\n")
    assert [d.summary for d in found.diagnostics] == ["a mentions itself"]
    assert "a → b → c → a" in found


def test_a_default_of_a_secret_is_a_secret(work: Workshop) -> None:
    body = "variables: {p: {env: P, version: 3}, v: {default: 'u:${p}'}}\n" + SHOWN
    assert work.stack(body).outputs == {"o": Secret(3, template=("u:", Secret(3, env="P")))}


def test_locals_are_worked_out_of_variables_and_of_the_stack(work: Workshop) -> None:
    body = """
        variables: {env: {default: dev}, ports: {default: [80, 443]}}
        locals:
          prefix: "${stack.name}-${env}"
          title: "${prefix} in ${stack.region}"
          all: {ports: "${ports}", first: "${ports[0]}"}
        outputs: {o: "${title}", p: "${all.first}", n: "${all.ports|length}"}
    """
    assert work.stack(body).outputs == {"o": "demo-dev in cn-hangzhou", "p": 80, "n": 2}


def test_the_name_of_the_stack_may_use_locals_that_do_not_use_it(work: Workshop) -> None:
    header = HEADER.replace("demo", "'${base}-x'")
    body = "variables: {env: {default: dev}}\nlocals: {base: 'demo-${env}'}\n"
    assert work.stack(body, header=header).name == "demo-dev-x"
    found = work.refused("locals: {base: 'demo-${stack.region}'}\n", header=header)
    assert "stack is not known yet here" in found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("locals: [a]", "locals is not a mapping"),
        ("locals: {a-b: 1}", "a-b is not the name of a local"),
        ("locals: {box: 1}", "a local cannot be called box"),
        ("locals: {v: 1}\nvariables: {v: {default: 1}}", "v is a variable, too"),
        ("locals: {a: '${a}'}", "a mentions itself"),
    ],
)
def test_wrong_locals_are_refused(work: Workshop, text: str, words: str) -> None:
    assert words in work.refused(text + "\n")


def test_an_unused_local_is_a_warning(work: Workshop) -> None:
    assert [w.summary for w in work.stack("locals: {l: 1}").warnings] == ["the local l is never used"]


@pytest.mark.parametrize("given", ["dev", "prod"])
def test_a_value_that_is_allowed_is_taken(work: Workshop, given: str) -> None:
    assert value(work, "{allowed: [dev, prod], default: dev}", variables=(f"v={given}",)) == given


def test_a_value_that_is_not_allowed_is_refused_with_the_nearest(work: Workshop) -> None:
    found = work.refused(lambda: value(work, "{allowed: [dev, prod], default: dev}", variables=("v=prd",)))
    assert "--var v: 'prd' is not allowed for v" in found
    assert "did you mean prod?" in found


def test_a_value_fits_its_pattern_as_a_whole(work: Workshop) -> None:
    declaration = "{pattern: '[a-z]+-[0-9]{2}', default: web-01}"
    assert value(work, declaration, variables=("v=db-99",)) == "db-99"
    assert "fits the pattern" in work.refused(lambda: value(work, declaration, variables=("v=db-99x",)))


def test_a_secret_variable_is_a_secret(work: Workshop) -> None:
    assert value(work, "{env: DB, version: 2}") == Secret(2, env="DB")


def test_the_file_of_a_secret_is_found_beside_the_yaml(work: Workshop) -> None:
    assert value(work, "{file: pw.txt, version: 1}") == Secret(1, file=str(work.folder / "pw.txt"))


def test_a_variable_file_may_name_another_source_of_a_secret(work: Workshop) -> None:
    path = work.write("vars.yaml", "v: {env: OTHER, version: 3}\n")
    assert value(work, "{env: DB, version: 2}", var_files=(path,)) == Secret(3, env="OTHER")


@pytest.mark.parametrize("options", [{"variables": ("v=hunter2",)}, {"environ": {"ECSPLAN_VAR_v": "hunter2"}}])
def test_a_secret_never_comes_on_the_command_line(work: Workshop, options: Any) -> None:
    found = work.refused(lambda: value(work, "{env: DB, version: 2}", **options))
    assert "cannot set a secret" in found
    assert "hunter2" not in found


def test_a_secret_in_a_variable_file_is_not_shown(work: Workshop) -> None:
    path = work.write("vars.yaml", "v: hunter2\n")
    found = work.refused(lambda: value(work, "{env: DB, version: 2}", var_files=(path,)))
    assert "hunter2" not in found


def test_variables_that_are_no_mapping_are_refused(work: Workshop) -> None:
    assert "variables is not a mapping" in work.refused("variables: [a]\n")


def test_the_header_may_mention_variables(work: Workshop) -> None:
    header = HEADER.replace("demo", "'demo-${v}'").replace("cn-hangzhou", "${r}")
    body = "variables: {v: {default: a}, r: {default: cn-beijing}}\n"
    stack = work.stack(body, header=header)
    assert (stack.name, stack.region) == ("demo-a", "cn-beijing")
