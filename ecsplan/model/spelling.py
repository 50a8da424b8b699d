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


def meant(word: object, known: Iterable[str], otherwise: str) -> Words:
    """The nearest of a few words, when it is asked for; another text where none is near."""
    return cache(lambda: _near_enough(str(word), known) or otherwise)


def _near_enough(word: str, known: Iterable[str]) -> Hint | None:
    hint = nearest(word, known)
    return hint if hint.instead else None


def nearest(word: str, known: Iterable[str], what: str = "known") -> Hint:
    """What would be right instead of an unknown word, for the detail of a Diagnostic."""
    names = sorted(set(known))
    # Comparing with many thousands of names takes tenths of a second.
    alike = names if len(names) <= _MOST_COMPARED else [n for n in names if n[:1] == word[:1]][:_MOST_COMPARED]
    small, folded = word.casefold(), {name.casefold(): name for name in alike}
    close = get_close_matches(small, folded, 1, 0.5)
    if close:  # and those that are hardly farther away
        ratio = SequenceMatcher(None, small, close[0]).ratio()
        close = [folded[name] for name in get_close_matches(small, folded, 3, max(0.5, ratio - 0.1))]
        return Hint(f"did you mean {' or '.join(close)}?", word, close)
    if not names:
        return Hint(f"there are none ({what})")
    return Hint(f"{what}: {', '.join(names[:20])}" + (" …" if len(names) > 20 else ""))


def with_article(noun: str) -> str:
    """A noun with its article: `an instance`, `a disk`."""
    return f"an {noun}" if noun[:1] in "aeio" else f"a {noun}"
