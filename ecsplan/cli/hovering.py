"""The hover text for the key or name under the pointer, as Markdown."""

from ecsplan.engine import kinds, stack_schema
from ecsplan.engine.editing import checking
from ecsplan.engine.editing.context import subject_at
from ecsplan.engine.editing.symbols import VARIABLE, Symbol, Use, attribute_at
from ecsplan.model.algebra import ValueOrUnknown
from ecsplan.model.attribute import Attribute
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.plan import Plan
from ecsplan.render.explain import attribute_text, kind_text
from ecsplan.render.explain_schema import found, schema_text
from ecsplan.render.price import amounts
from ecsplan.render.values import masked, shown

_MOST_LINES = 40
_MOST_ROWS = 10


def hover_text(text: str, line: int, column: int, use: Use | None, plan: Plan | None) -> str:
    """Empty where there is nothing to say. `use` is the name under the pointer."""
    path = subject_at(text, line, column)
    parts = [_of_attribute(path)]
    if use is not None:
        parts.insert(0, f"**{use.symbol}**" if use.symbol.kind != VARIABLE else f"variable **{use.symbol.name}**")
        parts.append(_of_plan(use.symbol, "", plan) if plan and use.symbol.kind != VARIABLE else "")
    elif plan and path[:1] == ("resources",) and len(path) > 3:
        parts.append(_of_plan(Symbol(path[1], path[2]), ".".join(path[3:]), plan))
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


def _of_plan(symbol: Symbol, attribute: str, plan: Plan) -> str:
    """Of the resource and its members: live ids, what the saved plan changes, of an attribute alone where one is
    named, what that puts at risk, and the price."""
    changes = [c for c in plan.changes if (c.address.kind, c.address.name) == (symbol.kind, symbol.name)]
    rows = [row for row in (_row(change, attribute) for change in changes) if row]
    prices = [
        f"- {line.address}, {plan.prices.currency}: {amounts(line, plan.prices.currency)}"
        for line in plan.prices.lines
        if (line.address.kind, line.address.name) == (symbol.kind, symbol.name)
    ]
    return "\n".join([*rows[:_MOST_ROWS], *prices[:_MOST_ROWS]])


def _row(change: Change, attribute: str) -> str:
    risk = f" ({change.impact.text})" if change.impacts else ""
    if attribute:
        of_it = (one for one in change.attributes if one.name == attribute)
        values = [f"`{_value(one.before, one)}` → `{_value(one.after, one)}`" for one in of_it]
        return f"- {change.address}: {', '.join(values)}{risk}" if values else ""
    live = f"`{change.before.id}` {change.before.status}".strip() if change.before else "not live"
    act = "" if change.action is Action.NOOP else f": {change.action.name.lower()}"
    return f"- {change.address} {live}{act}{risk}"


def _value(value: ValueOrUnknown, of: AttributeChange) -> str:
    return shown(masked(value, of.sensitive)).replace("`", "'")
