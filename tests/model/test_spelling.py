import pytest

from ecsplan.model.spelling import nearest, with_article


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("sice", ["size", "note"], "did you mean size?"),
        ("ap", ["app", "apx", "zzz"], "did you mean apx or app?"),
        ("qqq", ["b", "a"], "known: a, b"),
        ("qqq", [], "there are none (known)"),
    ],
)
def test_what_may_have_been_meant_is_said(word: str, known: list[str], said: str) -> None:
    assert nearest(word, known) == said


def test_a_long_list_is_cut_and_not_compared_in_full() -> None:
    known = [f"n{i:05}" for i in range(5_000)]
    assert nearest("q", known).endswith("n00019 …")
    assert nearest("n0000", known).startswith("did you mean n00")


def test_nouns_have_their_article() -> None:
    assert [with_article(noun) for noun in ("instance", "eip", "disk")] == ["an instance", "an eip", "a disk"]
