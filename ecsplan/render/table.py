"""Rows as a table for people, and as CSV for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence

from ecsplan.render.cells import cells, padded
from ecsplan.render.values import clean

Row = Sequence[str]


def table(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Columns as wide as their widest cell; one in which nothing stands is left out. Ends without a newline."""
    cleaned = [[clean(cell) for cell in row] for row in rows]
    kept = [place for place in range(len(columns)) if any(row[place] for row in cleaned)]
    head = [columns[place].replace("_", " ").upper() for place in kept]
    lines = [head, *([row[place] for place in kept] for row in cleaned)]
    widths = [max(map(cells, column)) for column in zip(*lines, strict=True)]
    drawn = ("  ".join(map(padded, line, widths)).rstrip() for line in lines)
    return "\n".join(drawn)


def csv_text(columns: Sequence[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
