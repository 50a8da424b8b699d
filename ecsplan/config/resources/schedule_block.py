"""`schedule` of a machine: the hours in which it runs. Used by validation.py."""

from typing import Any

from ecsplan.config.expressions.interpolation import evaluate
from ecsplan.config.resources.expansion import Block
from ecsplan.config.syntax.faults import ExpressionError, Faults
from ecsplan.model.capabilities.power import Power
from ecsplan.model.hours import SAYS, Hours
from ecsplan.model.quoting import shown
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import with_article
from ecsplan.model.values import Mistake

SCHEDULE = {
    "description": "When it runs; it is off at all other hours.",
    "type": ["object", "null"],
    "properties": {"running": {"description": f"{SAYS[0].upper()}{SAYS[1:]}.", "type": "string"}},
    "required": ["running"],
    "additionalProperties": False,
}


def schedule_of(block: Block, faults: Faults) -> str:
    """The hours, as a text that Hours reads; empty where there are none. Faults are said at their place."""
    node = block.node.value.get("schedule")
    if node is None or node.value is None:
        return ""
    try:
        return _hours(block, evaluate(node, block.scope))
    except ExpressionError as error:
        faults.add_failed(error, node, block.address)
    except Mistake as mistake:
        source = node.at(mistake.path).source
        faults.add(mistake.summary, mistake.words, source, block.address, rule=Rule.COMBINATION)
    return ""


def _hours(block: Block, value: Any) -> str:
    power = block.kind.capability(Power)
    if power is None:
        raise Mistake(f"{with_article(block.kind.name)} is not started and stopped", "remove schedule")
    if not isinstance(value, dict) or set(value) != {"running"} or not isinstance(value["running"], str):
        raise Mistake(f"schedule is {shown(value)}", 'write {running: "Mon-Fri 08:00-20:00 Asia/Shanghai"}')
    if power.attribute in block.node.value:
        raise Mistake(f"it has a schedule and {power.attribute}: the one is by the clock", "remove one of them")
    try:
        Hours.parse(value["running"])
    except ValueError as error:
        raise Mistake(f"schedule: {error}", "Mon-Fri 08:00-20:00 Asia/Shanghai", ("running",)) from None
    return value["running"]
