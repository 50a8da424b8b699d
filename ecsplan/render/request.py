"""A pull request that accepts drift: what the file says from then on, what it cannot say, and why."""

from collections.abc import Iterator, Sequence

from ecsplan.render.drift import DriftView, drift_markdown
from ecsplan.render.markdown import LONGEST, LONGEST_LINK, RESERVE, Page, code, escaped, safe_link
from ecsplan.render.values import clean, cut
from ecsplan.render.words import plural

Left = Sequence[tuple[str, str]]


def request_title(view: DriftView) -> str:
    return cut(f"Accept what was changed outside: {clean(view.stack)} in {clean(view.region)}", 200)


def request_body(view: DriftView, accepted: Sequence[str], left: Left, link: str, longest: int) -> str:
    """The same drift makes the same body."""
    page = Page((min(longest, LONGEST) - LONGEST_LINK - RESERVE) // 2)
    page.add("Merge this to let the stack file say what is live. To put the live resources back, close it.", "")
    missing = page.add_while_fits(_blocks(accepted, left))
    head = page.text(*([f"_{plural(missing, 'line', 'lines')} left out, as a body has a limit._"] if missing else []))
    shown = drift_markdown(view, (min(longest, LONGEST) - LONGEST_LINK - RESERVE) // 2).rstrip("\n")
    where = f"[The run that saw it]({safe_link(link)})" if safe_link(link) else ""
    return "\n".join([head.rstrip("\n"), "", shown, *(["", where] if where else []), ""])


def _blocks(accepted: Sequence[str], left: Left) -> Iterator[tuple[str, ...]]:
    yield from ((f"- {code(name)}",) for name in accepted)
    if left:
        yield ("", "Not accepted:", "")
    yield from ((f"- {code(name)}: {escaped(cut(clean(why), 200))}",) for name, why in left)
