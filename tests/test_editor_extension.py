"""The extension of VS Code in examples/editors: it starts what the command line has."""

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

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


NODE, VSCE = shutil.which("node"), shutil.which("vsce")
FAKES = """\
const Module = require("module"), load = Module._load;
const settings = {command: "/opt/ecsplan", plan: "p.json", completion: "references"};
const seen = [];
class LanguageClient {
  constructor(id, server, client) { seen.push(id, server, client.initializationOptions); }
  start() { seen.push("started"); return Promise.resolve(); }
  stop() { seen.push("stopped"); }
}
Module._load = (name, ...more) =>
  name === "vscode" ? {workspace: {getConfiguration: () => ({get: (key) => settings[key]})}} :
  name === "vscode-languageclient/node" ? {LanguageClient} : load(name, ...more);
const extension = require(process.argv[1]);
extension.activate().then(() => { extension.deactivate(); console.log(JSON.stringify(seen)); });
"""


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_the_extension_starts_and_stops_what_the_settings_name() -> None:
    ran = subprocess.run(
        [NODE or "", "-e", FAKES, str(FOLDER / "extension.js")], capture_output=True, text=True, check=True
    )
    options = {"plan": "p.json", "completion": "references"}
    server = {"command": "/opt/ecsplan", "args": ["lsp"]}
    assert json.loads(ran.stdout) == ["ecsplan", server, options, "started", "stopped"]


@pytest.mark.skipif(VSCE is None, reason="vsce is not installed: npm install --global @vscode/vsce")
def test_the_extension_packages(tmp_path: Path) -> None:
    """Without what it depends on, which comes from a registry: see docs/editors.md."""
    folder = tmp_path / "vscode"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("node_modules"))
    command = [VSCE or "", "package", "--no-dependencies", "--out", "made.vsix"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0 and "WARNING" not in ran.stderr, ran.stdout + ran.stderr
    with zipfile.ZipFile(folder / "made.vsix") as made:
        names = {name.lower() for name in made.namelist()}
        assert made.read("extension/extension.js") == (FOLDER / "extension.js").read_bytes()
        manifest = made.read("extension.vsixmanifest").decode()
    assert {"extension/package.json", "extension/readme.md", "[content_types].xml"} <= names
    assert not any("node_modules" in name for name in names)
    assert 'Id="ecsplan" Version="0.1.0" Publisher="ecsplan"' in manifest
