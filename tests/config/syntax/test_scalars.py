import pytest

from ecsplan.config.syntax.scalars import core_value, tagged_value


@pytest.mark.parametrize(
    "text",
    [
        "on",
        "yes",
        "NO",
        "1:30",
        "0123",
        "2026-12-31",
        "0o8",
        "0xg",
        "+",
        "-",
        ".",
        "1_000",
        "tRUE",
        "1e",
        "0123.5",
        "<",
    ],
)
def test_what_the_author_wrote_stays_a_text(text: str) -> None:
    assert core_value(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("true", True), ("FALSE", False), ("0", 0), ("-7", -7),
        ("+12", 12), ("0o17", 15), ("0xFf", 255), ("1.5", 1.5), (".5", 0.5), ("1.", 1.0),
        ("-1e3", -1000.0), ("1E+2", 100.0),
    ],
)  # fmt: skip
def test_the_core_schema_gives_plain_scalars_their_types(text: str, value: object) -> None:
    assert core_value(text) == value
    assert type(core_value(text)) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "9" * 50, "0x" + "f" * 50, "1." + "0" * 50])
def test_numbers_that_nothing_can_hold_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|long"):
        core_value(text)


CORE = "tag:yaml.org,2002:"


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [("str", "1", "1"), ("int", "1", 1), ("float", "1", 1.0), ("bool", "true", True), ("null", "~", None)],
)
def test_the_tags_of_the_core_schema_are_taken(tag: str, text: str, value: object) -> None:
    assert tagged_value(CORE + tag, text) == value
    assert type(tagged_value(CORE + tag, text)) is type(value)


@pytest.mark.parametrize(
    ("tag", "text"), [("int", "x"), ("int", "true"), ("bool", "1"), ("binary", "aGk="), ("timestamp", "2026-01-01")]
)
def test_other_tags_and_values_that_do_not_fit_are_refused(tag: str, text: str) -> None:
    with pytest.raises(ValueError, match="tag !!"):
        tagged_value(CORE + tag, text)


def test_a_python_tag_is_shown_as_it_is_written() -> None:
    with pytest.raises(ValueError, match=r"!!python/name:os.system"):
        tagged_value(CORE + "python/name:os.system", "")
