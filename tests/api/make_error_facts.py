"""Makes error_facts.json from tables of documented error codes: `make_error_facts.py DOCUMENTED TERRAFORM SEEN`.

Kept are facts: action, code, HTTP status, and what the message of the documents says in one word of `SAYS`. No text of
the documents is copied. The provider's table gives what it does on a code, by action. Rows that are no error codes
(fields of answers in the same tables, with a "status" below 200 or a type for a message) are left out and counted.
"""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

# The first that fits says what the words of a message mean. Written for the words alone: the code is not looked at.
SAYS = (
    ("dry run", r"dryrun"),
    ("slow", r"(too|so) many requests|request(s)? within|throttling|flow control"),
    ("again", r"internal error|unknown error|temporar(il)?y (failure|unavailable)|inner service|in resource control"),
    ("processing", r"(token|idempotent|order)\S* .*still processing|token request is processing|idempotent request"),
    (
        "wait",
        r"try again later|retry after|not (been )?completed|is not ready|not finished|in process|being c|is creating"
        r"|is upgrading|transferring|current .*(status|state)|status of .*(not support|invalid)|conflict with a previo"
        r"|has been creating|too frequent|incorrectdiskstatus|still (attached|instance)|current (eip|vpc|status)"
        r"|conflicted",
    ),
    ("capacity", r"balance|outstanding payment|unpaid|overdue|arrears|quota|maximum number|(exceed|reach)|no room"),
    (
        "capacity",
        r"out of usage|suspended|no longer offered|not enough|enough (resource|private)"
        r"|other (resource )?(types|zones)",
    ),
    ("capacity", r"not available (for purchase|in this region)|not granted to you to buy|vlan has not|does not offer"),
    ("absent", r"not exist|not found|can ?not be found|has been (released|deleted)|not .*in our records"),
    ("denied", r"not authorized|not permission|no authority|privilege|unauthorized|have permission"),
)


def says(message: str, status: int) -> str:
    """One word for a message; `silent` where it holds a mere placeholder."""
    text = message.lower()
    if not text or re.fullmatch(r"[%?]s|", text):
        return "silent"
    found = next((word for word, pattern in SAYS if re.search(pattern, text)), "refused")
    return "again" if found == "refused" and status >= 500 else found


def documented(rows: list[dict[str, Any]]) -> tuple[list[list[Any]], int]:
    """[code, status, word, actions] for each, and how many rows were no errors."""
    grouped: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    dropped = 0
    for row in rows:
        if row["status"] < 400 or "|" in row["message"] or row["message"] in ("String", "Integer"):
            dropped += 1
            continue
        grouped[row["code"], row["status"], says(row["message"], row["status"])].append(row["action"])
    return [[code, status, word, sorted(actions)] for (code, status, word), actions in sorted(grouped.items())], dropped


def provider(rows: list[dict[str, Any]]) -> list[list[Any]]:
    """[treatment, code, actions]: what the provider does."""
    grouped: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        for code in row["codes"]:
            if row["treatment"] and row["action"] and re.fullmatch(r"[\w.]+", code):
                grouped[row["treatment"], code].add(row["action"])
    return [[treatment, code, sorted(actions)] for (treatment, code), actions in sorted(grouped.items())]


def main(paths: list[str]) -> None:
    tables = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
    documents, dropped = documented(tables[0])
    seen = sorted({(row["action"].split()[0], row["code"], row["status"] or 0) for row in tables[2]})
    facts = {
        "rows": len(tables[0]),
        "no errors": dropped,
        "documented": documents,
        "provider": provider(tables[1]),
        "seen": seen,
    }
    lines = [f"{json.dumps(name)}: {_spread(value)}" for name, value in facts.items()]
    Path(__file__).with_name("error_facts.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _spread(value: Any) -> str:
    if not isinstance(value, list):
        return json.dumps(value)
    return "[\n" + ",\n".join(json.dumps(row) for row in value) + "\n]"


if __name__ == "__main__":
    main(sys.argv[1:])
