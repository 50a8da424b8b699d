"""Rows as a table for people, and as CSV for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence

from ecsplan.render.values import clean

Row = Sequence[str]


def table(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Columns as wide as their widest cell; one in which nothing stands is left out. Ends without a newline."""
    cells = [[clean(cell) for cell in row] for row in rows]
    kept = [place for place in range(len(columns)) if any(row[place] for row in cells)]
    lines = [[columns[place].replace("_", " ").upper() for place in kept], *([row[p] for p in kept] for row in cells)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(kept))]
    drawn = ("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
    return "\n".join(drawn)


def csv_text(columns: Sequence[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
