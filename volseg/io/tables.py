"""Tables as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable


def csv_text(header: Iterable[object], rows: Iterable[Iterable[object]], end: str = "\n") -> str:
    """A table as CSV, None and what is empty as nothing.

    Args:
        header: names of the columns.
        rows: a value a column each.
        end: what ends a line.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows([header, *rows])
    return text.getvalue()
