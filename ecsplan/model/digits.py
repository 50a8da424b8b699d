"""Whole numbers in text that comes from outside. To Python `²` is a digit, and `int` refuses it."""


def whole_number(text: str, most: int = 18) -> int | None:
    """The number that a text of at most `most` ASCII digits spells; None for any other text."""
    return int(text) if 0 < len(text) <= most and text.isascii() and text.isdigit() else None
