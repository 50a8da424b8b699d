"""What each format says of a plan and of its report, as numbers by their words, read from the outside."""

import html
import io
import json
import re
from collections import Counter
from typing import Any

from ecsplan.cli.events import EventWriter
from ecsplan.model.change import Action
from ecsplan.model.plan import Plan, Report
from ecsplan.render.json_format import apply_document
from ecsplan.render.markdown import plan_markdown, report_markdown
from ecsplan.render.report import ReportView, report_text, report_view
from ecsplan.render.text import plan_text
from ecsplan.render.view import PlanView, view

ACTIONS = ("create", "update", "replace", "delete", "adopt", "move", "release")


def numbers(text: str) -> dict[str, int]:
    """`2 to create, 3 stay, 1 left out (…), 4 API calls` as numbers by their words; the first line that has any."""
    text = html.unescape(text)
    found = {word: count for count, word in re.findall(r"(\d[\d,]*) to (\w+)", text)}
    for word, pattern in (
        ("keep", r"(\d[\d,]*) unchanged"), ("left_out", r"(\d[\d,]*) left out"), ("drifted", r"(\d[\d,]*) drifted"),
        ("calls", r"(\d[\d,]*) API calls?, about"),
    ):  # fmt: skip
        match = re.search(pattern, text)
        found |= {word: match[1]} if match else {}
    for part in (re.search(r"Impact: ([^.]*)\.", text) or ("", ""))[1].split(", "):
        count, _, word = part.partition(" ")
        found |= {word: count} if word else {}
    return {word: int(count.replace(",", "")) for word, count in found.items()}


def of_plan(plan: Plan) -> list[str]:
    """What does not add up in a plan, in any of the four formats."""
    seen = view(plan)
    document = json.loads(json.dumps(apply_document(seen, None)))["plan"]
    summary, events = document["summary"], _events(seen, None)
    rows = Counter(change["action"] for change in document["changes"])
    impacts = Counter(impact for change in document["changes"] for impact in change["impacts"])
    calls = sum(len(step["calls"]) for step in document["steps"])
    told = {**rows, "keep": summary["keep"], "left_out": len(document["left_out"]), "calls": calls,
            "drifted": summary["drifted"], **impacts}  # fmt: skip
    words = {impact.name.lower(): impact.text for impact in seen.impacts}
    wanted = {words.get(name, name): count for name, count in told.items() if count}
    problems = [f"{name}: {summary[name]}, {rows[name]} rows" for name in ACTIONS if summary[name] != rows[name]]
    quiet = {change.address for change in plan.changes if change.action is Action.NOOP} - set(plan.left_out)
    problems += [f"keep: {summary['keep']}, and {len(quiet)} are quiet"] if summary["keep"] != len(quiet) else []
    problems += [f"impacts: {summary['impacts']} and {impacts}"] if summary["impacts"] != dict(impacts) else []
    problems += [f"calls: {summary['calls']} and {calls}"] if summary["calls"] != calls else []
    planned = [event for event in events if event["type"] == "planned_change"]
    if [event["change"] for event in planned] != document["changes"]:
        problems.append("the events do not name the changes of the JSON")
    (summed,) = [event for event in events if event["type"] == "change_summary"]
    problems += ["the events' summary is another one"] if summed["summary"] != summary else []
    if not seen.is_empty:
        bold = next(line for line in plan_markdown(seen).splitlines() if line.startswith("**"))
        lines = (plan_text(seen).strip().splitlines()[-1], bold, summed["message"])
        problems += [f"{line!r} is not {wanted}" for line in lines if numbers(line) != {"keep": 0, **wanted}]
    return problems


def of_report(plan: Plan, report: Report) -> list[str]:
    """What does not add up between what was announced and what the report says, in any of the four formats."""
    seen = view(plan)
    done = report_view(report, (row.addresses[0] for row in seen.changes))
    document = json.loads(json.dumps(apply_document(seen, done)))["report"]
    counts: dict[str, int] = document["counts"]
    announced = {change["address"] for change in json.loads(json.dumps(apply_document(seen, None)))["plan"]["changes"]}
    problems = []
    if set(document["results"]) != announced or Counter(document["results"].values()) != Counter(counts):
        problems.append(f"announced {sorted(announced)}, told {document['results']}, counted {counts}")
    failed = {address for o in document["outcomes"] if o["status"] == "failed" for address in o["addresses"]}
    told = {address for address, result in document["results"].items() if result == "failed"}
    problems += [f"failed: {failed & announced} and {told}"] if failed & announced != told else []
    (summed,) = [event for event in _events(seen, done) if event["type"] == "summary"]
    problems += ["the events count otherwise"] if (summed["counts"], summed["off"]) != (counts, document["off"]) else []
    asked = {address for o in document["outcomes"] if o["unchecked"] for address in o["addresses"]}
    named = {address for row in document["unchecked"] for address in row["addresses"]}
    if asked != named or summed["unchecked"] != document["unchecked"]:
        problems.append(f"not checked: {asked}, {named} and {summed['unchecked']}")
    for text in (report_text(done), report_markdown(done), summed["message"]):
        found = re.search(r"; (\d+) not checked before the change; ", html.unescape(text))
        problems += (
            [f"{len(asked)} not checked, not in {text!r}"] if int(found[1] if found else 0) != len(asked) else []
        )
    said = ", ".join(f"{count:,} {word}" for word, count in counts.items())
    for text in (report_text(done), report_markdown(done), summed["message"]):
        if said not in html.unescape(text):
            problems.append(f"{said!r} is not in {text!r}")
    return problems


def _events(seen: PlanView, done: ReportView | None) -> list[dict[str, Any]]:
    stream = io.StringIO()
    writer = EventWriter(lambda line: print(line, end="", file=stream))
    writer.planned(seen)
    if done is not None:
        writer.summed_up(done)
    return [json.loads(line) for line in stream.getvalue().splitlines()]
