"""Columns of text counted in cells of a terminal: a Chinese character takes two, a combining mark none."""


def cells(text: str) -> int:
    """The width of a text on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def padded(text: str, width: int) -> str:
    """The text with spaces behind it, `width` cells wide; a wider one as it is."""
    return text + " " * (width - cells(text))
