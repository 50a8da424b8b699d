"""What an editor shows of the key or name under the pointer, as Markdown."""

from ecsplan.engine import kinds, stack_schema
from ecsplan.engine.editing import checking
from ecsplan.engine.editing.context import subject_at
from ecsplan.engine.editing.symbols import VARIABLE, Use, attribute_at
from ecsplan.model.attribute import Attribute
from ecsplan.model.change import Action
from ecsplan.model.plan import Plan
from ecsplan.render.explain import attribute_text, kind_text
from ecsplan.render.explain_schema import found, schema_text

_MOST_LINES = 40


def hover_text(text: str, line: int, column: int, use: Use | None, plan: Plan | None) -> str:
    """Empty where there is nothing to say. `use` is the name under the pointer."""
    parts = [_of_attribute(subject_at(text, line, column))]
    if use is not None:
        parts.insert(0, f"**{use.symbol}**" if use.symbol.kind != VARIABLE else f"variable **{use.symbol.name}**")
        parts.append(_of_plan(use, plan) if plan and use.symbol.kind != VARIABLE else "")
    return "\n\n".join(part for part in parts if part)


def _of_attribute(path: tuple[str, ...]) -> str:
    shapes = checking.shapes()
    known = attribute_at(path, shapes)
    if known and isinstance(known[1], Attribute):
        return _block(attribute_text(kinds()[known[0]], known[1].name))
    match path:
        case ("resources" | "defaults", kind) if kind in shapes:
            return _block(kind_text(kinds()[kind]))
        case ("resources", kind, _, *inside) if kind in shapes and inside and known:
            return _block(attribute_text(kinds()[kind], ".".join(inside)))
        case ("resources", _, _, *inside) if inside:
            return _of_schema(".".join(inside))
        case (_, *_):
            return _of_schema(path[0]) if len(path) == 1 else ""
    return ""


def _of_schema(path: str) -> str:
    schema = stack_schema()
    return _block(schema_text(schema, path)) if found(schema, path) is not None else ""


def _block(text: str) -> str:
    lines = text.rstrip().split("\n")
    more = ["…"] if len(lines) > _MOST_LINES else []
    return "```text\n" + "\n".join([*lines[:_MOST_LINES], *more]).replace("```", "'''") + "\n```"


def _of_plan(use: Use, plan: Plan) -> str:
    """Live ids, what the saved plan changes and puts at risk, and the price, for the resource and its members."""
    symbol = use.symbol
    rows = []
    for change in plan.changes:
        if (change.address.kind, change.address.name) == (symbol.kind, symbol.name):
            live = f"`{change.before.id}` {change.before.status}" if change.before else "not live"
            act = "" if change.action is Action.NOOP else f": {change.action.name.lower()}"
            risk = f" ({change.impact.name.lower().replace('_', ' ')})" if change.impacts else ""
            rows.append(f"- {change.address} {live}{act}{risk}")
    price = checking.price_of(plan, symbol.kind, symbol.name)
    return "\n".join([*rows[:10], *([f"- {price}"] if price else [])])
