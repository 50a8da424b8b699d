"""Writes the files of this repository that are made from the code: pages, schemas, man page, shell completions.

python -m ecsplan.cli.reference            # in a checkout: write what has changed
python -m ecsplan.cli.reference --check    # name what is stale, and exit with 1
"""

import json
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from ecsplan import engine
from ecsplan.cli.completion import SHELLS, script
from ecsplan.cli.emulate import fault_schema
from ecsplan.cli.manual import commands_page, man_page
from ecsplan.engine.rights import every_right
from ecsplan.engine.schemas import approval_schema, notifications_schema, test_schema
from ecsplan.render.findings import rules_page
from ecsplan.render.json_format import dumped
from ecsplan.render.json_schema import output_schema
from ecsplan.render.reference import covered, kind_page, kinds_page, without_covered
from ecsplan.serve.settings import serve_schema

SHARE = "ecsplan/cli/share"  # installed below `share` of the environment, where man and the shells look
COMPLETIONS = {
    "bash": f"{SHARE}/bash-completion/completions/ecsplan",
    "zsh": f"{SHARE}/zsh/site-functions/_ecsplan",
    "fish": f"{SHARE}/fish/vendor_completions.d/ecsplan.fish",
}


POLICY_PAGE = "docs/operations.md"
COVERED = re.compile(r"(<!-- covered -->\n).*?(?=\n## )", re.DOTALL)
COVERAGE_PAGE = "docs/coverage.md"
POLICY = re.compile(r"(<!-- ram policy -->\n```json\n).*?(```)", re.DOTALL)


def _policy() -> str:
    """A policy for all that ecsplan does, with several actions on a line."""
    policy = every_right()
    (statement,) = policy["Statement"]
    actions = ", ".join(json.dumps(action) for action in statement["Action"])
    lines = textwrap.wrap(actions, 110, break_long_words=False, break_on_hyphens=False)
    body = json.dumps({**policy, "Statement": [{**statement, "Action": ["@"]}]}, indent=2)
    return body.replace('"@"', f"\n{' ' * 8}".join(lines)) + "\n"


def generated(root: Path) -> Iterator[tuple[str, str]]:
    """Each generated file: its path from the root of the checkout, and its text."""
    kinds = engine.kinds()
    yield "docs/reference/kinds/README.md", kinds_page(kinds)
    for name, kind in sorted(kinds.items()):
        example = (root / "examples" / "kinds" / f"{name}.yaml").read_text(encoding="utf-8")
        yield f"docs/reference/kinds/{name}.md", kind_page(kind, example)
    yield "docs/reference/commands.md", commands_page()
    yield "docs/reference/rules.md", rules_page()
    page = (root / POLICY_PAGE).read_text(encoding="utf-8")
    yield POLICY_PAGE, POLICY.sub(lambda found: found[1] + _policy() + found[2], page)
    page = (root / COVERAGE_PAGE).read_text(encoding="utf-8")
    yield COVERAGE_PAGE, without_covered(COVERED.sub(lambda found: found[1] + covered(kinds), page), kinds)
    yield "schemas/stack.schema.json", dumped(engine.stack_schema())
    yield "schemas/plan.schema.json", dumped(engine.plan_schema())
    yield "schemas/policy.schema.json", dumped(engine.policy_schema())
    yield "schemas/serve.schema.json", dumped(serve_schema(tuple(engine.classes())))
    yield "schemas/notifications.schema.json", dumped(notifications_schema())
    yield "schemas/approval.schema.json", dumped(approval_schema())
    yield "schemas/faults.schema.json", dumped(fault_schema())
    yield "schemas/test.schema.json", dumped(test_schema())
    yield "schemas/output.schema.json", dumped(output_schema())
    yield f"{SHARE}/man/man1/ecsplan.1", man_page()
    for shell in SHELLS:
        yield COMPLETIONS[shell], script(shell)


def stale(root: Path) -> Iterator[tuple[Path, str]]:
    """The files that do not have the text that the code makes today, with that text."""
    for name, text in generated(root):
        path = root / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield path, text


def main(arguments: Sequence[str]) -> int:
    root = Path.cwd()
    found = list(stale(root))
    for path, text in found:
        print(f"{'stale' if '--check' in arguments else 'wrote'}: {path.relative_to(root)}")
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if found and "--check" in arguments:
        print("run: python -m ecsplan.cli.reference", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
