"""Words of messages: what somebody may have meant, and articles."""

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from functools import cache

from ecsplan.model.diagnostic import Hint, Words

_MOST_COMPARED = 500


def near(word: str, known: Iterable[str], what: str = "known", after: str = "") -> Words:
    """`nearest`, when it is asked for, and what follows it."""
    return cache(lambda: _followed(nearest(word, known, what), after))


def _followed(hint: Hint, after: str) -> Hint:
    return Hint(hint + after, hint.wrong, hint.instead)


def nearest(word: str, known: Iterable[str], what: str = "known") -> Hint:
    """What would be right instead of an unknown word, for the detail of a Diagnostic."""
    names = sorted(set(known))
    # Comparing with many thousands of names takes tenths of a second.
    alike = names if len(names) <= _MOST_COMPARED else [n for n in names if n[:1] == word[:1]][:_MOST_COMPARED]
    close = get_close_matches(word, alike, 1, 0.5)
    if close:  # and those that are hardly farther away
        ratio = SequenceMatcher(None, word, close[0]).ratio()
        close = get_close_matches(word, alike, 3, max(0.5, ratio - 0.1))
    if close:
        return Hint(f"did you mean {' or '.join(close)}?", word, close)
    if not names:
        return Hint(f"there are none ({what})")
    return Hint(f"{what}: {', '.join(names[:20])}" + (" …" if len(names) > 20 else ""))


def with_article(noun: str) -> str:
    """A noun with its article: `an instance`, `a disk`."""
    return f"an {noun}" if noun[:1] in "aeio" else f"a {noun}"
