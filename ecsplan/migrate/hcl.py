"""Reads a folder of `.tf` and `.tf.json` files, with the modules in folders below it. Needs python-hcl2."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ecsplan.files.opening import BadFile, read_regular
from ecsplan.migrate.code import Code, Declared
from ecsplan.model.diagnostic import Diagnostic, Rejected, SourceRange
from ecsplan.model.migration import Note

MOST_BYTES = 4 << 20
MOST_MODULES = 200
_MISSING = "install it: pip install 'ecsplan[migrate]'"
_RESOURCE = re.compile(r'^\s*resource\s+"(?P<type>[^"]+)"\s+"(?P<name>[^"]+)"', re.MULTILINE)


def read_code(folder: str) -> Code:
    """Raises Rejected with file, line and column for what is no HCL."""
    root = Path(folder)
    if not root.is_dir():
        raise Rejected([Diagnostic(f"{folder} is not a folder", "give the folder of the .tf files")])
    code = Code()
    waiting: list[tuple[tuple[str, ...], Path]] = [((), root)]
    for number, (path, where) in enumerate(waiting):  # grows as modules are found
        if number > MOST_MODULES:
            raise Rejected([Diagnostic(f"{folder} has more than {MOST_MODULES} modules", "leave out --code")])
        for file in sorted([*where.glob("*.tf"), *where.glob("*.tf.json")]):
            text = _text_of(file)
            blocks = _blocks_of(text, file)
            _take(code, path, blocks, file.name, _lines(text))
            waiting += _modules(code, path, blocks, file, root)
    return code


def _text_of(file: Path) -> str:
    try:
        return read_regular(str(file), MOST_BYTES).decode("utf-8")
    except BadFile as bad:
        raise Rejected([Diagnostic(f"{file} {bad.reason}")]) from None
    except UnicodeDecodeError:
        raise Rejected([Diagnostic(f"{file} is not UTF-8 text")]) from None


def _blocks_of(text: str, file: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if file.suffix == ".json" else _parsed(text, file)
    except RecursionError:
        raise Rejected([Diagnostic(f"{file}: nested too deeply")]) from None
    except ValueError as error:
        raise Rejected([Diagnostic(f"{file} is not JSON: {error}")]) from None
    return found if isinstance(found, dict) else {}


def _parsed(text: str, file: Path) -> Any:
    try:
        import hcl2
        from lark.exceptions import LarkError
    except ImportError:
        raise Rejected([Diagnostic("--code needs the package python-hcl2", _MISSING)]) from None
    try:
        return _plain(hcl2.loads(text if text.endswith("\n") else text + "\n"))
    except LarkError as error:
        line, column = getattr(error, "line", None), getattr(error, "column", None)
        place = SourceRange(str(file), line, column) if isinstance(line, int) and isinstance(column, int) else None
        where = "" if place else f"{file}: "
        raise Rejected([Diagnostic(f"{where}not HCL", "terraform validate says more", place)]) from None


def _plain(value: Any) -> Any:
    """Without the quotes that the library leaves around strings and labels, and without its own marks."""
    if isinstance(value, dict):
        return {_unquoted(key): _plain(item) for key, item in value.items() if key != "__is_block__"}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _unquoted(value)


def _unquoted(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value


def _take(
    code: Code, path: tuple[str, ...], blocks: Mapping[str, Any], file: str, lines: Mapping[tuple[str, str], int]
) -> None:
    for labels, body in _labelled(blocks.get("resource"), 2):
        line = lines.get((labels[0], labels[1]), 1)
        code.resources.setdefault((path, labels[0], labels[1]), Declared(body, f"{file}:{line}"))
    if path:
        return
    for labels, body in _labelled(blocks.get("variable"), 1):
        code.variables.setdefault(labels[0], body)
    for _, body in _labelled(blocks.get("moved"), 0):
        before, after = body.get("from"), body.get("to")
        if isinstance(before, str) and isinstance(after, str):
            code.moved.append((_address(before), _address(after)))
    for _, body in _labelled(blocks.get("removed"), 0):
        if isinstance(body.get("from"), str):
            code.removed.append(_address(body["from"]))
    for labels, body in _labelled(blocks.get("output"), 1):
        code.outputs.setdefault(labels[0], body)


def _lines(text: str) -> dict[tuple[str, str], int]:
    return {(m["type"], m["name"]): text.count("\n", 0, m.start("type")) + 1 for m in _RESOURCE.finditer(text)}


def _address(text: str) -> str:
    return text.removeprefix("${").removesuffix("}").strip()


def _labelled(value: Any, depth: int) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Blocks with their labels: a list of blocks in HCL, in JSON also a mapping."""
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, Mapping):
            continue
        if depth == 0:
            yield (), one
            continue
        for label, inner in one.items():
            for labels, body in _labelled(inner, depth - 1):
                yield (str(label), *labels), body


def _modules(
    code: Code, path: tuple[str, ...], blocks: Mapping[str, Any], file: Path, root: Path
) -> Iterator[tuple[tuple[str, ...], Path]]:
    for labels, body in _labelled(blocks.get("module"), 1):
        source = body.get("source")
        where = (
            (file.parent / source).resolve() if isinstance(source, str) and source.startswith(("./", "../")) else None
        )
        if where is None or not where.is_dir() or len(path) > 8:
            code.notes.append(Note(f"module.{labels[0]}", f"its code is not read ({source})"))
        elif root.resolve() not in (where, *where.parents):
            code.notes.append(Note(f"module.{labels[0]}", f"its code lies outside of --code ({source})"))
        else:
            yield (*path, labels[0]), where
