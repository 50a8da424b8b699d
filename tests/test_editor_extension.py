"""The extension of VS Code in examples/editors: it starts what the command line has."""

import json
from pathlib import Path

from ecsplan.cli.main import COMMANDS

FOLDER = Path(__file__).parent.parent / "examples" / "editors" / "vscode"


def test_the_extension_starts_the_language_server() -> None:
    package = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    script = (FOLDER / package["main"]).read_text(encoding="utf-8")
    assert 'args: ["lsp"]' in script and "lsp" in COMMANDS
    assert package["contributes"]["configuration"]["properties"]["ecsplan.command"]["default"] == "ecsplan"
    assert package["capabilities"]["untrustedWorkspaces"]["supported"] is False
    for name in ("ecsplan.command", "ecsplan.plan"):
        assert f'settings.get("{name.partition(".")[2]}")' in script
