"""Our folder beside a stack, for the journal, the emulator's account and the editor's schema."""

from pathlib import Path


def ignored_folder(folder: Path) -> None:
    """Makes the folder, which keeps itself out of git."""
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
