"""Tables as text: what is written is read again, by whoever reads CSV."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from volseg.io.tables import csv_text

WORDS = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=5)


@given(
    st.lists(st.lists(WORDS, min_size=2, max_size=2), min_size=1), st.sampled_from(["\n", "\r\n"])
)
def test_cells_are_read_as_they_were_written(rows: list[list[str]], end: str) -> None:
    text = csv_text(["a", "b"], rows, end)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["a", "b"], *rows]


def test_what_is_missing_is_empty_and_lines_end_as_asked() -> None:
    assert csv_text("ab", [(1, None), (0.5, "x,y")], "\r\n") == 'a,b\r\n1,\r\n0.5,"x,y"\r\n'
