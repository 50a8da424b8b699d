"""The graph of a plan as Graphviz and Mermaid draw it: steps as boxes, barriers as points, each edge with its reason.

An edge leads from the earlier step to the later one. Dashed is what must only have ended, done or not.
"""

from collections.abc import Iterator

from ecsplan.model.plan import Edge, StepId
from ecsplan.render.view import PlanView, StepRow


def plan_dot(seen: PlanView) -> str:
    """For `dot -Tsvg`."""
    lines = ["digraph plan {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    for step in seen.steps:
        look = f"label={_quoted(_label(step))}" if not step.is_barrier else 'shape=point, label=""'
        lines.append(f"  {_quoted(str(step.id))} [{look}];")
    for edge in _edges(seen):
        style = "" if edge.is_needed else ", style=dashed"
        ends = f"{_quoted(str(edge.earlier))} -> {_quoted(str(edge.later))}"
        lines.append(f"  {ends} [label={_quoted(edge.why)}{style}];")
    return "\n".join([*lines, "}", ""])


def plan_mermaid(seen: PlanView) -> str:
    """For a Markdown block, as GitHub and GitLab draw it."""
    names: dict[StepId, str] = {step.id: f"s{number}" for number, step in enumerate(seen.steps)}
    lines = ["flowchart LR"]
    for step in seen.steps:
        lines.append(
            f'  {names[step.id]}["{_entity(_label(step))}"]' if not step.is_barrier else f"  {names[step.id]}(( ))"
        )
    for edge in _edges(seen):
        arrow = "-->" if edge.is_needed else "-.->"
        label = f'|"{_entity(edge.why)}"|' if edge.why else ""
        lines.append(f"  {names[edge.earlier]} {arrow}{label} {names[edge.later]}")
    return "\n".join([*lines, ""])


def _edges(seen: PlanView) -> Iterator[Edge]:
    return (edge for step in seen.steps for edge in step.edges)


def _label(step: StepRow) -> str:
    """The step, and how many it is for where that is more than one."""
    more = f" and {len(step.addresses) - 1} more" if len(step.addresses) > 1 else ""
    return f"{step.id}{more}" + (f": {step.gate}" if step.gate else "")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'


def _entity(text: str) -> str:
    """Mermaid has no escapes: what means something to it is written by number."""
    return "".join(f"#{ord(sign)};" if sign in '"#;[](){}|<>`' else " " if sign == "\n" else sign for sign in text)
