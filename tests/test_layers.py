"""The shape of the house: who may import whom, which third party has which door, how large things may grow."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ecsplan"
FILES = sorted(PACKAGE.rglob("*.py"))

STAGES = (
    "config",
    "inventory",
    "planner",
    "access",
    "approval",
    "policy",
    "permissions",
    "executor",
    "api",
    "export",
    "migrate",
    "catalog",
    "power",
    "preflight",
    "pricing",
    "history",
    "gates",
)
MAY_IMPORT = {
    "files": set(),
    "model": set(),
    "kinds": {"model"},
    "schema": {"model"},
    **{stage: {"model", "files", "schema"} for stage in STAGES},
    "executor": {"model", "files", "provider"},
    "provider": {"model", "api", "inventory"},
    "render": {"model"},
    "forge": set(),
    "notify": {"model"},
    "fleet": {"model", "files", "engine", "render"},
    "serve": {"model", "files", "engine", "render", "notify", "approval", "history"},
    "engine": {"model", "files", "schema", "kinds", "provider", "notify", *STAGES},
    "cli": {"model", "files", "engine", "render", "forge", "notify", "serve", "fleet"},
    "emulator": set(),
}
ALSO = {"cli/emulate.py": {"emulator"}, "__init__.py": {"engine", "model"}, "__main__.py": {"cli"}}
DOORS = {
    "msgspec": ("",),  # records are its Structs; the emulator has none of it
    "requests": ("api/transport.py", "forge/http.py", "notify/sending.py"),
    "urllib3": ("api/transport.py",),
    "yaml": ("config/syntax/", "migrate/ros.py", "render/hosts.py"),  # read there, written here
    "hcl2": ("migrate/hcl.py",),
    "lark": ("migrate/hcl.py",),
    "networkx": ("planner/graph.py",),
    "jinja2": (
        "config/expressions/jinja.py",
        "config/expressions/functions.py",
        "render/page/",
        "notify/wording.py",
        "serve/pages.py",
    ),
    "jsonschema": ("schema/validator.py",),
    "click": ("cli/",),
    "prometheus_client": ("serve/metrics.py", "cli/serve.py"),
    "starlette": ("serve/web.py", "cli/serve.py"),
    "distributed": ("cli/fleet.py",),
    "markupsafe": ("serve/pages.py",),
    "uvicorn": ("cli/serve.py",),
    "opentelemetry": ("serve/traces.py",),
    "mcp": ("cli/mcp.py",),
    "pygls": ("cli/language_server.py",),
    "lsprotocol": ("cli/language_server.py",),
    "rich": ("cli/", "render/"),
    "cryptography": ("executor/keys.py",),
    "trustme": ("cli/certificates.py",),
    "sqlalchemy": ("history/postgres.py",),
    "psycopg": ("history/postgres.py",),
    "alibabacloud_credentials": ("api/",),
}
ONLY_TYPES = {"api/connect.py"}
READ_THE_ENVIRONMENT = ("cli/", "engine/__init__.py", "engine/options.py", "fleet/work.py")  # on a worker
ROOMS = ("syntax", "expressions", "resources", "")  # of config/, from the lowest to what stands in config/ itself
ACTIONS_BY_NAME = {
    "caller.py": "whoami is about the key, not about a stack",
    "examining.py": "doctor asks the account itself what it may do",
    "locking.py": "which refusal says that the key may not lock",
    "sealing.py": "what is asked for in vain where there are no credentials",
    "permitting.py": "the actions that a policy has to allow",
    "preflighting.py": "the reads that one look makes for all",
    "rights.py": "the actions that a policy has to allow",
}
LINES_OF_A_FILE, LINES_OF_A_FUNCTION = 400, 60


@dataclass(frozen=True)
class Import:
    path: str
    module: str
    line: int
    for_types: bool

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.module}"


def _type_checking_lines(tree: ast.Module) -> set[int]:
    blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    return {line for block in blocks for line in range(block.lineno, (block.end_lineno or 0) + 1)}


def imports_of(path: Path, text: str) -> Iterator[Import]:
    tree = ast.parse(text)
    typed = _type_checking_lines(tree)
    shown = path.relative_to(PACKAGE).as_posix()
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{shown}:{node.lineno} imports relatively"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = whole if node.module == "ecsplan" else [node.module or ""]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "import_module" and node.args:
            names = [node.args[0].value] if isinstance(node.args[0], ast.Constant) else []
        yield from (Import(shown, name, node.lineno, node.lineno in typed) for name in names)


EVERY = [found for path in FILES for found in imports_of(path, path.read_text(encoding="utf-8"))]


def folder_of(path: str) -> str:
    return path.partition("/")[0]


def may(found: Import) -> bool:
    target = found.module.split(".")[1]
    folder = folder_of(found.path)
    return target in (folder, "__version__") or target in MAY_IMPORT.get(folder, set()) | ALSO.get(found.path, set())


def test_no_stage_imports_another():
    wrong = [str(found) for found in EVERY if found.module.startswith("ecsplan.") and not may(found)]
    assert not wrong


def test_the_engine_names_no_action():
    """It speaks to the cloud through the provider's protocol; `ACTIONS_BY_NAME` says who may, and why."""
    action = re.compile(
        r'"(?:Describe|Run|Create|Modify|Delete|Start|Stop|Reboot|Attach|Detach|Tag|Un[Tt]ag|List|Allocate|Associate|'
        r'Import|ReInit|Reset|Get)[A-Z][A-Za-z]+"'
    )
    naming = {path.name for path in (PACKAGE / "engine").glob("*.py") if action.search(path.read_text("utf-8"))}
    assert naming == set(ACTIONS_BY_NAME)


def test_the_rooms_of_config_import_only_downward():
    wrong = []
    for found in EVERY:
        if found.path.startswith("config/") and found.module.startswith("ecsplan.config."):
            here, there = found.path.split("/")[1], found.module.split(".")[2]
            if ROOMS.index(there if there in ROOMS else "") > ROOMS.index(here if here in ROOMS else ""):
                wrong.append(str(found))
    assert not wrong


def test_the_engine_alone_opens_a_provider():
    """The stages that speak to one know its protocol, and are given it."""
    openers = {folder_of(found.path) for found in EVERY if found.module.startswith("ecsplan.provider.alibaba")}
    assert openers == {"engine"}


def test_every_folder_has_its_place_in_the_table():
    assert {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()} == set(MAY_IMPORT)


@pytest.mark.parametrize("library", sorted(DOORS))
def test_each_third_party_has_one_door(library: str):
    wrong = [
        str(found)
        for found in EVERY
        if found.module.partition(".")[0] == library and not found.path.startswith(DOORS[library])
    ]
    assert not wrong


def test_a_door_for_types_only_opens_to_nothing_else():
    wrong = [f for f in EVERY if f.path in ONLY_TYPES and f.module.partition(".")[0] in DOORS and not f.for_types]
    assert not wrong


def test_the_emulator_needs_nothing_but_the_standard_library():
    import sys

    foreign = {f.module.partition(".")[0] for f in EVERY if folder_of(f.path) == "emulator"} - {"ecsplan"}
    assert foreign <= sys.stdlib_module_names


def test_every_third_party_is_known_here():
    import sys

    everywhere = {found.module.partition(".")[0] for found in EVERY} - {"ecsplan"}
    assert everywhere - set(sys.stdlib_module_names) <= set(DOORS)


def test_the_environment_is_read_at_the_edges_only():
    readers = {
        path.relative_to(PACKAGE).as_posix()
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
    }
    assert {path for path in readers if not path.startswith(READ_THE_ENVIRONMENT)} == set()


def writes_of(path: Path, text: str) -> Iterator[str]:
    """Where words leave the process: `print`, click's own, a write to a standard stream, a console."""
    shown = path.relative_to(PACKAGE).as_posix()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and (
            ast.unparse(node.func) in ("print", "input", "Console")
            or (
                isinstance(node.func, ast.Attribute) and node.func.attr in ("echo", "secho", "echo_via_pager", "prompt")
            )
            or ast.unparse(node.func)
            in ("sys.stdout.write", "sys.stderr.write", "sys.stdout.buffer.write", "error.show")
        ):
            yield f"{shown}:{node.lineno} {ast.unparse(node)}"


@pytest.mark.door("output")
def test_words_leave_by_one_door():
    """So that all of them are made harmless; the live display cleans its lines by the same function.

    cli/reference.py writes the pages of this repository, and is no command.
    """
    found = [where for path in FILES for where in writes_of(path, path.read_text(encoding="utf-8"))]
    others = [where for where in found if not where.startswith(("emulator/", "cli/output.py", "cli/reference.py"))]
    console = [where for where in others if where.startswith("cli/progress.py") and "Console(stderr=True" in where]
    usage = [where for where in others if where.endswith("error.show(usage)")]
    assert set(others) == {*console, *usage}
    assert len(console) == len(usage) == 1
    assert list(writes_of(PACKAGE / "cli" / "plan.py", "print(x)"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_file_and_no_function_grows_too_long(path: Path):
    text = path.read_text(encoding="utf-8")
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= LINES_OF_A_FUNCTION]
    assert text.count("\n") <= LINES_OF_A_FILE
    assert not long


def test_an_import_that_breaks_the_star_is_found():
    found = next(imports_of(PACKAGE / "planner" / "diff.py", "from ecsplan.executor.run import run"))
    assert not may(found)


TOP_LEVEL = {
    "pyproject.toml", "README.md", "README.zh.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE",
    "ecsplan", "schemas", "examples", "tests", "docs",
}  # fmt: skip


def test_nothing_else_stands_at_the_top_level():
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines() if line]
    there = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert {name for name in there if not any(fnmatch(name, pattern) for pattern in ignored)} == TOP_LEVEL
